#include "catalog/example.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/catalog_testing.h"
#include "catalog/pattern_text.h"
#include "data/json_write.h"

namespace linkspan::catalog {
namespace {

using data::SchemaDirection;
using ::testing::HasSubstr;
using testing::loaded;

std::shared_ptr<const Api> with_schemas(const std::string& schemas) {
  return loaded("openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n" +
                schemas);
}

// The example of schema "A"; value() vouches that it is valid.
std::string example(const std::string& schemas, SchemaDirection direction = SchemaDirection::request,
                    std::uint64_t seed = 0) {
  const auto api = with_schemas(schemas);
  ExampleMaker maker(*api, {.seed = seed});
  const auto value = maker.value(SchemaView(*api).node_of(api->schemas[0].schema), direction);
  return value ? data::write_json(*value) : value.error().to_string();
}

TEST(Example, what_the_description_offers_comes_first_if_it_is_valid) {
  EXPECT_EQ(example("    A: { type: integer, example: 42, default: 7 }\n"), "42");
  EXPECT_EQ(example("    A: { type: integer, example: x, default: 7 }\n"), "7");
  EXPECT_EQ(example("    A: { enum: [b, c] }\n"), "\"b\"");
  EXPECT_EQ(example("    A: { const: 5 }\n"), "5");
  EXPECT_EQ(example("    A: { type: string, examples: [1, two] }\n"), "\"two\"");
}

TEST(Example, bounds_lengths_and_counts_are_kept) {
  EXPECT_EQ(example("    A: { type: integer, minimum: 5, exclusiveMaximum: 7, multipleOf: 3 }\n"), "6");
  EXPECT_EQ(example("    A: { type: number, exclusiveMinimum: 0, maximum: 0.5 }\n"), "0.25");
  EXPECT_EQ(example("    A: { type: integer, maximum: -3 }\n"), "-3");
  EXPECT_EQ(
      example("    A: { type: array, minItems: 3, uniqueItems: true, items: { enum: [1, 2, 3] } }\n").size(),
      7U);
  EXPECT_EQ(example("    A: { type: string, minLength: 30, maxLength: 30 }\n").size(), 32U);
  EXPECT_THAT(example("    A: { type: object, minProperties: 2, additionalProperties: { type: integer } }\n"),
              HasSubstr("property2"));
}

TEST(Example, formats_and_patterns_are_kept) {
  for (const char* format : {"date-time", "date", "time", "duration", "uuid", "email", "hostname", "ipv4",
                             "ipv6", "uri", "uri-reference", "json-pointer", "regex", "uri-template"})
    EXPECT_THAT(example(std::string("    A: { type: string, format: ") + format + " }\n"), HasSubstr("\""))
        << format;
  for (const char* pattern : {"^AC[0-9a-fA-F]{32}$", "^(SM|MM)[0-9]{2,4}x?$", "^[^a-z]+$",
                              "^\\\\d{3}-\\\\w+$", "a.c", "^(?:x|y)(?<n>z){2}$", "[\\\\u00e9]"})
    EXPECT_THAT(example("    A: { type: string, pattern: \"" + std::string(pattern) + "\" }\n"),
                ::testing::Not(HasSubstr("example-failed")))
        << pattern;
  EXPECT_THAT(example("    A: { type: string, pattern: '^a+$', minLength: 20 }\n"),
              HasSubstr("aaaaaaaaaaaaaaaaaaaa"));
}

TEST(Example, recursion_ends_where_it_may) {
  EXPECT_EQ(example("    A: { type: object, required: [next], properties: { next: { anyOf: [{ $ref: "
                    "'#/components/schemas/A' }, { type: 'null' }] } } }\n")
                .find("example-failed"),
            std::string::npos);
  EXPECT_EQ(example("    A: { type: object, properties: { n: { type: integer }, left: { $ref: "
                    "'#/components/schemas/A' } } }\n"),
            R"({"n":1})");
  EXPECT_THAT(
      example(
          "    A: { type: object, required: [a], properties: { a: { $ref: '#/components/schemas/A' } } }\n"),
      HasSubstr("example-failed"));
}

TEST(Example, alternatives_are_tried_and_parts_put_together) {
  EXPECT_EQ(example("    A: { oneOf: [{ type: integer, minimum: 5, maximum: 3 }, { type: boolean }] }\n"),
            "true");
  EXPECT_EQ(example("    A: { allOf: [{ type: object, properties: { a: { type: integer } } }, { required: "
                    "[b], properties: { b: { const: 1 } } }] }\n"),
            R"({"a":1,"b":1})");
}

TEST(Example, discriminators_name_the_schema_that_was_chosen) {
  const std::string text = example(R"(    A:
      oneOf: [{ $ref: '#/components/schemas/Dog' }, { $ref: '#/components/schemas/Cat' }]
      discriminator: { propertyName: kind, mapping: { hound: '#/components/schemas/Dog' } }
    Dog: { type: object, required: [kind], properties: { kind: { type: string } } }
    Cat: { type: object, required: [kind, lives], properties: { kind: { type: string }, lives: { type: integer } } }
)");
  EXPECT_THAT(text, HasSubstr("hound"));
}

TEST(Example, what_is_for_the_other_direction_is_left_out) {
  const std::string schema =
      "    A: { type: object, required: [r, w], properties: { r: { type: integer, readOnly: true }, w: { "
      "type: integer, writeOnly: true } } }\n";
  EXPECT_EQ(example(schema, SchemaDirection::request), R"({"w":1})");
  EXPECT_EQ(example(schema, SchemaDirection::response), R"({"r":1})");
}

TEST(Example, the_same_seed_gives_the_same_and_another_another) {
  const std::string schema = "    A: { type: string, format: uuid }\n";
  EXPECT_EQ(example(schema, SchemaDirection::any, 3), example(schema, SchemaDirection::any, 3));
  EXPECT_NE(example(schema, SchemaDirection::any, 3), example(schema, SchemaDirection::any, 4));
}

// What would take for ever ends, in a value or in none.
TEST(Example, hostile_schemas_end) {
  std::string many = "    A: { oneOf: [";
  for (int i = 0; i < 60; ++i) many += "{ $ref: '#/components/schemas/B' }, ";
  many += "{ type: integer }] }\n    B: { anyOf: [";
  for (int i = 0; i < 60; ++i) many += "{ $ref: '#/components/schemas/A' }, ";
  many += "{ type: string }], type: boolean, minimum: 5 }\n";
  example(many);
  example(
      "    A: { type: array, minItems: 1000, items: { type: array, minItems: 1000, items: { type: array, "
      "minItems: 1000 } } }\n");
  example("    A: { type: string, pattern: '((((()*){9999}){9999}){9999}){9999}' }\n");
  example(
      "    A: { type: object, patternProperties: 7, propertyNames: x, prefixItems: {}, required: [a], "
      "properties: [] }\n");
}

TEST(PatternText, what_is_not_understood_is_not_guessed) {
  Random random(1);
  EXPECT_FALSE(text_of_pattern("(a)\\1", 0, random));
  EXPECT_FALSE(text_of_pattern("\\p{L}", 0, random));
  EXPECT_FALSE(text_of_pattern("(a", 0, random));
  EXPECT_FALSE(text_of_pattern("a{100000}{100000}", 0, random));
  EXPECT_TRUE(text_of_pattern("((((a*)*)*)*)*", 5, random));
}

}  // namespace
}  // namespace linkspan::catalog
