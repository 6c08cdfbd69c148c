#include <ostream>

#include "app/commands/runs.h"
#include "base/units.h"
#include "store/maintenance.h"

namespace linkspan::app {

namespace {

// Empty if there is none, which is said.
std::string store_path_or_say(const std::string& config_path, const Output& output) {
  const config::LoadResult loaded = load_or_report(config_path, output);
  if (!loaded.ok()) return {};
  if (loaded.config->store) return loaded.config->store->path;
  output.err << "linkspan: the config has no flows, and no store\n";
  return {};
}

int finish(const Result<void>& outcome, const std::string& said, const Output& output) {
  if (!outcome) {
    output.err << "linkspan: " << outcome.error().to_string() << '\n';
    return kExitFailed;
  }
  output.out << said << '\n';
  return kExitOk;
}

}  // namespace

int store_backup_command(const StoreOptions& options, const Output& output) {
  const std::string path = store_path_or_say(options.config_path, output);
  if (path.empty()) return kExitProblems;
  return finish(store::backup_store(path, options.to), path + " copied to " + options.to, output);
}

int store_check_command(const StoreOptions& options, const Output& output) {
  const std::string path = store_path_or_say(options.config_path, output);
  if (path.empty()) return kExitProblems;
  const Result<store::StoreReport> report = store::check_store(path);
  if (!report) return finish(Error(report.error().kind(), report.error().detail()), {}, output);
  for (const std::string& problem : report->problems) output.err << path << ": " << problem << '\n';
  output.out << path << ": " << (report->healthy() ? "ok" : "damaged") << " (" << report->runs << " runs, "
             << report->open_runs << " of them open, " << report->records << " records, "
             << format_bytes({report->bytes}) << ", " << format_bytes({report->free_bytes})
             << " of them unused)\n";
  return report->healthy() ? kExitOk : kExitProblems;
}

int store_vacuum_command(const StoreOptions& options, const Output& output) {
  const std::string path = store_path_or_say(options.config_path, output);
  if (path.empty()) return kExitProblems;
  return finish(store::vacuum_store(path), path + ": written anew", output);
}

}  // namespace linkspan::app
