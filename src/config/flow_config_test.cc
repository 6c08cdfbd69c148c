// What the goldens do not show: places, literals, indices, contents of files.
#include "config/flow_config.h"

#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "config/loader.h"

namespace linkspan::config {
namespace {

Sources sources_with_files() {
  Sources sources = empty_sources();
  sources.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name != "TOKEN") return std::nullopt;
    return R"x(a "b" \(.c))x";
  };
  sources.read_file = [](const std::string& path, std::size_t) -> Result<std::string> {
    if (path == "orders/one.json") return std::string("{\"id\": 1}\n");
    return Error(errors::config_unreadable, "no such file");
  };
  return sources;
}

std::shared_ptr<const Config> load(const std::string& flows) {
  const LoadResult result =
      load_text("linkspan.yaml",
                "listen: http://127.0.0.1:8080\napis:\n  crm: { servers: http://a.example }\n"
                "  crm.v2: { servers: http://b.example }\n" +
                    flows,
                sources_with_files());
  for (const Problem& problem : result.problems) ADD_FAILURE() << to_string(problem);
  return result.config;
}

// The expression of `set` in the one step of a flow.
Expression set_of(const std::string& value) {
  const auto config = load("flows:\n  a:\n    steps:\n      one:\n        set: " + value + "\n");
  return config == nullptr ? Expression{} : *config->flows[0].steps[0].set;
}

TEST(FlowExpression, text_is_jq_and_numbers_booleans_and_null_are_themselves) {
  struct Case {
    const char* yaml;
    const char* text;
    bool is_literal;
  };
  for (const Case& test :
       {Case{".id", ".id", false}, Case{"'17'", "17", false}, Case{"17", "17", true},
        Case{"-0x10", "-0x10", false}, Case{"0x10", "16", true}, Case{"+5", "5", true},
        Case{".5", "0.5", true}, Case{"1e3", "1000", true},
        Case{"9223372036854775807", "9223372036854775807", true}, Case{"true", "true", true},
        Case{"yes", "yes", false}, Case{"~", "null", true}, Case{"null", "null", true}}) {
    const Expression expression = set_of(test.yaml);
    EXPECT_EQ(expression.text, test.text) << test.yaml;
    EXPECT_EQ(expression.is_literal, test.is_literal) << test.yaml;
  }
}

TEST(FlowExpression, reference_alone_is_a_text_that_stands_for_itself) {
  const Expression expression = set_of("\"${env:TOKEN}\"");
  EXPECT_TRUE(expression.is_literal);
  EXPECT_EQ(expression.text, R"x("a \"b\" \\(.c)")x");
}

TEST(FlowExpression, reference_within_jq_cannot_leave_its_quotes) {
  const Expression expression = set_of("'{token: \"${env:TOKEN}\"}'");
  EXPECT_FALSE(expression.is_literal);
  EXPECT_EQ(expression.text, R"x({token: "a \"b\" \\(.c)"})x");
}

TEST(FlowExpression, tells_where_its_value_was_written) {
  const auto config = load(
      "flows:\n  a:\n    steps:\n      one:\n        set: |\n          .a\n      two:\n        call: crm.x\n"
      "        path: { id: $one.id }\n    output: '{a: 1}'\n");
  ASSERT_NE(config, nullptr);
  const FlowConfig& flow = config->flows[0];
  EXPECT_EQ(flow.origin, (Origin{0, 6, 3}));
  EXPECT_EQ(flow.steps[0].set->origin, (Origin{0, 9, 14}));
  EXPECT_EQ(flow.steps[1].origin, (Origin{0, 11, 7}));
  EXPECT_EQ(flow.steps[1].call->call_origin, (Origin{0, 12, 15}));
  EXPECT_EQ(flow.steps[1].call->path[0].origin, (Origin{0, 13, 17}));
  EXPECT_EQ(flow.steps[1].call->path[0].value.origin, (Origin{0, 13, 21}));
  EXPECT_EQ(flow.output->origin, (Origin{0, 14, 13}));
}

TEST(Flows, steps_stand_in_the_order_written) {
  const auto config = load(
      "flows:\n  a:\n    steps:\n      z: { set: 1 }\n      m: { after: [], set: 1 }\n      a: { after: z, "
      "set: 1 }\n");
  ASSERT_NE(config, nullptr);
  const std::vector<StepConfig>& steps = config->flows[0].steps;
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0].name, "z");
  EXPECT_EQ(steps[0].after, std::nullopt);
  EXPECT_EQ(steps[1].after, std::vector<std::string>{});
  EXPECT_EQ(steps[2].after, std::vector<std::string>{"z"});
}

TEST(Flows, test_input_is_read) {
  const auto config = load(
      "flows:\n  a:\n    steps: { one: { set: 1 } }\n    tests:\n"
      "      - { name: a, given: orders/one.json }\n      - { name: b, input: 1 }\n");
  ASSERT_NE(config, nullptr);
  EXPECT_EQ(config->flows[0].tests[0].given_text, "{\"id\": 1}\n");
  EXPECT_EQ(config->flows[0].tests[1].given_text, "");
  EXPECT_EQ(config->flows[0].tests[1].input->text, "1");
}

TEST(Flows, expectation_of_nothing_is_an_expectation) {
  const auto config = load(
      "flows:\n  a:\n    steps: { one: { set: 1 } }\n    tests:\n"
      "      - { name: a, expect: { undone: [] } }\n");
  ASSERT_NE(config, nullptr);
  EXPECT_TRUE(config->flows[0].tests[0].expect.undone_given);
  EXPECT_FALSE(config->flows[0].tests[0].expect.called_given);
}

TEST(Flows, endpoint_knows_its_flow) {
  const auto config = load(
      "endpoints:\n  e: { path: /e, flow: b }\nflows:\n  a: { steps: { one: { set: 1 } } }\n"
      "  b: { steps: { one: { set: 1 } } }\n");
  ASSERT_NE(config, nullptr);
  EXPECT_EQ(config->endpoints[0].flow->flow_index, 1U);
}

TEST(FindOperation, longest_name_of_an_api_is_meant) {
  const auto config = load("");
  ASSERT_NE(config, nullptr);
  const auto plain = find_operation(*config, "crm.listContacts");
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(config->apis[plain->api_index].name, "crm");
  EXPECT_EQ(plain->operation, "listContacts");
  const auto dotted = find_operation(*config, "crm.v2.listContacts");
  ASSERT_TRUE(dotted.has_value());
  EXPECT_EQ(config->apis[dotted->api_index].name, "crm.v2");
  EXPECT_EQ(dotted->operation, "listContacts");
  EXPECT_FALSE(find_operation(*config, "crm").has_value());
  EXPECT_FALSE(find_operation(*config, "crmx.list").has_value());
}

TEST(Store, is_there_if_and_only_if_it_is_given_or_there_are_flows) {
  EXPECT_EQ(load("")->store, std::nullopt);
  EXPECT_EQ(load("store: sqlite:a.db\n")->store->path, "a.db");
  EXPECT_EQ(load("flows: { a: { steps: { one: { set: 1 } } } }\n")->store->path, "linkspan.db");
}

}  // namespace
}  // namespace linkspan::config
