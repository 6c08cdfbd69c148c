#include "flow/testing/flow_tests.h"

#include <gmock/gmock.h>

#include "flow/flow_testing.h"

namespace linkspan::flow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kShop = R"(
openapi: 3.1.0
info: { title: Shop, version: '1' }
paths:
  /reservations:
    post:
      operationId: reserve
      parameters: [{ name: Idempotency-Key, in: header, schema: { type: string } }]
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Lines' } } } }
      responses: { '201': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Made' } } } } }
  /reservations/{id}:
    delete:
      operationId: release
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { '204': { description: ok } }
  /charges:
    get:
      operationId: findCharges
      parameters: [{ name: reference, in: query, schema: { type: string } }]
      responses: { '200': { description: ok, content: { application/json: { schema: {
        type: object, required: [data], properties: { data: { type: array, items: { $ref: '#/components/schemas/Made' } } } } } } } }
    post:
      operationId: charge
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses:
        '201': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Made' } } } }
        '402': { description: declined }
components:
  schemas:
    Lines: { type: object, required: [lines], properties: { lines: { type: integer } } }
    Made: { type: object, required: [id], properties: { id: { type: string } } }
    Order: { type: object, required: [id], properties: { id: { type: string }, lines: { type: integer } } }
)";

constexpr const char* kSteps = R"(
    steps:
      reserve: { call: sys.reserve, body: '{lines: .lines}', undo: { call: sys.release, path: { id: $reserve.id } } }
      charge:
        call: sys.charge
        body: '{order: .id}'
        reject: .status == 402
)";
constexpr const char* kProbe =
    "        unknown: { call: sys.findCharges, query: { reference: $run.id }, found: '.body.data[0]' }\n";
constexpr const char* kInput = "input: '{id: \"o-1\", lines: 2}'";

std::vector<FlowTestResult> run(const std::string& flow, const FlowTestOptions& options = {}) {
  static const Catalog catalog{{"sys", {.api = catalog::testing::loaded(kShop), .path_prefix = "/v1"}}};
  const std::string text = "  intake:\n" + flow;
  const std::vector<config::FlowConfig> flows = testing::read_flows(text);
  return run_flow_tests(flows.at(0), *testing::make_plans(text, catalog), catalog, options);
}

// Of the one test.
std::vector<std::string> failures(const std::string& flow) {
  const std::vector<FlowTestResult> results = run(flow);
  EXPECT_THAT(results, SizeIs(1));
  return results.at(0).failures;
}

std::string one_test(const std::string& what) {
  return std::string("    tests:\n      - { name: it, ") + kInput + ", " + what + " }\n";
}

TEST(FlowTests, what_has_no_mock_succeeds_as_its_description_says) {
  EXPECT_THAT(failures(kSteps + one_test("expect: { status: completed, called: [sys.reserve, sys.charge] }")),
              IsEmpty());
}

TEST(FlowTests, a_mock_answers_and_what_was_done_is_undone) {
  EXPECT_THAT(
      failures(kSteps + one_test("mock: { sys.charge: 402 }, expect: { status: undone, undone: [reserve], "
                                 "called: [sys.reserve, sys.charge, sys.release] }")),
      IsEmpty());
}

TEST(FlowTests, the_body_of_a_mock_is_made_of_the_request) {
  EXPECT_THAT(failures(std::string(kSteps) + "    output: '{paid: $charge.id}'\n" +
                       one_test("mock: { sys.charge: { body: '{id: (\"c-\" + .body.order)}' } }, "
                                "expect: { output: '.paid == \"c-o-1\" and $status == \"completed\" and "
                                "$steps.charge.id == .paid and ($calls | length) == 2' }")),
              IsEmpty());
}

TEST(FlowTests, what_is_not_as_expected_is_told_with_what_was) {
  const std::vector<FlowTestResult> results = run(
      std::string(kSteps) + "    output: '{order: .id}'\n" +
      one_test("mock: { sys.charge: 402 }, expect: { status: completed, undone: [], output: .order == 7 }"));
  EXPECT_THAT(
      results.at(0).failures,
      ElementsAre("expected status completed, but the run is undone: charge was refused with status 402",
                  "expected that [] are undone, but it was [reserve]",
                  "expected the output to fulfil .order == 7, but the output is null"));
  EXPECT_THAT(results.at(0).timeline, ::testing::Contains(HasSubstr("charge: lost 402")));
}

TEST(FlowTests, a_mock_that_the_api_could_not_be_is_a_failure) {
  EXPECT_THAT(
      failures(kSteps + one_test("mock: { sys.reserve: { status: 201, body: '{id: 7}' } }")),
      ::testing::Contains(HasSubstr("the mock of sys.reserve answers what the API never does: /body/id")));
  EXPECT_THAT(failures(kSteps + one_test("mock: { sys.charge: 418 }")),
              ::testing::Contains(HasSubstr("the operation has no response 418")));
  EXPECT_THAT(failures(kSteps + one_test("mock: { sys.chrge: 402 }")),
              ElementsAre("the mock of sys.chrge: there is no such operation; did you mean sys.charge?"));
}

TEST(FlowTests, what_is_sent_is_checked_against_the_description) {
  const std::string flow = "    steps:\n      reserve: { call: sys.reserve, body: '{lines: \"two\"}' }\n";
  EXPECT_THAT(failures(flow + one_test("expect: { status: completed }")),
              ElementsAre(HasSubstr(
                  "what is sent to sys.reserve is not what its description asks for: /body/lines")));
}

TEST(FlowTests, time_jumps_over_retries_and_waits) {
  const std::string flow =
      "    steps:\n      sleep: { wait: 365d }\n      reserve: { call: sys.reserve, body: '{lines: .lines}' "
      "}\n";
  EXPECT_THAT(failures(flow + one_test("mock: { sys.reserve: { status: 503, times: 3 } }, "
                                       "expect: { status: completed, output: '($calls | length) == 4' }")),
              IsEmpty());
}

TEST(FlowTests, an_effect_whose_answer_was_lost_happens_once) {
  EXPECT_THAT(failures(kSteps + one_test("mock: { sys.reserve: { error: timeout, times: 2 } }, "
                                         "expect: { status: completed, output: '$calls[2].status == 201' }")),
              IsEmpty());
}

TEST(FlowTests, waiting_for_what_nothing_brings_is_a_failure_that_names_it) {
  const std::string flow =
      "    steps:\n      paid: { wait_for: { event: paid, key: .id, timeout: 30d, on_timeout: undo } }\n";
  EXPECT_THAT(failures("    steps:\n      paid: { wait_for: { event: paid, key: .id } }\n" +
                       one_test("expect: { status: completed }")),
              ElementsAre(HasSubstr(
                  "the run waits for the event paid with the key o-1, which nothing in the test brings")));
  EXPECT_THAT(failures(flow + one_test("expect: { status: waiting }")), IsEmpty());
  EXPECT_THAT(failures(flow + one_test("expect: { status: undone }")), IsEmpty());
}

TEST(FlowTests, an_input_that_would_start_nothing_is_a_failure) {
  EXPECT_THAT(
      failures(std::string("    input: sys#Order\n") + kSteps + "    tests: [{ name: it, input: '{}' }]\n"),
      ElementsAre(HasSubstr("the input is no sys#Order")));
  EXPECT_THAT(failures(std::string("    input: sys#Order\n") + kSteps + "    tests: [{ name: it }]\n"),
              IsEmpty());
}

TEST(FlowTests, killed_everywhere_it_ends_alike) {
  for (const char* expect :
       {"expect: { status: completed }",
        "mock: { sys.charge: 402 }, expect: { status: undone, undone: [reserve] }",
        "mock: { sys.charge: { status: 503, times: 1 } }, expect: { status: completed }"}) {
    const std::vector<FlowTestResult> results =
        run(std::string(kSteps) + kProbe + "    output: '{charge: $charge.id}'\n" +
            one_test(std::string("kill: everywhere, ") + expect));
    EXPECT_THAT(results.at(0).failures, IsEmpty()) << expect;
    EXPECT_GE(results.at(0).points, 7U) << expect;
  }
}

TEST(FlowTests, a_call_that_cannot_be_sent_again_is_named_with_what_to_do) {
  const std::vector<std::string> found =
      failures(kSteps + one_test("kill: everywhere, expect: { status: completed }"));
  ASSERT_FALSE(found.empty());
  EXPECT_THAT(found.front(), HasSubstr("killed after the journal had \"reserve: done, charge: intent\""));
  EXPECT_THAT(found.front(), HasSubstr("the run is parked"));
  EXPECT_THAT(found.front(),
              HasSubstr("sys.charge cannot be sent again safely: declare the header Idempotency-Key"));
}

TEST(FlowTests, a_key_that_is_not_honoured_is_found_by_its_second_effect) {
  // The config says that the operation honours the key; whether it does is for the config to know. Here the
  // probe says that nothing took place though it did.
  const std::vector<std::string> found =
      failures(std::string(kSteps) + kProbe +
               one_test("kill: everywhere, mock: { sys.findCharges: { body: '{data: []}' } }"));
  ASSERT_FALSE(found.empty());
  EXPECT_THAT(found.front(), HasSubstr("killed after sys.charge was done, its answer lost: "));
  EXPECT_THAT(found.front(), HasSubstr("2 times"));
}

TEST(FlowTests, a_mock_knows_what_took_place) {
  EXPECT_THAT(failures(std::string(kSteps) + kProbe + "    output: '{charge: $charge.id}'\n" +
                       one_test("kill: everywhere, mock: { sys.findCharges: { body: '{data: [.done[] | "
                                "select(.call == \"sys.charge\") | .answer]}' } }")),
              IsEmpty());
}

TEST(FlowTests, the_filter_looks_at_flow_and_name) {
  const std::string tests =
      "    tests: [{ name: one, input: '{lines: 1}' }, { name: two, input: '{lines: 1}' }]\n";
  EXPECT_THAT(run(kSteps + tests, {.filter = "two"}), SizeIs(1));
  EXPECT_THAT(run(kSteps + tests, {.filter = "intake / "}), SizeIs(2));
  EXPECT_THAT(run(kSteps + tests, {.filter = "three"}), IsEmpty());
}

}  // namespace
}  // namespace linkspan::flow
