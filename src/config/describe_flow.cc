// A flow, and its tests.
#include <set>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "config/check_steps.h"
#include "config/container_types.h"
#include "config/describe.h"
#include "config/flow_types.h"
#include "config/object_type.h"
#include "config/part_type.h"
#include "config/scalar_types.h"

namespace linkspan::config {
namespace {

using namespace std::chrono_literals;

Result<std::uint32_t> parse_status(std::string_view text) {
  const std::optional<std::uint64_t> status = parse_u64(text);
  if (!status || *status < 200 || *status > 599) return Error(errors::config_invalid, {});
  return static_cast<std::uint32_t>(*status);
}

std::string format_status(const std::uint32_t& status) {
  return std::to_string(status);
}

void check_mock(MockAnswer&, const ObjectView& view) {
  for (std::string_view key : {"status", "body"}) {
    if (view.given("error") && view.given(key)) view.problem(key, "there is no answer with error");
  }
  if (view.given("took_place") && !view.given("error")) {
    view.problem("took_place", "means something only with error");
  }
}

bool is_answer(const MockAnswer& mock) {
  return mock.error.empty();
}

bool is_failure(const MockAnswer& mock) {
  return !mock.error.empty();
}

// Those that a run can come to rest with.
bool is_status_word(std::string_view text) {
  return text == "completed" || text == "undone" || text == "parked" || text == "waiting" ||
         text == "cancelled";
}

bool is_mock_error(std::string_view text) {
  return text == "reset" || text == "timeout" || text == "refused";
}

Typed<MockAnswer> mock_type() {
  return object<MockAnswer>("What an operation answers in a test. A status alone will do.")
      .scalar("status")
      .field("status", &MockAnswer::status,
             parsed<std::uint32_t>(
                 {.form = "status", .expected = "a status from 200 to 599", .pattern = "[2-5][0-9][0-9]"},
                 parse_status, format_status),
             "The status.")
      .shown_when<is_answer>()
      .field(
          "body", &MockAnswer::body, optional(expression()),
          "The body, out of the request as `{path, query, headers, body, done}`, `done` being what took "
          "place "
          "so far (`{call, path, query, headers, body, answer}` each); an example of the description if not "
          "given.")
      .field("error", &MockAnswer::error,
             text({.form = "`reset`, `timeout` or `refused`",
                   .expected = "\"reset\", \"timeout\" or \"refused\"",
                   .pattern = "reset|timeout|refused"},
                  is_mock_error),
             "Instead of an answer: how the call fails.")
      .field("took_place", &MockAnswer::took_place, boolean(),
             "With `error`: whether the operation had its effect all the same.")
      .shown_when<is_failure>()
      .field("times", &MockAnswer::times, count32({1, 1'000'000, "unlimited"}),
             "For so many calls; then an example of the description answers.")
      .check<check_mock>()
      .done();
}

void note_expected(ExpectConfig& expect, const ObjectView& view) {
  expect.undone_given = view.given("undone");
  expect.called_given = view.given("called");
}

using Names = std::vector<std::string>;

template <Names ExpectConfig::*kNames, bool ExpectConfig::*kGiven>
Typed<ExpectConfig> expected_names(const Typed<std::string>& name) {
  return part<ExpectConfig, Names>(
      list(name, {.or_one = true, .flow = true}),
      [](ExpectConfig& expect) -> Names& { return expect.*kNames; },
      [](const ExpectConfig& expect) -> const Names* {
        return expect.*kGiven ? &(expect.*kNames) : nullptr;
      });
}

Typed<ExpectConfig> expect_type() {
  return object<ExpectConfig>("How a run must end. What is not given is not looked at.")
      .field("status", &ExpectConfig::status,
             text({.form = "`completed`, `undone`, `parked`, `waiting` or `cancelled`",
                   .expected = "one of completed, undone, parked, waiting and cancelled",
                   .pattern = "completed|undone|parked|waiting|cancelled"},
                  is_status_word),
             "Its status.")
      .whole("undone", expected_names<&ExpectConfig::undone, &ExpectConfig::undone_given>(text()),
             "The steps that are undone, in this order.")
      .field(
          "output", &ExpectConfig::output, optional(expression()),
          "A condition on its output; `$status`, `$reason`, `$steps` (what each gave) and `$calls` are there "
          "too.")
      .whole("called", expected_names<&ExpectConfig::called, &ExpectConfig::called_given>(operation_name()),
             "The operations that are called, in this order.")
      .check<note_expected>()
      .done();
}

void check_test(FlowTestConfig&, const ObjectView& view) {
  if (view.given("given") && view.given("input")) {
    view.problem("input", "given already says what the input is; leave one out");
  }
}

void check_flow(FlowConfig& flow, const ObjectView& view) {
  if (view.given("steps") && view.ok("steps") && flow.steps.empty()) {
    view.problem("steps", "needs at least one step");
  }
  check_step_names(flow, view);
  check_step_order(flow, view);
  check_test_names(flow, view);
}

}  // namespace

Typed<FlowTestConfig> flow_test_type() {
  return object<FlowTestConfig>(
             "A test of the flow, run by `linkspan test`: nothing is called but what `mock` says.")
      .positioned()
      .field("name", &FlowTestConfig::name, text(), "What it shows, in words.")
      .required()
      .field("given", &FlowTestConfig::given, file_path("input"), "A file with the run's input.")
      .field("input", &FlowTestConfig::input, optional(expression()), "The run's input, in place of `given`.")
      .field(
          "mock", &FlowTestConfig::mock, map_of("mock", mock_type()),
          "What operations answer, by their names (`api.operation`); others answer with an example of their "
          "description.")
      .field("expect", &FlowTestConfig::expect, expect_type(), "How the run must end.")
      .field("kill", &FlowTestConfig::kill,
             choice<TestKill>({{"nowhere", TestKill::nowhere}, {"everywhere", TestKill::everywhere}}),
             "`everywhere`: the test is run once more for each write of the journal and each call, killed "
             "there, "
             "and must end alike.")
      .check<check_test>()
      .done();
}

Typed<FlowConfig> flow_type() {
  return object<FlowConfig>(
             "A durable integration: what starts it, and steps that are done whatever happens. In "
             "expressions "
             "`.` is the run's input, `$NAME` what a step gave, `$run` the run (`id`, `flow`, `attempt`, "
             "`started`).")
      .field("trigger", &FlowConfig::trigger, trigger_type(), "What starts a run.")
      .field("input", &FlowConfig::input, schema_name(),
             "What the input must be: a schema of an API (`api#Schema`); anything if not given.")
      .field("order_by", &FlowConfig::order_by, optional(expression()),
             "Runs with the same key are done one after the other, in the order in which they came.")
      .field("concurrency", &FlowConfig::concurrency, count32({1, 1'000'000, "unlimited"}),
             "At most so many runs at a time.")
      .field("deadline", &FlowConfig::deadline, duration({1ms, Duration::max(), "none"}),
             "How long a run may take.")
      .field("steps", &FlowConfig::steps, map_of("step", step_type()),
             "What is done, one after the other unless `after` says otherwise. The names are letters, digits "
             "and "
             "`_`.")
      .required()
      .field("output", &FlowConfig::output, optional(expression()), "What the run gives.")
      .field("tests", &FlowConfig::tests, list(flow_test_type()), "Tests.")
      .check<check_flow>()
      .done();
}

}  // namespace linkspan::config
