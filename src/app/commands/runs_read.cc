// The commands that read runs out of the store's file.
#include <algorithm>
#include <chrono>
#include <ostream>
#include <thread>

#include "app/commands/runs.h"
#include "app/commands/store_view.h"
#include "app/flows/run_document.h"
#include "app/flows/run_timeline.h"
#include "data/json_write.h"
#include "flow/run/run_state.h"

namespace linkspan::app {

namespace {

constexpr auto kWatchEvery = std::chrono::milliseconds(500);

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

bool fill_filter(const RunsOptions& options, const StoreView& view, store::RunFilter& filter,
                 const Output& output) {
  filter.flow = options.flow;
  filter.limit = options.limit;
  if (!read_status_filter(options.status, filter, output)) return false;
  if (options.before.empty()) return true;
  filter.before = parse_run_id(view.id(), options.before).value_or(0);
  if (filter.before == 0) output.err << "linkspan: \"" << options.before << "\" is no run of this store\n";
  return filter.before != 0;
}

void print_rows(const std::vector<store::RunRow>& rows, const StoreView& view, std::ostream& out) {
  std::size_t id_width = 3;
  std::size_t flow_width = 4;
  for (const store::RunRow& row : rows) {
    id_width = std::max(id_width, run_id(view.id(), row.run).size());
    flow_width = std::max(flow_width, row.flow.size());
  }
  out << padded("RUN", id_width) << "  " << padded("FLOW", flow_width)
      << "  STATUS     STARTED                      WHY\n";
  for (const store::RunRow& row : rows) {
    out << padded(run_id(view.id(), row.run), id_width) << "  " << padded(row.flow, flow_width) << "  "
        << padded(std::string(flow::to_string(static_cast<flow::RunStatus>(row.state))), 9) << "  "
        << time_text(row.started_at) << (row.reason.empty() ? "" : "  ") << row.reason << '\n';
  }
}

WallNs now() {
  return RealClock().wall_ns();
}

int report(const Error& error, const Output& output) {
  output.err << "linkspan: " << error.to_string() << '\n';
  return kExitProblems;
}

}  // namespace

bool read_status_filter(const std::string& status, store::RunFilter& filter, const Output& output) {
  flow::RunStatus state{};
  if (status == "open") {
    filter.open = true;
  } else if (!status.empty() && flow::parse_run_status(status, state)) {
    filter.state = static_cast<std::uint8_t>(state);
  } else if (!status.empty()) {
    output.err
        << "linkspan: --status takes open, queued, running, waiting, parked, undoing, completed, undone or "
           "cancelled\n";
    return false;
  }
  return true;
}

int runs_list_command(const RunsOptions& options, const Output& output) {
  int code = kExitOk;
  std::optional<StoreView> view = open_store_or_say(options.config_path, output, code);
  if (!view) return code;
  store::RunFilter filter;
  if (!fill_filter(options, *view, filter, output)) return kExitUsage;
  Result<std::vector<store::RunRow>> rows = view->reader().list(filter);
  if (!rows) return report(rows.error(), output);
  if (!options.json) {
    print_rows(*rows, *view, output.out);
    return kExitOk;
  }
  data::JsonArrayBuilder runs;
  for (const store::RunRow& row : *rows) runs.add(row_document(run_id(view->id(), row.run), row));
  output.out << data::write_json(runs.build(), {.indent = 2}) << '\n';
  return kExitOk;
}

int runs_show_command(const RunsOptions& options, const Output& output) {
  int code = kExitOk;
  std::optional<StoreView> view = open_store_or_say(options.config_path, output, code);
  if (!view) return code;
  Result<store::StoredRun> run = view->read(options.run);
  if (!run) return report(run.error(), output);
  if (options.json) {
    output.out << data::write_json(run_document(options.run, *run), {.indent = 2}) << '\n';
  } else {
    output.out << render_timeline(options.run, *run, view->approvals(), now());
  }
  return kExitOk;
}

int runs_watch_command(const RunsOptions& options, const Output& output) {
  int code = kExitOk;
  std::optional<StoreView> view = open_store_or_say(options.config_path, output, code);
  if (!view) return code;
  std::size_t shown = 0;
  while (true) {
    Result<store::StoredRun> run = view->read(options.run);
    if (!run) return report(run.error(), output);
    output.out << (shown == 0 ? render_timeline(options.run, *run, view->approvals(), now())
                              : render_records(*run, shown))
               << std::flush;
    shown = run->records.size();
    if (!run->row.open) {
      const auto status = static_cast<flow::RunStatus>(run->row.state);
      return status == flow::RunStatus::completed ? kExitOk : kExitProblems;
    }
    if (!output.out) return kExitFailed;
    std::this_thread::sleep_for(kWatchEvery);
  }
}

}  // namespace linkspan::app
