#include "catalog/diff.h"

#include <gtest/gtest.h>

#include "catalog/catalog_testing.h"

namespace linkspan::catalog {
namespace {

using testing::loaded;
using testing::with_paths;

std::string changes(const std::string& before, const std::string& after) {
  std::string text;
  for (const Change& change : diff(*loaded(before), *loaded(after))) text += to_string(change) + "\n";
  return text;
}

std::string in_body(const std::string& schema) {
  return with_paths("  /a: { post: { operationId: a, requestBody: { content: { application/json: { schema: " +
                    schema + " } } } } }\n");
}

std::string in_response(const std::string& schema) {
  return with_paths(
      "  /a: { post: { operationId: a, responses: { '200': { description: ok, content: { application/json: { "
      "schema: " +
      schema + " } } } } } }\n");
}

TEST(Diff, a_description_differs_in_nothing_from_itself) {
  const std::string text = in_body("{ type: object, properties: { a: { type: string } } }");
  EXPECT_EQ(changes(text, text), "");
}

TEST(Diff, numbers_that_are_none_bound_nothing) {
  EXPECT_EQ(changes(in_body("{ minimum: .nan }"), in_body("{ minimum: .nan }")), "");
}

TEST(Diff, operations_come_and_go) {
  EXPECT_EQ(changes(with_paths("  /a: { get: { operationId: a } }\n"),
                    with_paths("  /b: { get: { operationId: b } }\n")),
            "breaking: GET /a: the operation is gone [operation-removed]\n"
            "harmless: GET /b: the operation is new [operation-added]\n");
}

TEST(Diff, names_in_paths_are_only_names) {
  const auto path = [](const std::string& name) {
    return with_paths("  /a/{" + name + "}: { get: { operationId: a, parameters: [{ name: " + name +
                      ", in: path, required: true, schema: { type: string } }] } }\n");
  };
  EXPECT_EQ(changes(path("id"), path("key")),
            "breaking: GET /a/{id}: path id: it is called \"key\" now [parameter-name]\n");
}

TEST(Diff, parameters) {
  const auto with = [](const std::string& parameters) {
    return with_paths("  /a: { get: { operationId: a, parameters: [" + parameters + "] } }\n");
  };
  const std::string a = "{ name: a, in: query, schema: { type: integer } }";
  EXPECT_EQ(changes(with(a), with("")),
            "breaking: GET /a: query a: the parameter is gone [parameter-removed]\n");
  EXPECT_EQ(changes(with(""), with(a)),
            "harmless: GET /a: query a: the parameter is new [parameter-added]\n");
  EXPECT_EQ(changes(with(""), with("{ name: a, in: query, required: true, schema: {} }")),
            "breaking: GET /a: query a: the parameter is new, and required [parameter-added]\n");
  EXPECT_EQ(changes(with(a),
                    with("{ name: a, in: query, required: true, explode: false, schema: { type: number } }")),
            "breaking: GET /a: query a: the parameter is required now [parameter-required]\n"
            "breaking: GET /a: query a: it is written in another style [parameter-style]\n"
            "harmless: GET /a: query a: the type changes from integer to number [type]\n");
}

struct Case {
  const char* before;
  const char* after;
  const char* kind;
  bool breaks_requests;
  bool breaks_responses;
};

TEST(Diff, requests_may_be_given_more_freedom_and_responses_less) {
  const Case cases[] = {
      {"{ type: integer }", "{ type: number }", "type", false, true},
      {"{ type: [string, 'null'] }", "{ type: string }", "type", true, false},
      {"{ type: string }", "{ type: integer }", "type", true, true},
      {"{ enum: [a, b] }", "{ enum: [a] }", "enum", true, false},
      {"{ minimum: 1 }", "{ minimum: 2 }", "minimum", true, false},
      {"{ maxLength: 5 }", "{ maxLength: 9 }", "maxLength", false, true},
      {"{ type: string }", "{ type: string, pattern: x }", "pattern", true, false},
      {"{ type: object, properties: { a: {}, b: {} } }", "{ type: object, properties: { a: {} } }",
       "property-removed", false, true},
      {"{ type: object, properties: { a: {} } }", "{ type: object, properties: { a: {}, b: {} } }",
       "property-added", false, false},
      {"{ type: object, properties: { a: {} } }",
       "{ type: object, required: [b], properties: { a: {}, b: {} } }", "property-added", true, false},
      {"{ type: object, properties: { a: {} } }", "{ type: object, required: [a], properties: { a: {} } }",
       "required", true, false},
      {"{ type: object, required: [a], properties: { a: {} } }", "{ type: object, properties: { a: {} } }",
       "required", false, true},
      {"{ type: array, items: { minimum: 2 } }", "{ type: array, items: { minimum: 1 } }", "minimum", false,
       true},
      {"{ oneOf: [{ type: string }, { minimum: 3 }] }", "{ oneOf: [{ type: string }] }", "oneOf", true,
       false},
      {"{ type: object }", "{ type: object, additionalProperties: false }", "additionalProperties", true,
       false},
  };
  for (const Case& test : cases) {
    const auto request = diff(*loaded(in_body(test.before)), *loaded(in_body(test.after)));
    ASSERT_EQ(request.size(), 1U) << test.before << " " << test.after;
    EXPECT_EQ(request[0].kind, test.kind);
    EXPECT_EQ(request[0].is_breaking, test.breaks_requests) << to_string(request[0]);
    const auto response = diff(*loaded(in_response(test.before)), *loaded(in_response(test.after)));
    ASSERT_EQ(response.size(), 1U);
    EXPECT_EQ(response[0].is_breaking, test.breaks_responses) << to_string(response[0]);
  }
}

TEST(Diff, places_are_pointers) {
  EXPECT_EQ(changes(in_body("{ type: object, properties: { lines: { type: array, items: { properties: { qty: "
                            "{ minimum: 1 } } } } } }"),
                    in_body("{ type: object, properties: { lines: { type: array, items: { properties: { qty: "
                            "{ minimum: 2 } } } } } }")),
            "breaking: POST /a: body /lines/*/qty: minimum rises from 1 to 2 [minimum]\n");
}

TEST(Diff, security_may_ask_for_less) {
  const auto with = [](const std::string& security) {
    return with_paths("  /a: { get: { operationId: a, security: " + security + " } }\n",
                      "components: { securitySchemes: { k: { type: http, scheme: basic }, o: { type: http, "
                      "scheme: bearer } } }\n");
  };
  const std::string stricter =
      "breaking: GET /a: security: credentials that were enough are not any more [security]\n";
  const std::string looser =
      "harmless: GET /a: security: other credentials, or fewer, are enough now [security]\n";
  EXPECT_EQ(changes(with("[]"), with("[{ k: [] }]")), stricter);
  EXPECT_EQ(changes(with("[{ k: [] }]"), with("[]")), looser);
  EXPECT_EQ(changes(with("[{ k: [] }]"), with("[{ k: [] }, { o: [] }]")), looser);
  EXPECT_EQ(changes(with("[{ k: [] }]"), with("[{ k: [], o: [] }]")), stricter);
  EXPECT_EQ(changes(with("[{ k: [] }]"), with("[{ k: [x] }]")), stricter);
}

TEST(Diff, schemas_that_contain_themselves_end) {
  const auto with = [](const std::string& minimum) {
    return with_paths(
        "  /a: { post: { operationId: a, requestBody: { content: { application/json: { schema: { $ref: "
        "'#/components/schemas/T' } } } } } }\n",
        "components: { schemas: { T: { type: object, properties: { n: { minimum: " + minimum +
            " }, t: { $ref: '#/components/schemas/T' } } } } }\n");
  };
  EXPECT_EQ(changes(with("1"), with("0")),
            "harmless: POST /a: body /n: minimum falls from 1 to 0 [minimum]\n");
}

}  // namespace
}  // namespace linkspan::catalog
