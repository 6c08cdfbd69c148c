#include "flow/testing/test_run.h"

#include "base/error_kinds.h"

namespace linkspan::flow {

namespace {

constexpr WallNs kStart = 1'767'225'600 * kNsPerSecond;  // 2026-01-01T00:00:00Z
constexpr WallNs kEnd = kStart + std::int64_t{100} * 366 * 24 * 3600 * kNsPerSecond;
constexpr int kMaxRounds = 1'000'000;

// "charge: done, crm: intent".
std::string describe(const std::string& row) {
  std::string text;
  const Result<std::vector<Record>> records = parse_records(row);
  if (!records) return text;
  for (const Record& record : *records) {
    if (!text.empty()) text += ", ";
    if (!record.step.empty()) text += record.step + ": ";
    text += to_string(record.kind);
  }
  return text;
}

void add_parked(const Step& step, const StepState& state, std::vector<std::string>& parked) {
  for (const Task& task : state.tasks) {
    if (task.undo == Task::Undo::parked) {
      parked.push_back("undo of " + step.name);
    } else if (task.phase == Task::Phase::parked) {
      parked.push_back(step.name);
    }
  }
}

}  // namespace

TestRun::TestRun(Parts parts)
    : parts_(std::move(parts)),
      systems_(parts_.test, *parts_.plans, parts_.catalog),
      simulated_({.answer = [this](const Outgoing& request) { return systems_.take(request); },
                  .old_plans =
                      [](const std::string&) {
                        return Error(errors::store_invalid, "there is one version of each flow in a test");
                      },
                  .seed = parts_.seed,
                  .started_at = kStart}) {}

Result<void> TestRun::drive(std::optional<std::size_t> kill_at) {
  kill_at_ = kill_at;
  Result<void> begun = simulated_.begin(parts_.plans);
  if (!begun) return begun;
  Result<void> started = start();
  if (!started) return started;
  for (int rounds = 0; rounds < kMaxRounds; ++rounds) {
    Result<bool> did = do_next();
    if (!did) return std::move(did).error();
    if (*did) continue;
    if (is_at_rest() || !simulated_.jump(kEnd)) return {};
  }
  return Error(errors::flow_failed, "the run never comes to rest");
}

Result<void> TestRun::start() {
  StartRequest request;
  request.flow = parts_.flow;
  request.input = parts_.input;
  request.trigger = "test";
  std::optional<Error> refused;
  simulated_.engine().start(std::move(request), [&](StartOutcome outcome) {
    refused = std::move(outcome.error);
    run_ = outcome.run;
  });
  while (run_ == 0 && !refused && simulated_.store().queued() > 0) {
    Result<bool> did = write_next();
    if (!did) return std::move(did).error();
  }
  if (refused) return *std::move(refused);
  return {};
}

Result<void> TestRun::restart() {
  kill_at_.reset();
  simulated_.kill();
  return simulated_.begin(parts_.plans);
}

Result<bool> TestRun::do_next() {
  simulated_.engine().wake();
  if (simulated_.store().queued() > 0) return write_next();
  if (simulated_.caller().waiting() > 0) return call_next();
  return false;
}

Result<bool> TestRun::write_next() {
  simulated_.store().pump(1);
  for (const auto& [run, rows] : simulated_.store().state().journals) {
    std::size_t& known = journal_rows_[run];
    if (known == rows.size()) continue;
    known = rows.size();
    std::string point = "after the journal had \"" + describe(rows.rbegin()->second) + "\"";
    if (!reach(std::move(point))) continue;
    run_ = run_ == 0 ? run : run_;
    Result<void> again = restart();
    if (!again) return std::move(again).error();
    break;
  }
  return true;
}

Result<bool> TestRun::call_next() {
  const Outgoing& next = simulated_.caller().request(0);
  const std::string name = next.api + "." + next.operation;
  bool dies = reach("before " + name + " was sent");
  if (!dies && reach("after " + name + " was done, its answer lost")) {
    simulated_.caller().serve(0, true);
    systems_.lose_answer();
    dies = true;
  }
  if (!dies) {
    simulated_.caller().serve(0);
    return true;
  }
  Result<void> again = restart();
  if (!again) return std::move(again).error();
  return true;
}

bool TestRun::reach(std::string point) {
  const std::size_t number = points_.size();
  points_.push_back(std::move(point));
  return kill_at_ && *kill_at_ == number;
}

// A test that expects the run to wait for somebody is over when it does: else time would go on to the end of
// his patience.
bool TestRun::is_at_rest() {
  if (parts_.test.expect.status != "waiting") return false;
  const auto row = simulated_.store().state().runs.find(run_);
  if (row == simulated_.store().state().runs.end()) return false;
  if (static_cast<RunStatus>(row->second.state) != RunStatus::waiting) return false;
  for (const std::string& key : row->second.waits) {
    if (!key.starts_with("run:")) return true;
  }
  return false;
}

Result<RunOutcome> TestRun::outcome() {
  Result<store::StoredRun> stored = simulated_.store().read(run_);
  if (!stored) return std::move(stored).error();
  RunOutcome outcome;
  RunState state(parts_.plans->plans.at(parts_.flow));
  for (const std::string& row : stored->records) {
    Result<std::vector<Record>> records = parse_records(row);
    if (!records) return std::move(records).error();
    for (Record& record : *records) {
      Result<void> applied = state.apply(record);
      if (!applied) return std::move(applied).error();
      if (record.kind == RecordKind::undone) outcome.undone.push_back(record.step);
      outcome.records.push_back(std::move(record));
    }
  }
  outcome.status = static_cast<RunStatus>(stored->row.state);
  outcome.reason = state.is_over() ? state.reason() : state.what_holds();
  outcome.waits = stored->row.waits;
  outcome.output = state.output();
  data::JsonObjectBuilder steps(state.steps().size());
  for (std::size_t i = 0; i < state.steps().size(); ++i) {
    const Step& step = state.plan().steps[i];
    steps.set(step.name, state.steps()[i].output);
    add_parked(step, state.steps()[i], outcome.parked);
  }
  outcome.steps = steps.build();
  return outcome;
}

}  // namespace linkspan::flow
