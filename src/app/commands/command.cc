#include "app/commands/command.h"

#include <ostream>

namespace linkspan::app {

config::LoadResult load_or_report(const std::string& path, const Output& output) {
  config::LoadResult loaded = config::load_path(path, config::system_sources());
  for (const config::Problem& problem : loaded.problems) output.err << to_string(problem) << '\n';
  const bool is_missing = !loaded.ok() && loaded.problems.size() == 1 && loaded.problems.front().line == 0;
  if (is_missing && path == kDefaultConfigPath) output.err << "linkspan: name another config with -c FILE\n";
  return loaded;
}

void report_build_error(const Error& error, const config::Config& config, const Output& output) {
  const std::string& detail = error.detail();
  bool is_placed = detail.find('\n') != std::string::npos;  // several problems, each with its place
  for (const std::string& file : config.files) is_placed = is_placed || detail.starts_with(file + ":");
  if (!is_placed) output.err << config.files.front() << ": ";
  output.err << detail << '\n';
}

}  // namespace linkspan::app
