#include "flow/plan/plan.h"

#include <gtest/gtest.h>

#include "flow/flow_testing.h"
#include "flow/plan/poll_plan.h"

namespace linkspan::flow {
namespace {

// What is wrong with the flows, a line each, without "step ... of flow ...:".
std::string problems_of(const std::string& flows) {
  std::string text;
  const Catalog catalog = testing::systems_catalog();
  for (const config::FlowConfig& flow : testing::read_flows(flows)) {
    for (const PlanProblem& problem : make_plan(flow, catalog).problems) {
      text += std::to_string(problem.origin.line) + ": " +
              problem.message.substr(problem.message.find("\": ") + 3) + "\n";
    }
  }
  return text;
}

TEST(Plan, operations_and_their_parameters_must_be_described) {
  EXPECT_EQ(problems_of("  f: { steps: { a: { call: sys.reserv } } }\n"),
            "4: api \"sys\" has no operation \"reserv\"; did you mean \"reserve\"?\n");
  EXPECT_EQ(problems_of("  f: { steps: { a: { call: sys.cancel } } }\n"),
            "4: sys.cancel needs the path parameter \"id\"\n");
  EXPECT_EQ(problems_of("  f: { steps: { a: { call: sys.findCharges, query: { referense: 1 } } } }\n"),
            "4: sys.findCharges has no query parameter \"referense\"; did you mean \"reference\"?\n");
}

TEST(Plan, a_misspelt_field_of_a_described_answer_is_an_error) {
  EXPECT_EQ(problems_of("  f: { steps: { a: { call: sys.reserve }, b: { set: $a.idd } } }\n"),
            "4: set: the answer of step \"a\" has no field \"idd\"; did you mean \"id\"?\n");
  EXPECT_EQ(
      problems_of("  f: { steps: { a: { call: sys.reserve }, b: { set: '$a | {x: .idd?, y: .id}' } } }\n"),
      "");
  EXPECT_EQ(
      problems_of("  f: { steps: { a: { call: sys.reserve, foreach: '[1]' }, b: { set: '$a[0].idd' } } }\n"),
      "4: set: the answer of step \"a\" has no field \"idd\"; did you mean \"id\"?\n");
  EXPECT_EQ(
      problems_of(
          "  f: { steps: { a: { call: sys.reserve, undo: { call: sys.cancel, path: { id: $a.idd } } } } }\n"),
      "4: path.id: the answer of step \"a\" has no field \"idd\"; did you mean \"id\"?\n");
  EXPECT_EQ(problems_of("  f: { input: sys#Order, steps: { a: { set: .totel } } }\n"),
            "4: set: the input (sys#Order) has no field \"totel\"; did you mean \"total\"?\n");
}

TEST(Plan, what_is_not_described_is_not_questioned) {
  EXPECT_EQ(problems_of("  f: { steps: { a: { call: sys.charge }, b: { set: '$a.anything.at.all' }, c: { "
                        "set: .any } } }\n"),
            "");
  EXPECT_EQ(
      problems_of("  f: { input: sys#Order, steps: { a: { call: sys.reserve, reject: .status == 402 } } }\n"),
      "");
}

TEST(Plan, a_step_can_only_be_mentioned_where_it_is_over) {
  const std::string problems =
      problems_of("  f: { steps: { a: { set: $b }, b: { set: 1 }, c: { after: [], set: $a } } }\n");
  EXPECT_NE(problems.find("$b is not defined"), std::string::npos);
  EXPECT_NE(problems.find("$a is not defined"), std::string::npos);
  EXPECT_NE(problems.find("(step \"a\" is not over for certain when this is evaluated)"), std::string::npos);
  EXPECT_EQ(
      problems_of("  f: { steps: { a: { set: 1 }, b: { after: [a], set: $a } }, output: '[$a, $b]' }\n"), "");
}

TEST(Plan, what_asks_for_an_outcome_must_be_safe) {
  const std::string problems = problems_of(
      "  f: { steps: { a: { call: sys.charge, unknown: { call: sys.charge, found: .body } } } }\n");
  EXPECT_NE(problems.find("must be safe"), std::string::npos);
}

// What is wrong with the poll of a flow that is given as YAML, without "poll of flow ...:".
std::string poll_problems_of(const std::string& poll, const std::string& more = {}) {
  std::string text;
  const std::string flow = "  f: { trigger: { poll: " + poll + more + " }, steps: { a: { set: . } } }\n";
  for (const config::FlowConfig& config : testing::read_flows(flow)) {
    for (const PlanProblem& problem : make_poll_plan(config, testing::systems_catalog()).problems) {
      text += std::to_string(problem.origin.line) + ": " +
              problem.message.substr(problem.message.find("\": ") + 3) + "\n";
    }
  }
  return text;
}

TEST(PollPlan, what_it_calls_and_reads_must_be_described) {
  EXPECT_EQ(poll_problems_of("{ call: sys.listItem, items: .body }"),
            "4: api \"sys\" has no operation \"listItem\"; did you mean \"listItems\"?\n");
  EXPECT_EQ(poll_problems_of("{ call: sys.listItems, query: { afte: $cursor }, items: .body }"),
            "4: sys.listItems has no query parameter \"afte\"; did you mean \"after\"?\n");
  EXPECT_EQ(poll_problems_of("{ call: sys.reserve, items: '[.body.idd]' }"),
            "4: items: the answer of sys.reserve has no field \"idd\"; did you mean \"id\"?\n");
  EXPECT_EQ(poll_problems_of("{ call: sys.reserve, items: '[.boddy]', cursor: .body.id + .status }"),
            "4: items: the answer of sys.reserve has no field \"boddy\"; did you mean \"body\"?\n");
  EXPECT_EQ(poll_problems_of("{ call: sys.listOrders, items: .body.orders, key: .idd }"),
            "4: key: an item of sys.listOrders has no field \"idd\"; did you mean \"id\"?\n");
  EXPECT_EQ(poll_problems_of("{ call: sys.listItems, items: .body.anything, key: .any }"), "");
}

TEST(PollPlan, only_the_cursor_is_a_variable) {
  EXPECT_EQ(poll_problems_of("{ call: sys.listItems, query: { after: $cursor }, items: '[.body, $cursor]' }"),
            "");
  EXPECT_NE(
      poll_problems_of("{ call: sys.listItems, items: .body, key: $cursor }").find("$cursor is not defined"),
      std::string::npos);
  EXPECT_NE(poll_problems_of("{ call: sys.listItems, items: .body.data + $a }").find("$a is not defined"),
            std::string::npos);
}

TEST(PollPlan, knows_items_by_its_own_key) {
  EXPECT_EQ(poll_problems_of("{ call: sys.listItems, items: .body }", ", dedupe: .id"),
            "4: a poll knows its items by its own key; leave dedupe out\n");
}

}  // namespace
}  // namespace linkspan::flow
