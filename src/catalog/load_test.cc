#include "catalog/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/catalog_testing.h"

namespace linkspan::catalog {
namespace {

using ::testing::HasSubstr;
using testing::load_files;
using testing::load_text;
using testing::loaded;
using testing::texts_of;
using testing::with_paths;

TEST(Load, json_and_yaml_make_the_same_model) {
  const auto yaml = loaded(
      "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    get: {responses: {'200': "
      "{description: ok}}}\n");
  const auto json = loaded(
      R"({"openapi":"3.0.3","info":{"title":"T","version":"1"},"paths":{"/a":{"get":{"responses":{"200":{"description":"ok"}}}}}})");
  for (const auto& api : {yaml, json}) {
    ASSERT_EQ(api->operations.size(), 1U);
    EXPECT_EQ(api->operations[0].method, "GET");
    EXPECT_EQ(api->operations[0].responses[0].status, "200");
  }
}

TEST(Load, parameters_of_the_path_are_merged_and_replaced_by_those_of_the_operation) {
  const auto api = loaded(with_paths(R"(  /a/{id}:
    parameters:
      - { name: id, in: path, required: true, schema: { type: string } }
      - { name: page, in: query, schema: { type: integer } }
    get:
      parameters:
        - { name: page, in: query, required: true, schema: { type: string } }
)"));
  const auto& parameters = api->operations[0].parameters;
  ASSERT_EQ(parameters.size(), 2U);
  EXPECT_EQ(parameters[0].name, "id");
  EXPECT_TRUE(parameters[1].required);
}

TEST(Load, operations_without_an_id_get_one_that_no_other_has) {
  const auto api = loaded(with_paths(R"(  /a/{id}.json:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get: {}
  /a/{id}/json:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get: {}
    put: { operationId: put_x }
  /x: { put: {} }
)"));
  std::vector<std::string> ids;
  for (const Operation& operation : api->operations) ids.push_back(operation.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"get_a_id_json", "get_a_id_json_2", "put_x", "put_x_2"}));
}

TEST(Load, references_lead_into_other_files_and_back) {
  const LoadResult result = load_files({
      {"api.yaml",
       "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /a: { $ref: 'paths/a.yaml' }\n"
       "components:\n  schemas:\n    Id: { type: integer }\n"},
      {"paths/a.yaml", "get:\n  parameters: [{ $ref: '../common.json#/id' }]\n"},
      {"common.json",
       R"({"id": {"name": "id", "in": "query", "schema": {"$ref": "api.yaml#/components/schemas/Id"}}})"},
  });
  EXPECT_EQ(texts_of(result.problems), "");
  ASSERT_NE(result.api, nullptr);
  EXPECT_EQ(result.api->operations[0].parameters[0].name, "id");
  EXPECT_EQ(result.api->documents->size(), 3U);
}

TEST(Load, references_that_lead_nowhere_are_reported_where_they_stand) {
  const LoadResult result = load_text(
      "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    get:\n      parameters:\n"
      "        - $ref: '#/components/parameters/none'\n        - $ref: 'https://example.com/x.yaml#/y'\n"
      "        - $ref: '../x.yaml'\n        - $ref: 'gone.yaml'\n");
  const std::string text = texts_of(result.problems);
  EXPECT_THAT(text,
              HasSubstr("api.yaml:7:11: error: the reference \"#/components/parameters/none\" leads nowhere "
                        "(/paths/~1a/get/parameters/0/$ref)"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "api.yaml:8:11: error: the reference \"https://example.com/x.yaml#/y\" leads to another machine"));
  EXPECT_THAT(text, HasSubstr("outside of the folder"));
  EXPECT_THAT(text, HasSubstr("there is no file \"gone.yaml\""));
  ASSERT_NE(result.api, nullptr);
  EXPECT_EQ(result.api->operations.size(), 1U);
}

TEST(Load, references_in_a_circle_are_reported_where_no_schema_may_have_them) {
  const LoadResult result =
      load_text(with_paths("  /a: { get: { parameters: [{ $ref: '#/components/parameters/a' }] } }\n",
                           "components:\n  parameters:\n    a: { $ref: '#/components/parameters/b' }\n    b: "
                           "{ $ref: '#/components/parameters/a' }\n"
                           "  schemas:\n    Tree: { type: object, properties: { left: { $ref: "
                           "'#/components/schemas/Tree' } } }\n"));
  ASSERT_NE(result.api, nullptr);
  for (const Problem& problem : result.problems) EXPECT_THAT(problem.message, HasSubstr("circle"));
  EXPECT_FALSE(result.problems.empty());
  EXPECT_EQ(result.api->schemas.size(), 1U);
}

TEST(Load, what_is_not_understood_is_reported_and_the_rest_is_there) {
  const LoadResult result = load_text(with_paths(R"(  /a:
    get:
      sumary: x
      x-internal: true
      parameters:
        - { name: q, in: quary, schema: {} }
        - { name: r, in: query, style: fancy, schema: {} }
      responses: { '2000': { description: x }, '200': 7, '201': { description: made } }
    fetch: {}
  no-slash: {}
)"));
  const std::string text = texts_of(result.problems);
  EXPECT_THAT(text, HasSubstr("api.yaml:6:7: warning: unknown field \"sumary\" in Operation of OpenAPI 3.1; "
                              "did you mean \"summary\"?"));
  EXPECT_THAT(text, HasSubstr("\"quary\" is no place for a parameter"));
  EXPECT_THAT(text, HasSubstr("there is no style \"fancy\""));
  EXPECT_THAT(text, HasSubstr("\"2000\" is no status"));
  EXPECT_THAT(text, HasSubstr("Response must be an object, but this is a number"));
  EXPECT_THAT(text, HasSubstr("unknown field \"fetch\" in Path Item"));
  EXPECT_THAT(text, HasSubstr("a path must begin with \"/\""));
  ASSERT_EQ(result.api->operations.size(), 1U);
  EXPECT_EQ(result.api->operations[0].parameters.size(), 1U);
}

TEST(Load, path_parameters_and_templates_must_agree) {
  const LoadResult result = load_text(with_paths(
      "  /a/{id}: { get: { parameters: [{ name: di, in: path, required: true, schema: {} }] } }\n"));
  const std::string text = texts_of(result.problems);
  EXPECT_THAT(text, HasSubstr("the path has {id}, but no parameter describes it"));
  EXPECT_THAT(text, HasSubstr("the path parameter \"di\" is not in the path"));
}

TEST(Load, swagger_parameters_become_schemas_bodies_and_forms) {
  const auto api = loaded(R"(swagger: '2.0'
info: { title: T, version: '1' }
host: api.example.com
basePath: /v1
schemes: [https]
consumes: [application/json]
produces: [application/json, application/xml]
paths:
  /pets:
    get:
      parameters:
        - { name: tags, in: query, type: array, items: { type: string }, collectionFormat: pipes }
        - { name: ids, in: query, type: array, items: { type: integer }, collectionFormat: multi }
      responses: { 200: { description: ok, schema: { $ref: '#/definitions/Pet' } } }
    post:
      parameters: [{ name: pet, in: body, required: true, schema: { $ref: '#/definitions/Pet' } }]
      responses: { default: { description: ok } }
    put:
      parameters:
        - { name: name, in: formData, type: string, required: true }
        - { name: photo, in: formData, type: file }
      responses: { default: { description: ok } }
definitions: { Pet: { type: object } }
securityDefinitions: { key: { type: apiKey, name: k, in: header }, basic: { type: basic } }
)");
  EXPECT_EQ(api->servers[0].url, "https://api.example.com/v1");
  const Operation& get = api->operations[0];
  EXPECT_EQ(get.parameters[0].style, Style::pipe_delimited);
  EXPECT_FALSE(get.parameters[0].explode);
  EXPECT_TRUE(get.parameters[1].explode);
  ASSERT_EQ(get.responses[0].content.size(), 2U);
  EXPECT_TRUE(api->operations[1].request_body->required);
  const MediaType& form = api->operations[2].request_body->content[0];
  EXPECT_EQ(form.type, "multipart/form-data");
  EXPECT_EQ(form.schema->value.find("properties")->size(), 2U);
  EXPECT_EQ(api->security_schemes[1].scheme, "basic");
}

TEST(Load, version_3_2_has_query_additional_operations_and_querystring) {
  const auto api = loaded(R"(openapi: 3.2.0
$self: https://api.example.com/openapi.yaml
info: { title: T, version: '1' }
paths:
  /search:
    query: { operationId: find }
    additionalOperations: { LINK: { operationId: link } }
    get:
      parameters:
        - name: q
          in: querystring
          content: { application/x-www-form-urlencoded: { schema: { $ref: 'https://api.example.com/openapi.yaml#/components/schemas/Q' } } }
        - { name: c, in: cookie, style: cookie, schema: { type: string } }
components: { schemas: { Q: { type: object } } }
)");
  std::vector<std::string> methods;
  for (const Operation& operation : api->operations) methods.push_back(operation.method);
  EXPECT_EQ(methods, (std::vector<std::string>{"QUERY", "GET", "LINK"}));
  EXPECT_EQ(api->operations[1].parameters[0].in, ParameterIn::querystring);
  EXPECT_EQ(api->operations[1].parameters[1].style, Style::cookie);
}

TEST(Load, webhooks_callbacks_and_security_are_there) {
  const auto api = loaded(R"(openapi: 3.1.0
info: { title: T, version: '1' }
security: [{ key: [] }]
webhooks: { paid: { post: {} } }
paths:
  /a:
    get: { security: [{}] }
    post:
      callbacks: { done: { '{$request.body#/url}': { post: {} } } }
components: { securitySchemes: { key: { type: apiKey, in: query, name: k } } }
)");
  ASSERT_EQ(api->webhooks.size(), 1U);
  EXPECT_EQ(api->webhooks[0].path, "paid");
  EXPECT_TRUE(api->operations[0].security[0].schemes.empty());
  EXPECT_EQ(api->operations[1].security[0].schemes[0].first, "key");
  EXPECT_EQ(api->operations[1].callbacks[0].expression, "{$request.body#/url}");
}

TEST(Load, limits_end_in_a_problem) {
  LoadLimits limits;
  limits.max_operations = 1;
  EXPECT_THAT(texts_of(load_text(with_paths("  /a: { get: {}, put: {} }\n"), limits).problems),
              HasSubstr("more than 1 operations"));
  limits = {};
  limits.document.max_depth = 4;
  EXPECT_EQ(load_text(with_paths("  /a: { get: { x-a: [[[[[[]]]]]] } }\n"), limits).api, nullptr);
  limits = {};
  limits.max_references = 1;
  const std::string refs =
      "components: { schemas: { A: { $ref: '#/components/schemas/B' }, B: { $ref: '#/components/schemas/A' } "
      "} }\n";
  EXPECT_THAT(texts_of(load_text(with_paths("  /a: {}\n", refs), limits).problems),
              HasSubstr("more than 1 references"));
}

TEST(Load, files_that_are_no_descriptions_say_so) {
  EXPECT_THAT(texts_of(load_text("a: 1\n").problems), HasSubstr("neither \"openapi\" nor \"swagger\""));
  EXPECT_THAT(texts_of(load_text("openapi: 4.0.0\n").problems), HasSubstr("only Swagger 2.0 and OpenAPI"));
  EXPECT_THAT(texts_of(load_text("{\"openapi\": 1,,}").problems), HasSubstr("api.yaml:1:15: error"));
  EXPECT_THAT(texts_of(load_text("a: [1\n").problems), HasSubstr("api.yaml:2:1: error"));
  EXPECT_THAT(texts_of(load_files({}).problems), HasSubstr("there is no file \"api.yaml\""));
}

TEST(Load, references_go_by_anchors_and_by_id) {
  const auto api = loaded(with_paths(
      "  /a: { get: { parameters: [{ name: q, in: query, schema: { $ref: '#thing' } }] } }\n",
      "components: { schemas: { T: { $anchor: thing, type: string }, U: { $id: 'https://x.example/u' },"
      " V: { $ref: 'https://x.example/u' } } }\n"));
  EXPECT_EQ(api->schemas.size(), 3U);
}

}  // namespace
}  // namespace linkspan::catalog
