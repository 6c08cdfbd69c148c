#include "catalog/build_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/catalog_testing.h"
#include "catalog/check_message.h"
#include "data/json_testing.h"
#include "data/json_write.h"

namespace linkspan::catalog {
namespace {

using data::testing::parsed;
using ::testing::HasSubstr;
using testing::loaded;
using testing::texts_of;

std::shared_ptr<const Api> shop() {
  return loaded(testing::with_paths(R"(  /orders/{id}.json:
    put:
      operationId: put
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer } }
        - { name: tags, in: query, explode: false, schema: { type: array, items: { type: string } } }
        - { name: dry, in: query, required: true, schema: { type: boolean } }
        - { name: X-Trace, in: header, schema: { type: string } }
        - { name: session, in: cookie, schema: { type: string } }
      requestBody:
        required: true
        content:
          text/plain: { schema: { type: string } }
          application/json: { schema: { type: object, required: [qty], properties: { qty: { type: integer, minimum: 1 }, made: { type: string, readOnly: true } } } }
          application/xml: { schema: { type: object, xml: { name: order }, properties: { qty: { type: integer, xml: { attribute: true } } } } }
          application/x-www-form-urlencoded:
            schema: { type: object, properties: { qty: { type: integer }, tags: { type: array, items: { type: string } }, deep: { type: object } } }
          multipart/form-data:
            schema: { type: object, properties: { qty: { type: integer }, file: { type: string, format: binary }, meta: { type: object } } }
      responses:
        '200':
          description: ok
          headers: { X-Left: { required: true, schema: { type: integer } } }
          content: { application/json: { schema: { type: object, required: [made], properties: { made: { type: string, readOnly: true }, secret: { type: string, writeOnly: true } } } } }
        4XX: { description: refused }
)"));
}

RequestArguments usual() {
  RequestArguments arguments;
  arguments.path = parsed(R"({"id": 7})");
  arguments.query = parsed(R"({"tags": ["a b", "c,d"], "dry": false})");
  arguments.header = parsed(R"({"x-trace": "t1"})");
  arguments.cookie = parsed(R"({"session": "s1"})");
  arguments.body = parsed(R"({"qty": 2})");
  return arguments;
}

CheckedRequest check(const Api& api, const BuiltRequest& request) {
  const std::vector<HeaderView> headers(request.headers.begin(), request.headers.end());
  return check_request(api, api.operations[0], {request.path, request.query, headers, request.body});
}

TEST(BuildRequest, arguments_go_to_their_places) {
  const auto api = shop();
  const BuiltRequest request = build_request(*api, api->operations[0], usual());
  EXPECT_EQ(texts_of(request.problems), "");
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.target(), "/orders/7.json?tags=a%20b,c%2Cd&dry=false");
  EXPECT_EQ(
      request.headers,
      (HeaderFields{{"X-Trace", "t1"}, {"Cookie", "session=s1"}, {"Content-Type", "application/json"}}));
  EXPECT_EQ(request.body, R"({"qty":2})");
}

TEST(BuildRequest, all_problems_are_told_at_once) {
  const auto api = shop();
  RequestArguments arguments = usual();
  arguments.path = {};
  arguments.query = parsed(R"({"tag": 1, "tags": [[1]]})");
  arguments.body.reset();
  const std::string text = texts_of(build_request(*api, api->operations[0], arguments).problems);
  EXPECT_THAT(text, HasSubstr("the path parameter \"id\" is required (/path/id)"));
  EXPECT_THAT(text, HasSubstr("there is no query parameter \"tag\"; did you mean \"tags\"? (/query/tag)"));
  EXPECT_THAT(text, HasSubstr("the query parameter \"dry\" is required (/query/dry)"));
  EXPECT_THAT(text, HasSubstr("(/query/tags)"));
  EXPECT_THAT(text, HasSubstr("a body is required (/body)"));
}

TEST(CheckRequest, what_was_built_reads_back_as_the_arguments) {
  const auto api = shop();
  for (const char* type :
       {"application/json", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data"}) {
    RequestArguments arguments = usual();
    arguments.content_type = type;
    const std::string body =
        std::string(type).starts_with("multipart")  ? R"({"qty":2,"file":"abc","meta":{"a":[1]}})"
        : std::string(type).ends_with("urlencoded") ? R"({"qty":2,"tags":["a&b","c"],"deep":{"x":[1]}})"
                                                    : R"({"qty":2})";
    arguments.body = parsed(body);
    const BuiltRequest request = build_request(*api, api->operations[0], arguments);
    EXPECT_EQ(texts_of(request.problems), "");
    const CheckedRequest checked = check(*api, request);
    EXPECT_EQ(texts_of(checked.problems), "") << type;
    EXPECT_EQ(data::write_json(checked.path), R"({"id":7})");
    EXPECT_EQ(data::write_json(checked.query), R"({"tags":["a b","c,d"],"dry":false})");
    EXPECT_EQ(data::write_json(checked.header), R"({"X-Trace":"t1"})");
    EXPECT_EQ(data::write_json(checked.cookie), R"({"session":"s1"})");
    EXPECT_EQ(data::write_json(checked.body), body) << type;
  }
}

TEST(BuildRequest, xml_follows_the_xml_objects_of_the_schema) {
  const auto api = shop();
  RequestArguments arguments = usual();
  arguments.content_type = "application/xml";
  EXPECT_EQ(build_request(*api, api->operations[0], arguments).body, "<order qty=\"2\"/>");
  arguments.body = data::JsonValue("<order qty='3'/>");
  EXPECT_EQ(build_request(*api, api->operations[0], arguments).body, "<order qty='3'/>");
}

TEST(CheckRequest, all_problems_have_pointers) {
  const auto api = shop();
  const std::vector<HeaderView> headers{{"content-type", "application/json"}};
  const CheckedRequest checked = check_request(
      *api, api->operations[0], {"/orders/x.json", "dry=maybe", headers, R"({"qty":0,"made":"x"})"});
  const std::string text = texts_of(checked.problems);
  for (const char* pointer : {"(/path/id)", "(/query/dry)", "(/body/qty)", "(/body/made)"})
    EXPECT_THAT(text, HasSubstr(pointer));
}

TEST(CheckRequest, bodies_of_other_types_and_malformed_ones_are_refused) {
  const auto api = shop();
  const std::vector<HeaderView> image{{"Content-Type", "image/png"}};
  const std::vector<HeaderView> json{{"Content-Type", "application/json; charset=utf-8"}};
  EXPECT_THAT(
      texts_of(check_request(*api, api->operations[0], {"/orders/1.json", "dry=true", image, "x"}).problems),
      HasSubstr("takes no \"image/png\""));
  EXPECT_THAT(
      texts_of(check_request(*api, api->operations[0], {"/orders/1.json", "dry=true", json, "{"}).problems),
      HasSubstr("(/body)"));
  EXPECT_THAT(
      texts_of(check_request(*api, api->operations[0], {"/orders/1.json", "dry=true", {}, ""}).problems),
      HasSubstr("a body is required"));
}

TEST(CheckResponse, status_headers_and_body_are_looked_at) {
  const auto api = shop();
  const Operation& operation = api->operations[0];
  const std::vector<HeaderView> good{{"x-left", "3"}, {"content-type", "application/json"}};
  EXPECT_EQ(texts_of(check_response(*api, operation, {200, good, R"({"made":"now"})"}).problems), "");
  EXPECT_THAT(texts_of(check_response(*api, operation, {200, good, R"({"secret":"s"})"}).problems),
              HasSubstr("/body"));
  EXPECT_EQ(texts_of(check_response(*api, operation, {404, {}, ""}).problems), "");
  EXPECT_THAT(texts_of(check_response(*api, operation, {500, {}, ""}).problems),
              HasSubstr("no response 500"));
  EXPECT_THAT(texts_of(check_response(*api, operation, {200, {}, ""}).problems),
              HasSubstr("\"X-Left\" is required"));
}

TEST(FindOperation, literals_win_over_names) {
  const auto api = loaded(testing::with_paths(R"(  /a/{id}:
    get: { operationId: one, parameters: [{ name: id, in: path, required: true, schema: {} }] }
  /a/mine: { get: { operationId: mine } }
)"));
  EXPECT_EQ(find_operation(*api, "GET", "/a/mine")->id, "mine");
  EXPECT_EQ(find_operation(*api, "GET", "/a/7")->id, "one");
  EXPECT_EQ(find_operation(*api, "PUT", "/a/7"), nullptr);
}

TEST(ExpandServer, variables_have_defaults) {
  Server server;
  server.url = "https://{region}.example/{v}/{region}";
  server.variables = {{"region", "eu", {}}, {"v", "1", {}}};
  EXPECT_EQ(expand_server(server), "https://eu.example/1/eu");
  EXPECT_EQ(expand_server(server, parsed(R"({"region": "us"})")), "https://us.example/1/us");
}

TEST(ExpandServer, values_are_not_expanded_again) {
  Server server;
  server.url = "https://{a}/{c}";
  server.variables = {{"a", "{b}{b}", {}}, {"b", "{a}{a}", {}}};
  EXPECT_EQ(expand_server(server), "https://{b}{b}/{c}");
}

}  // namespace
}  // namespace linkspan::catalog
