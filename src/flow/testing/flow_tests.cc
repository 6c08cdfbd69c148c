#include "flow/testing/flow_tests.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/error_kinds.h"
#include "catalog/example.h"
#include "catalog/schema_view.h"
#include "catalog/validators.h"
#include "data/json_parse.h"
#include "flow/testing/expectations.h"

namespace linkspan::flow {

namespace {

class Tester {
 public:
  Tester(const config::FlowTestConfig& test, std::shared_ptr<const PlanSet> plans,
         std::shared_ptr<const Plan> plan, const Catalog& catalog, std::uint64_t seed)
      : test_(test), plans_(std::move(plans)), plan_(std::move(plan)), catalog_(catalog), seed_(seed) {}

  void run(FlowTestResult& result) {
    Result<void> read = read_input();
    if (!read) return result.failures.push_back(read.error().detail());
    TestRun undisturbed = make_run();
    Result<void> driven = undisturbed.drive({});
    if (!driven) return result.failures.push_back(driven.error().to_string());
    Result<RunOutcome> outcome = undisturbed.outcome();
    if (!outcome) return result.failures.push_back(outcome.error().to_string());
    result.failures = check_expectations(test_.expect, *outcome, undisturbed.systems());
    if (!result.passed()) {
      result.timeline = short_timeline(outcome->records);
    } else if (test_.kill == config::TestKill::everywhere) {
      kill_everywhere(undisturbed, *outcome, result);
    }
  }

 private:
  // What `given` or `input` says, or else an example of what the flow takes.
  Result<void> read_input() {
    Result<data::JsonValue> input = input_of_test();
    if (!input) return std::move(input).error();
    input_ = std::move(*input);
    if (plan_->input_api == nullptr) return {};
    const catalog::SchemaView view(*plan_->input_api);
    Result<data::JsonSchema> schema = plan_->input_api->validators->get(view.node_of(plan_->input_schema));
    if (!schema) return std::move(schema).error();
    const std::vector<data::SchemaProblem> problems =
        schema->validate(input_, {.direction = data::SchemaDirection::request});
    if (problems.empty()) return {};
    std::string text = "the input is no " + plan_->input_name + ", so that no run would begin:";
    for (const data::SchemaProblem& problem : problems) text += " " + problem.to_string() + ";";
    text.pop_back();
    return Error(errors::flow_failed, std::move(text));
  }

  Result<data::JsonValue> input_of_test() const {
    if (!test_.given.empty()) {
      Result<data::JsonValue> given = data::parse_json(test_.given_text);
      if (!given) return std::move(given).error().context("given: " + test_.given);
      return given;
    }
    if (test_.input) {
      Result<Expression> input = Expression::compile(*test_.input, {});
      if (!input) return std::move(input).error().context("input");
      const RealClock clock;
      Evaluator evaluator(clock);
      return input->evaluate(evaluator, {}, {});
    }
    if (plan_->input_api == nullptr) return data::JsonValue();
    catalog::ExampleMaker maker(*plan_->input_api);
    const catalog::SchemaView view(*plan_->input_api);
    return maker.value(view.node_of(plan_->input_schema), data::SchemaDirection::request);
  }

  TestRun make_run() const {
    return TestRun({.flow = plan_->flow,
                    .input = input_,
                    .plans = plans_,
                    .test = test_,
                    .catalog = catalog_,
                    .seed = seed_});
  }

  // Points at which the same is wrong are told as one.
  struct KilledFailure {
    std::vector<std::string> found;
    std::vector<std::string> timeline;  // of the first
    std::size_t first = 0;
    std::size_t count = 0;
  };

  void kill_everywhere(const TestRun& undisturbed, const RunOutcome& expected, FlowTestResult& result) {
    result.points = undisturbed.points().size();
    std::vector<KilledFailure> failures;
    for (std::size_t at = 0; at < result.points; ++at) {
      KilledFailure failure = kill(at, undisturbed, expected);
      if (failure.found.empty()) continue;
      const auto same = std::find_if(failures.begin(), failures.end(), [&](const KilledFailure& other) {
        return other.found == failure.found;
      });
      if (same != failures.end()) {
        ++same->count;
      } else {
        failures.push_back(std::move(failure));
      }
    }
    for (const KilledFailure& failure : failures) {
      std::string where = "killed " + undisturbed.points()[failure.first];
      if (failure.count > 1) where += ", and alike at " + std::to_string(failure.count - 1) + " later points";
      for (const std::string& one : failure.found) result.failures.push_back(where + ": " + one);
    }
    if (!failures.empty()) result.timeline = std::move(failures.front().timeline);
  }

  KilledFailure kill(std::size_t at, const TestRun& undisturbed, const RunOutcome& expected) const {
    KilledFailure failure{.found = {}, .timeline = {}, .first = at, .count = 1};
    TestRun killed = make_run();
    Result<void> driven = killed.drive(at);
    Result<RunOutcome> outcome = driven ? killed.outcome() : Result<RunOutcome>(std::move(driven).error());
    if (outcome) {
      failure.found = differences(expected, undisturbed.systems(), *outcome, killed.systems(), *plan_);
      failure.timeline = short_timeline(outcome->records);
    } else {
      failure.found.push_back(outcome.error().to_string());
    }
    return failure;
  }

  const config::FlowTestConfig& test_;
  std::shared_ptr<const PlanSet> plans_;
  std::shared_ptr<const Plan> plan_;
  const Catalog& catalog_;
  std::uint64_t seed_;
  data::JsonValue input_;
};

}  // namespace

std::vector<FlowTestResult> run_flow_tests(const config::FlowConfig& flow, const PlanSet& plans,
                                           const Catalog& catalog, const FlowTestOptions& options) {
  std::vector<FlowTestResult> results;
  const auto plan = plans.plans.find(flow.name);
  const auto shared_plans = std::make_shared<const PlanSet>(plans);
  const RealClock clock;
  for (const config::FlowTestConfig& test : flow.tests) {
    FlowTestResult result;
    result.flow = flow.name;
    result.name = test.name;
    result.origin = test.origin;
    if (result.title().find(options.filter) == std::string::npos) continue;
    const MonotonicNs began = clock.monotonic_ns();
    if (plan == plans.plans.end()) {
      result.failures.emplace_back("the flow cannot run: it has no plan");
    } else {
      Tester(test, shared_plans, plan->second, catalog, options.seed).run(result);
    }
    result.elapsed_ns = clock.monotonic_ns() - began;
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace linkspan::flow
