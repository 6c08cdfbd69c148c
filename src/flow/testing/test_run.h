// One run of a flow under test, from its start until nothing more happens, perhaps killed on its way.
//
//   TestRun run({.flow = "intake", .input = order, .plans = plans, .test = test, .catalog = catalog});
//   run.drive({});                       // undisturbed; run.points() tells where it can be killed
//   TestRun again(...);
//   again.drive({.kill_at = 3});
//   again.outcome()
//
// One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "flow/run/record.h"
#include "flow/run/run_state.h"
#include "flow/testing/mock_systems.h"
#include "flow/testing/simulated_engine.h"

namespace linkspan::flow {

// What a run has come to.
struct RunOutcome {
  RunStatus status = RunStatus::running;
  std::string reason;               // why it was undone, or what holds it
  std::vector<std::string> undone;  // steps, in order
  std::vector<std::string> parked;  // steps; "undo of reserve"
  std::vector<std::string> waits;   // "event:paid:7", "approval:boss"
  data::JsonValue output;
  data::JsonValue steps;  // what each gave
  std::vector<Record> records;
};

class TestRun {
 public:
  struct Parts {
    std::string flow;
    data::JsonValue input;
    std::shared_ptr<const PlanSet> plans;
    const config::FlowTestConfig& test;
    const Catalog& catalog;
    std::uint64_t seed = 1;
  };

  explicit TestRun(Parts parts);

  // Errors: what the engine refuses the start with; flow_failed for a run that never comes to rest.
  Result<void> drive(std::optional<std::size_t> kill_at);

  // Where it was or could have been killed, in words: "after charge was done", "before ... is sent".
  const std::vector<std::string>& points() const { return points_; }
  const MockSystems& systems() const { return systems_; }
  Result<RunOutcome> outcome();

 private:
  Result<void> start();
  Result<void> restart();
  // One thing that takes no time. False if there is none.
  Result<bool> do_next();
  Result<bool> write_next();
  Result<bool> call_next();
  // Whether this is where it dies.
  bool reach(std::string point);
  bool is_at_rest();

  Parts parts_;
  MockSystems systems_;
  SimulatedEngine simulated_;
  std::vector<std::string> points_;
  std::optional<std::size_t> kill_at_;
  std::map<store::RunNo, std::size_t> journal_rows_;
  store::RunNo run_ = 0;
};

}  // namespace linkspan::flow
