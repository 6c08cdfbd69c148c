// Runs the tests that stand beside a flow (`tests` in the config): against mocked operations, with a clock
// that jumps to whatever comes next, in memory. No socket is opened, nothing is written.
//
//   for (const FlowTestResult& result : run_flow_tests(flow, plans, catalog, {})) ...
//
// With `kill: everywhere` a test is done once more for each of its points - each write of the journal, each
// call before it is sent and after it was done but not answered - with the process killed there; it must come
// to the same end, and nothing may have taken place more often. One thread; the same seed, the same runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "config/flow_config.h"
#include "flow/engine.h"
#include "flow/plan/plan.h"

namespace linkspan::flow {

struct FlowTestOptions {
  std::string filter;      // only tests with this in "FLOW / NAME"; empty: all
  std::uint64_t seed = 1;  // of what is drawn: delays before retries
};

struct FlowTestResult {
  std::string flow;
  std::string name;
  config::Origin origin;
  std::size_t points = 0;             // where it was killed
  std::vector<std::string> failures;  // sentences; empty: passed
  std::vector<std::string> timeline;  // of the run that failed
  std::int64_t elapsed_ns = 0;        // of real time

  bool passed() const { return failures.empty(); }
  std::string title() const { return flow + " / " + name; }
};

// `plans` has the flow and those that it runs.
std::vector<FlowTestResult> run_flow_tests(const config::FlowConfig& flow, const PlanSet& plans,
                                           const Catalog& catalog, const FlowTestOptions& options);

}  // namespace linkspan::flow
