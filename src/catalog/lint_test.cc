#include "catalog/lint.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "catalog/catalog_testing.h"

namespace linkspan::catalog {
namespace {

using testing::load_text;

// "rule line" of each finding, but for those that nearly every short description has.
std::string findings(const std::string& text) {
  std::string result;
  for (const Problem& problem : lint(load_text(text))) {
    const bool is_usual = problem.rule.starts_with("info-") || problem.rule == "oas3-api-servers" ||
                          problem.rule == "operation-description" || problem.rule == "operation-tags" ||
                          problem.rule == "operation-success-response";
    if (!is_usual) result += problem.rule + " " + std::to_string(problem.line) + "\n";
  }
  return result;
}

constexpr const char* kHead = "openapi: 3.1.0\ninfo: { title: T, version: '1' }\n";

TEST(Lint, a_bare_description_lacks_what_good_ones_have) {
  std::vector<std::string> rules;
  for (const Problem& problem : lint(load_text(std::string(kHead) + "paths:\n  /a: { get: {} }\n")))
    rules.push_back(problem.rule);
  std::sort(rules.begin(), rules.end());
  EXPECT_EQ(rules, (std::vector<std::string>{"info-contact", "info-description", "oas3-api-servers",
                                             "operation-description", "operation-operationId",
                                             "operation-success-response", "operation-tags"}));
}

TEST(Lint, operations_servers_and_paths) {
  EXPECT_EQ(
      findings(std::string(kHead) + R"(servers:
  - url: https://{a}.example/
    variables: { b: { default: x, enum: [y] } }
tags: [{ name: t }, { name: t }]
paths:
  /a/:
    get:
      operationId: get a
      tags: [u]
      description: <script>x</script>
)"),
      "oas3-server-trailing-slash 4\noas3-server-variables 4\noas3-server-variables 5\noas3-server-variables "
      "5\n"
      "openapi-tags-uniqueness 6\npath-keys-no-trailing-slash 8\noperation-operationId-valid-in-url 10\n"
      "operation-tag-defined 11\nno-script-tags-in-markdown 12\n");
}

TEST(Lint, schemas_and_their_examples) {
  EXPECT_EQ(findings(std::string(kHead) + R"(paths:
  /a:
    post:
      operationId: a
      requestBody:
        content:
          application/json:
            schema: { $ref: '#/components/schemas/A' }
            example: { n: x }
components:
  schemas:
    A:
      type: object
      properties:
        n: { type: integer, example: one }
        list: { type: array }
        e: { type: string, enum: [a, 1, a] }
    Unused: { type: string }
)"),
            "oas3-valid-media-example 11\noas3-valid-schema-example 17\narray-items 18\ntyped-enum 19\n"
            "duplicated-entry-in-enum 19\noas3-unused-component 20\n");
}

TEST(Lint, siblings_of_references_mean_nothing_before_3_1) {
  const std::string paths =
      "paths:\n  /a:\n    get:\n      operationId: a\n      parameters:\n"
      "        - { name: q, in: query, schema: { $ref: '#/components/schemas/A', description: x } }\n"
      "components: { schemas: { A: { type: string } } }\n";
  EXPECT_EQ(findings("openapi: 3.0.3\ninfo: { title: T, version: '1' }\n" + paths), "no-$ref-siblings 8\n");
  EXPECT_EQ(findings(kHead + paths), "");
}

TEST(Lint, what_loading_found_is_among_it) {
  EXPECT_EQ(
      findings(std::string(kHead) +
               "paths:\n  /a:\n    get: { operationId: a, parameters: [{ $ref: '#/x' }], sumary: x }\n"),
      "invalid-ref 5\noas3-schema 5\n");
}

TEST(Lint, rules_are_listed_in_order) {
  const auto rules = lint_rules();
  EXPECT_TRUE(std::is_sorted(rules.begin(), rules.end(),
                             [](const LintRule& a, const LintRule& b) { return a.name < b.name; }));
}

}  // namespace
}  // namespace linkspan::catalog
