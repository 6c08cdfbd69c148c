#include "data/schema/schema.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "data/json_parse.h"
#include "data/json_testing.h"

namespace linkspan::data {
namespace {

using testing::parsed;
using enum SchemaDialect;

JsonSchema compiled(std::string_view text, SchemaDialect dialect = draft2020_12) {
  auto schema = compile_schema(parsed(text), dialect);
  EXPECT_TRUE(schema.ok()) << (schema ? "" : schema.error().to_string());
  return schema ? *schema : *compile_schema(true);
}

std::string refusal(std::string_view text, SchemaDialect dialect = draft2020_12) {
  auto schema = compile_schema(parsed(text), dialect);
  return schema ? "" : schema.error().to_string();
}

std::vector<std::string> problems(const JsonSchema& schema, std::string_view instance,
                                  const SchemaCheck& check = {}) {
  std::vector<std::string> lines;
  for (const SchemaProblem& problem : schema.validate(parsed(instance), check))
    lines.push_back(problem.to_string());
  EXPECT_EQ(schema.is_valid(parsed(instance), check), lines.empty());
  return lines;
}

bool accepts(const JsonSchema& schema, std::string_view instance, const SchemaCheck& check = {}) {
  return problems(schema, instance, check).empty();
}

using Lines = std::vector<std::string>;

constexpr std::string_view kOrder = R"({
  "type": "object",
  "required": ["id", "items"],
  "properties": {
    "id": {"type": "integer", "minimum": 1},
    "status": {"enum": ["new", "paid", null]},
    "items": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/item"}}
  },
  "additionalProperties": false,
  "$defs": {
    "item": {
      "type": "object",
      "properties": {"sku": {"type": "string", "pattern": "^[A-Z]{2}\\d+$"}, "qty": {"type": "integer", "minimum": 1}},
      "required": ["sku", "qty"]
    }
  }
})";

TEST(JsonSchema, all_problems_are_told_with_their_places) {
  const JsonSchema order = compiled(kOrder);
  EXPECT_EQ(problems(order, R"({"id": 1, "items": [{"sku": "AB1", "qty": 2}]})"), Lines{});
  EXPECT_EQ(
      problems(order,
               R"({"id": 0, "status": "old", "itms": 1, "items": [{"sku": "ab", "qty": 0}, {"qty": "1"}]})"),
      (Lines{"/id: must be at least 1, is 0", R"(/status: must be one of "new", "paid", null, is "old")",
             R"(/itms: is not a property that may be here; is "items" meant?)",
             R"(/items/0/sku: must match the pattern "^[A-Z]{2}\d+$", is "ab")",
             "/items/0/qty: must be at least 1, is 0",
             R"(/items/1/qty: must be an integer, is the string "1")",
             R"(/items/1: must have the property "sku")"}));
  EXPECT_EQ(problems(order, "[]"), Lines{"the value must be an object, is an empty array"});
}

TEST(JsonSchema, a_problem_names_the_keyword_and_where_it_stands) {
  SchemaSet set;
  ASSERT_TRUE(set.add("file:///order.json", parsed(kOrder), draft2020_12).ok());
  const auto order = set.compile("file:///order.json");
  ASSERT_TRUE(order.ok());
  const auto found = order->validate(parsed(R"({"id": 1, "items": [{"sku": "AB1", "qty": 0}]})"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].instance, "/items/0/qty");
  EXPECT_EQ(found[0].schema, "file:///order.json#/$defs/item/properties/qty/minimum");
  EXPECT_EQ(found[0].keyword, "minimum");
}

TEST(JsonSchema, no_more_problems_are_told_than_asked_for) {
  const JsonSchema schema = compiled(R"({"items": {"type": "string"}})");
  EXPECT_EQ(problems(schema, "[1,2,3,4,5]", {.max_problems = 2}).size(), 2u);
}

TEST(JsonSchema, alternatives_tell_what_the_nearest_lacks) {
  const JsonSchema schema = compiled(R"({"oneOf": [
    {"properties": {"kind": {"const": "card"}, "number": {"type": "string"}}, "required": ["kind"]},
    {"type": "null"}]})");
  EXPECT_EQ(problems(schema, R"({"kind": "card", "number": 1})"),
            Lines{"the value must match exactly one of 2 schemas, matches none; by number 1, the nearest, "
                  "/number must "
                  "be a string, is the number 1"});
  EXPECT_EQ(problems(compiled(R"({"oneOf": [true, {"type": "integer"}]})"), "1"),
            Lines{"the value must match exactly one of 2 schemas, matches number 1 and number 2"});
}

TEST(JsonSchema, lengths_count_characters) {
  const JsonSchema schema = compiled(R"({"minLength": 2, "maxLength": 3})");
  EXPECT_TRUE(accepts(schema, R"("äö")"));
  EXPECT_TRUE(accepts(schema, R"("😀😀😀")"));
  EXPECT_EQ(problems(schema, R"("😀")"), Lines{"the value must have at least 2 characters, has 1"});
  EXPECT_FALSE(accepts(schema, R"("äöüß")"));
}

TEST(JsonSchema, numbers_are_compared_by_all_their_digits) {
  const JsonSchema schema = compiled(R"({"maximum": 9007199254740993, "multipleOf": 0.01})");
  EXPECT_TRUE(accepts(schema, "9007199254740993"));
  EXPECT_FALSE(accepts(schema, "9007199254740994"));
  EXPECT_TRUE(accepts(schema, "19.99"));
  EXPECT_FALSE(accepts(schema, "19.999"));
  EXPECT_TRUE(accepts(compiled(R"({"type": "integer"})"), "123456789012345678901234567890"));
}

TEST(JsonSchema, one_point_zero_is_an_integer_but_in_draft_4) {
  EXPECT_TRUE(accepts(compiled(R"({"type": "integer"})"), "1.0"));
  EXPECT_FALSE(accepts(compiled(R"({"type": "integer"})", draft4), "1.0"));
  EXPECT_TRUE(accepts(compiled(R"({"type": "integer"})", openapi_3_0), "1.0"));
}

TEST(JsonSchema, many_items_are_found_unique_or_not) {
  const JsonSchema schema = compiled(R"({"uniqueItems": true})");
  JsonArrayBuilder items;
  for (int i = 0; i < 10'000; ++i) items.add(JsonValue::object({{"id", i}, {"name", "same"}}));
  const JsonValue unique = items.build();
  EXPECT_TRUE(schema.is_valid(unique));
  JsonValue twice = unique;
  twice.push_back(JsonValue::object({{"name", "same"}, {"id", 17.0}}));
  const auto found = schema.validate(twice);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].message, "must not have an item twice, items 17 and 10000 are equal");
}

TEST(JsonSchema, references_reach_other_documents_and_metaschemas_only) {
  SchemaSet set;
  ASSERT_TRUE(
      set.add("http://x/a/order.json", parsed(R"({"$ref": "../b/item.json#/definitions/item"})"), draft7)
          .ok());
  ASSERT_TRUE(
      set.add("http://x/b/item.json", parsed(R"({"definitions": {"item": {"type": "string"}}})"), draft7)
          .ok());
  ASSERT_TRUE(set.add("http://x/c.json", parsed(R"({"$ref": "nowhere.json"})"), draft7).ok());
  const auto order = set.compile("http://x/a/order.json");
  ASSERT_TRUE(order.ok());
  EXPECT_FALSE(accepts(*order, "1"));
  const auto nowhere = set.compile("http://x/c.json");
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().to_string(),
            "schema-reference-unresolved: http://x/c.json#/$ref: \"http://x/nowhere.json\": no document or "
            "schema of "
            "this URI was given, and none is ever fetched");
  EXPECT_FALSE(
      accepts(compiled(R"({"$ref": "http://json-schema.org/draft-07/schema#"})"), R"({"minimum": "1"})"));
  EXPECT_EQ(set.add("http://x/c.json", true, draft7).error().slug(), "schema-invalid");
}

TEST(JsonSchema, a_reference_can_be_compiled_by_pointer_anchor_and_id) {
  SchemaSet set;
  ASSERT_TRUE(set.add("http://x/s", parsed(R"({"$defs": {"a/b": {"$anchor": "here", "type": "null"},
                                                         "c": {"$id": "c", "type": "string"}}})"),
                      draft2020_12)
                  .ok());
  const auto by_pointer = set.compile("http://x/s", *JsonPointer::parse("/$defs/a~1b"));
  ASSERT_TRUE(by_pointer.ok());
  EXPECT_EQ(by_pointer->location(), "http://x/s#/$defs/a~1b");
  const auto by_anchor = set.compile_reference("http://x/s#here");
  ASSERT_TRUE(by_anchor.ok());
  EXPECT_EQ(by_anchor->location(), "http://x/s#/$defs/a~1b");
  const auto by_id = set.compile_reference("http://x/c");
  ASSERT_TRUE(by_id.ok());
  EXPECT_TRUE(accepts(*by_id, R"("text")"));
  EXPECT_FALSE(set.compile("http://x/s", *JsonPointer::parse("/$defs/d")).ok());
  EXPECT_FALSE(set.compile_reference("http://x/s#there").ok());
}

TEST(JsonSchema, trees_are_checked_to_their_leaves) {
  const JsonSchema tree =
      compiled(R"({"type": "object", "properties": {"children": {"items": {"$ref": "#"}}}})");
  EXPECT_TRUE(accepts(tree, R"({"children": [{"children": [{}]}, {}]})"));
  EXPECT_EQ(problems(tree, R"({"children": [{"children": [1]}]})"),
            Lines{"/children/0/children/0: must be an object, is the number 1"});
}

TEST(JsonSchema, references_in_a_circle_are_refused) {
  const std::string words =
      "schema-invalid: #: leads back to itself, through references or combinations, without ever "
      "going into the value";
  EXPECT_EQ(refusal(R"({"$ref": "#"})"), words);
  EXPECT_EQ(refusal(R"({"allOf": [{"anyOf": [{"not": {"$ref": "#"}}]}]})"), words);
  EXPECT_EQ(
      refusal(R"({"$ref": "#/definitions/a", "definitions": {"a": {"$ref": "#/definitions/a"}}})", draft7),
      "schema-invalid: #/definitions/a: leads back to itself, through references or combinations, without "
      "ever "
      "going into the value");
}

TEST(JsonSchema, long_rows_of_references_compile_quickly) {
  constexpr int kRow = 10'000;
  JsonValue definitions = JsonValue::empty_object();
  JsonValue properties = JsonValue::empty_object();
  for (int i = 0; i < kRow; ++i) {
    const std::string name = "d" + std::to_string(i);
    const std::string next = "#/$defs/d" + std::to_string(i - 1);
    definitions.set(name, i == 0 ? parsed(R"({"type": "string"})") : JsonValue::object({{"$ref", next}}));
    properties.set(name, JsonValue::object({{"$ref", "#/$defs/" + name}}));
  }
  const auto schema = compile_schema(JsonValue::object({{"properties", properties}, {"$defs", definitions}}));
  ASSERT_TRUE(schema.ok());
  EXPECT_TRUE(accepts(*schema, R"({"d9999": "text"})"));
  EXPECT_FALSE(accepts(*schema, R"({"d9999": 1})"));
}

TEST(JsonSchema, an_unusable_schema_says_where) {
  EXPECT_EQ(refusal(R"({"properties": {"a": {"minLength": "1"}}})"),
            "schema-invalid: #/properties/a/minLength: must be a whole number of at least 0, is \"1\"");
  EXPECT_EQ(refusal(R"({"items": [true]})"),
            "schema-invalid: #/items: must be one schema; a list of them is prefixItems in this dialect");
  EXPECT_EQ(refusal(R"({"pattern": "a("})"),
            "schema-invalid: #/pattern: \"a(\" is no regular expression that can be used: a group is not "
            "closed (at "
            "character 3)");
  EXPECT_EQ(refusal(R"({"type": "text"})").substr(0, 55),
            "schema-invalid: #/type: must be the name of a type (nul");
  EXPECT_EQ(refusal(R"({"not": 7})"), "schema-invalid: #/not: a schema is an object or a boolean, not 7");
  EXPECT_EQ(refusal(R"({"$schema": "http://x/own"})"),
            "schema-invalid: #: $schema is \"http://x/own\", neither a draft that is supported nor a "
            "document given");
  EXPECT_EQ(refusal(R"({"minimum": 1, "exclusiveMinimum": 2})", draft4),
            "schema-invalid: #/minimum: exclusiveMinimum beside it must be true or false, is 2");
}

TEST(JsonSchema, a_set_goes_on_after_an_error) {
  SchemaSet set;
  ASSERT_TRUE(set.add("x:s",
                      parsed(R"({"$defs": {"good": {"type": "string"}, "bad": {"$ref": "#/$defs/worse"},
                                        "worse": {"allOf": [{"$ref": "#/$defs/good"}, {"type": 1}]}}})"),
                      draft2020_12)
                  .ok());
  EXPECT_FALSE(set.compile_reference("x:s#/$defs/bad").ok());
  const auto good = set.compile_reference("x:s#/$defs/good");
  ASSERT_TRUE(good.ok());
  EXPECT_FALSE(accepts(*good, "1"));
  EXPECT_FALSE(set.compile_reference("x:s#/$defs/bad").ok());
}

TEST(JsonSchema, the_dialect_decides_about_neighbours_of_ref) {
  const std::string_view text =
      R"({"$ref": "#/definitions/a", "maxLength": 1, "definitions": {"a": {"type": "string"}}})";
  EXPECT_TRUE(accepts(compiled(text, draft7), R"("long")"));
  EXPECT_FALSE(accepts(compiled(text, draft2020_12), R"("long")"));
}

TEST(JsonSchema, a_schema_says_itself_what_dialect_it_is) {
  const std::string_view text =
      R"({"$schema": "https://json-schema.org/draft-04/schema", "minimum": 1, "exclusiveMinimum": true})";
  EXPECT_FALSE(accepts(compiled(text), "1"));
  EXPECT_TRUE(accepts(
      compiled(R"({"$schema": "https://spec.openapis.org/oas/3.1/dialect/2024-11-10", "const": 1})"), "1"));
  EXPECT_NE(refusal(R"({"$schema": "https://json-schema.org/draft/2019-09/schema"})"), "");
}

TEST(JsonSchema, openapi_3_0_has_nullable_and_boolean_exclusive_bounds) {
  const JsonSchema schema = compiled(
      R"({"type": "number", "nullable": true, "minimum": 0, "exclusiveMinimum": true})", openapi_3_0);
  EXPECT_TRUE(accepts(schema, "null"));
  EXPECT_TRUE(accepts(schema, "0.1"));
  EXPECT_EQ(problems(schema, "0"), Lines{"the value must be above 0, is 0"});
  EXPECT_EQ(problems(schema, "[]"), Lines{"the value must be a number or null, is an empty array"});
}

TEST(JsonSchema, formats_count_when_asked) {
  const JsonSchema schema = compiled(R"({"format": "date"})");
  EXPECT_TRUE(accepts(schema, R"("2026-02-30")"));
  EXPECT_EQ(problems(schema, R"("2026-02-30")", {.assert_formats = true}),
            Lines{"the value must have the format date, is \"2026-02-30\""});
  const JsonSchema number = compiled(R"({"type": "integer", "format": "int32"})", openapi_3_0);
  EXPECT_FALSE(accepts(number, "2147483648", {.assert_formats = true}));
  EXPECT_TRUE(accepts(compiled(R"({"format": "int32"})"), "2147483648", {.assert_formats = true}));
}

TEST(JsonSchema, what_is_read_only_is_neither_required_nor_allowed_in_requests) {
  const JsonSchema schema =
      compiled(R"({"components": 1, "required": ["id", "name", "secret"], "properties": {
      "id": {"type": "integer", "readOnly": true}, "name": {"type": "string"},
      "secret": {"type": "string", "writeOnly": true}}})",
               openapi_3_0);
  const SchemaCheck request{.direction = SchemaDirection::request};
  const SchemaCheck response{.direction = SchemaDirection::response};
  EXPECT_TRUE(accepts(schema, R"({"name": "a", "secret": "s"})", request));
  EXPECT_EQ(problems(schema, R"({"id": 1, "name": "a", "secret": "s"})", request),
            Lines{"/id: must not be sent: it is only read"});
  EXPECT_TRUE(accepts(schema, R"({"id": 1, "name": "a"})", response));
  EXPECT_EQ(problems(schema, R"({"id": 1, "name": "a", "secret": "s"})", response),
            Lines{"/secret: must not be returned: it is only written"});
  EXPECT_EQ(problems(schema, R"({"name": "a", "secret": "s"})"),
            Lines{R"(the value must have the property "id")"});
}

TEST(JsonSchema, a_read_only_property_of_a_base_is_not_required_by_what_extends_it) {
  const JsonSchema schema = compiled(R"({
      "allOf": [{"$ref": "#/definitions/base"}, {"required": ["id"]}],
      "definitions": {"base": {"properties": {"id": {"$ref": "#/definitions/id"}}},
                      "id": {"type": "integer", "readOnly": true}}})",
                                     openapi_3_0);
  EXPECT_TRUE(accepts(schema, "{}", {.direction = SchemaDirection::request}));
  EXPECT_FALSE(accepts(schema, "{}", {.direction = SchemaDirection::response}));
}

TEST(JsonSchema, unevaluated_properties_are_those_no_part_speaks_of) {
  const JsonSchema schema = compiled(R"({"allOf": [{"properties": {"a": true}}],
      "anyOf": [{"properties": {"b": {"type": "string"}}, "required": ["b"]}, true], "unevaluatedProperties": false})");
  EXPECT_TRUE(accepts(schema, R"({"a": 1, "b": "x"})"));
  EXPECT_EQ(problems(schema, R"({"a": 1, "b": 2})"),
            Lines{"/b: must not be there: no part of the schema speaks of it"});
}

TEST(JsonSchema, unevaluated_reaches_past_64_members) {
  const JsonSchema schema =
      compiled(R"({"patternProperties": {"^k": true}, "unevaluatedProperties": {"type": "null"}})");
  JsonValue value = JsonValue::empty_object();
  for (int i = 0; i < 200; ++i) value.set("k" + std::to_string(i), i);
  EXPECT_TRUE(schema.is_valid(value));
  value.set("other", 1);
  EXPECT_FALSE(schema.is_valid(value));
}

std::string nested(std::string_view open, std::string_view inner, std::string_view close, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += open;
  text += inner;
  for (int i = 0; i < times; ++i) text += close;
  return text;
}

TEST(JsonSchema, depth_is_limited_whatever_the_instance) {
  const JsonSchema tree = compiled(R"({"items": {"$ref": "#"}, "not": {"type": "string"}})");
  EXPECT_TRUE(accepts(tree, nested("[", "", "]", 300)));
  const auto deep = parse_json(nested("[", "", "]", 50'000), {.max_depth = 100'000});
  ASSERT_TRUE(deep.ok());
  for (const std::uint32_t limit : {1000u, 4'000'000'000u}) {
    const auto found = tree.validate(*deep, {.max_depth = limit});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_NE(found[0].message.find("max_depth"), std::string::npos);
    EXPECT_FALSE(tree.is_valid(*deep, {.max_depth = limit}));
  }
}

TEST(JsonSchema, a_dynamic_reference_to_itself_ends_at_the_depth_limit) {
  const JsonSchema schema = compiled(R"({"$dynamicAnchor": "a", "$dynamicRef": "#a"})");
  EXPECT_EQ(problems(schema, "1").size(), 1u);
}

TEST(JsonSchema, schemas_that_multiply_end_at_the_step_limit) {
  std::string definitions = R"("d0": {"type": "string"})";
  for (int i = 1; i < 40; ++i) {
    const std::string ref = "{\"$ref\": \"#/$defs/d" + std::to_string(i - 1) + "\"}";
    definitions += ", \"d" + std::to_string(i) + "\": {\"anyOf\": [" + ref + ", " + ref + ", {\"allOf\": [" +
                   ref + "]}]}";
  }
  const JsonSchema schema = compiled("{\"$ref\": \"#/$defs/d39\", \"$defs\": {" + definitions + "}}");
  const auto found = problems(schema, "1", {.max_steps = 100'000});
  ASSERT_FALSE(found.empty());
  EXPECT_NE(found.back().find("max_steps"), std::string::npos);
}

TEST(JsonSchema, a_schema_lives_without_its_set) {
  auto set = std::make_unique<SchemaSet>();
  ASSERT_TRUE(set->add("", parsed(kOrder), draft2020_12).ok());
  auto schema = set->compile("");
  ASSERT_TRUE(schema.ok());
  const JsonSchema copy = *schema;
  set.reset();
  EXPECT_FALSE(accepts(copy, R"({"id": 0})"));
}

TEST(JsonSchema, one_document_may_be_there_under_two_uris) {
  const JsonValue document = parsed(R"({"properties": {"a": {"$ref": "b"}}})");
  SchemaSet set;
  ASSERT_TRUE(set.add("http://x/1/s", document, draft7).ok());
  ASSERT_TRUE(set.add("http://x/2/s", document, draft7).ok());
  ASSERT_TRUE(set.add("http://x/1/b", parsed(R"({"type": "string"})"), draft7).ok());
  ASSERT_TRUE(set.add("http://x/2/b", parsed(R"({"type": "null"})"), draft7).ok());
  EXPECT_FALSE(accepts(*set.compile("http://x/1/s"), R"({"a": null})"));
  EXPECT_TRUE(accepts(*set.compile("http://x/2/s"), R"({"a": null})"));
}

TEST(JsonSchema, patterns_beyond_re2_are_matched_and_cannot_hang) {
  EXPECT_TRUE(accepts(compiled(R"({"pattern": "^(?=.*\\d)(?=.*[a-z]).{4,}$"})"), R"("abc1")"));
  EXPECT_FALSE(accepts(compiled(R"({"pattern": "^(?=.*\\d)(?=.*[a-z]).{4,}$"})"), R"("abcd")"));
  const JsonSchema slow = compiled(R"({"pattern": "^(?=a)(a|a)*(a|a)*(a|a)*$"})");
  const auto found = problems(slow, "\"" + std::string(60, 'a') + "b\"");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(found[0].find("a pattern takes too many steps"), std::string::npos);
}

}  // namespace
}  // namespace linkspan::data
