// The results of flow tests for people and for the tools that collect them. Pure.
#pragma once

#include <string>
#include <vector>

#include "flow/testing/flow_tests.h"

namespace linkspan::flow {

struct TestReport {
  FlowTestResult result;
  std::string place;  // "linkspan.yaml:40:9"
};

// A line a test; of one that failed also why, and what happened:
//   ok intake / a declined card frees the stock (14 points)
//   FAILED intake / an order is paid
//     linkspan.yaml:40:9
//     expected status completed, but the run is undone: charge was refused with status 402
//     what happened:
//       +0.000s   start
// The last line: "3 passed, 1 failed".
std::string text_report(const std::vector<TestReport>& tests);
// TAP version 14 (testanything.org), what is wrong as YAML.
std::string tap_report(const std::vector<TestReport>& tests);
// As JUnit's Ant task writes it and CI servers read it: a suite a flow.
std::string junit_report(const std::vector<TestReport>& tests);

}  // namespace linkspan::flow
