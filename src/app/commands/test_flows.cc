#include <fstream>
#include <ostream>

#include "app/commands/commands.h"
#include "app/flows/flow_set.h"
#include "flow/testing/test_report.h"

namespace linkspan::app {

namespace {

// False if the config is bad, which is said.
bool run_tests(const std::string& file, const TestOptions& options, std::vector<flow::TestReport>& tests,
               const Output& output) {
  const config::LoadResult loaded = load_or_report(file, output);
  if (!loaded.ok()) return false;
  const Result<std::shared_ptr<FlowSet>> set = build_flow_set(loaded.config);
  if (!set) {
    report_build_error(set.error(), *loaded.config, output);
    return false;
  }
  const config::Config& config = *(*set)->config;
  const flow::FlowTestOptions filter{.filter = options.filter};
  for (const config::FlowConfig& flow : config.flows) {
    for (flow::FlowTestResult& result : flow::run_flow_tests(flow, *(*set)->plans, (*set)->catalog, filter)) {
      flow::TestReport& test = tests.emplace_back();
      test.place = config::describe(config, result.origin);
      test.result = std::move(result);
    }
  }
  return true;
}

}  // namespace

int test_command(const TestOptions& options, const Output& output) {
  std::vector<std::string> files = options.files;
  if (files.empty()) files.emplace_back(kDefaultConfigPath);
  std::vector<flow::TestReport> tests;
  bool is_good = true;
  for (const std::string& file : files) is_good = run_tests(file, options, tests, output) && is_good;
  if (!is_good) return kExitUsage;
  if (tests.empty() && !options.filter.empty()) {
    output.err << "linkspan: no test has \"" << options.filter << "\" in its flow and name\n";
    return kExitUsage;
  }
  if (!options.junit.empty()) {
    std::ofstream junit(options.junit, std::ios::binary);
    junit << flow::junit_report(tests);
    junit.close();
    if (!junit) {
      output.err << "linkspan: cannot write " << options.junit << '\n';
      return kExitFailed;
    }
  }
  output.out << (options.tap ? flow::tap_report(tests) : flow::text_report(tests));
  for (const flow::TestReport& test : tests) {
    if (!test.result.passed()) return kExitProblems;
  }
  return kExitOk;
}

}  // namespace linkspan::app
