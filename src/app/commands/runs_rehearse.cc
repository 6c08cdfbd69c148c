// Recorded runs against changed flows: reads the store's file, sends nothing.
#include <ostream>
#include <utility>

#include "app/commands/runs.h"
#include "app/commands/store_view.h"
#include "app/flows/flow_set.h"
#include "app/flows/run_document.h"
#include "flow/testing/rehearsal.h"

namespace linkspan::app {

namespace {

struct Counts {
  std::size_t same = 0;
  std::size_t differ = 0;
  std::size_t failed = 0;
};

void rehearse_run(const std::string& id, const store::StoredRun& stored, const FlowSet& flows, Counts& counts,
                  const Output& output) {
  Result<flow::RecordedRun> run = flow::read_recorded_run(id, stored);
  Result<flow::Rehearsed> told = run ? flow::rehearse(*run, *flows.plans, flows.catalog)
                                     : Result<flow::Rehearsed>(std::move(run).error());
  output.out << id << " " << stored.row.flow << ": ";
  if (!told) {
    ++counts.failed;
    output.out << "could not be rehearsed\n  " << told.error().to_string() << '\n';
    return;
  }
  ++(told->differs ? counts.differ : counts.same);
  output.out << (told->differs ? "differs" : "the same") << '\n';
  for (const std::string& line : told->lines) output.out << "  " << line << '\n';
}

std::optional<std::vector<std::string>> find_ids(const RehearseOptions& options, const FlowSet& flows,
                                                 StoreView& view, const Output& output) {
  if (!options.runs.empty()) return options.runs;
  store::RunFilter filter;
  filter.limit = options.limit;
  filter.flow = options.only;
  if (!read_status_filter(options.status, filter, output)) return std::nullopt;
  if (!options.before.empty()) {
    filter.before = parse_run_id(view.id(), options.before).value_or(0);
    if (filter.before == 0) {
      output.err << "linkspan: \"" << options.before << "\" is no run of this store\n";
      return std::nullopt;
    }
  }
  Result<std::vector<store::RunRow>> rows = view.reader().list(filter);
  if (!rows) {
    output.err << "linkspan: " << rows.error().to_string() << '\n';
    return std::nullopt;
  }
  std::vector<std::string> ids;
  for (const store::RunRow& row : *rows) {
    if (flows.plans->plans.contains(row.flow)) ids.push_back(run_id(view.id(), row.run));
  }
  return ids;
}

}  // namespace

int runs_rehearse_command(const RehearseOptions& options, const Output& output) {
  const config::LoadResult changed = load_or_report(options.changed, output);
  if (!changed.ok()) return kExitUsage;
  const auto flows = build_flow_set(changed.config);
  if (!flows) {
    report_build_error(flows.error(), *changed.config, output);
    return kExitUsage;
  }
  if (!options.only.empty() && !(*flows)->plans->plans.contains(options.only)) {
    output.err << "linkspan: " << options.changed << " has no flow " << options.only << '\n';
    return kExitUsage;
  }
  int code = kExitOk;
  std::optional<StoreView> view = open_store_or_say(options.config_path, output, code);
  if (!view) return code;
  const std::optional<std::vector<std::string>> ids = find_ids(options, **flows, *view, output);
  if (!ids) return kExitUsage;
  Counts counts;
  for (const std::string& id : *ids) {
    Result<store::StoredRun> stored = view->read(id);
    if (!stored) {
      output.err << "linkspan: " << stored.error().to_string() << '\n';
      return kExitFailed;
    }
    rehearse_run(id, *stored, **flows, counts, output);
  }
  output.out << ids->size() << (ids->size() == 1 ? " run" : " runs") << " rehearsed: " << counts.same
             << " the same, " << counts.differ << (counts.differ == 1 ? " differs" : " differ");
  if (counts.failed > 0) output.out << ", " << counts.failed << " could not be";
  output.out << "; nothing was sent\n";
  return counts.differ + counts.failed == 0 ? kExitOk : kExitProblems;
}

}  // namespace linkspan::app
