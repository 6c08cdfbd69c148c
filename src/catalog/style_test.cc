#include "catalog/style.h"

#include <gtest/gtest.h>

#include "catalog/catalog_testing.h"
#include "data/json_testing.h"
#include "data/json_write.h"

namespace linkspan::catalog {
namespace {

using data::testing::parsed;

constexpr std::string_view kList = R"(["blue","black","brown"])";
constexpr std::string_view kObject = R"({"R":100,"G":200})";

const Api& api() {
  static const std::shared_ptr<const Api> made = testing::loaded(testing::with_paths("  /a: {}\n"));
  return *made;
}

std::string in_path(Style style, bool explode, std::string_view json) {
  const auto text = write_path_value({"color", style, explode, false, false}, parsed(json));
  return text ? *text : "refused";
}

std::string in_query(Style style, bool explode, std::string_view json, bool reserved = false) {
  EncodedPairs pairs;
  const auto ok = write_query_value({"color", style, explode, reserved, false}, parsed(json), pairs);
  return ok ? join_pairs(pairs) : "refused";
}

// OpenAPI 3.1.1 section 4.8.12.6, "Style Examples".
TEST(Style, values_are_written_as_the_specification_shows) {
  EXPECT_EQ(in_path(Style::matrix, false, "\"\""), ";color");
  EXPECT_EQ(in_path(Style::matrix, false, "\"blue\""), ";color=blue");
  EXPECT_EQ(in_path(Style::matrix, false, kList), ";color=blue,black,brown");
  EXPECT_EQ(in_path(Style::matrix, true, kList), ";color=blue;color=black;color=brown");
  EXPECT_EQ(in_path(Style::matrix, false, kObject), ";color=R,100,G,200");
  EXPECT_EQ(in_path(Style::matrix, true, kObject), ";R=100;G=200");
  EXPECT_EQ(in_path(Style::label, false, kList), ".blue,black,brown");
  EXPECT_EQ(in_path(Style::label, true, kList), ".blue.black.brown");
  EXPECT_EQ(in_path(Style::label, true, kObject), ".R=100.G=200");
  EXPECT_EQ(in_path(Style::simple, false, kList), "blue,black,brown");
  EXPECT_EQ(in_path(Style::simple, true, kObject), "R=100,G=200");
  EXPECT_EQ(in_query(Style::form, true, kList), "color=blue&color=black&color=brown");
  EXPECT_EQ(in_query(Style::form, false, kList), "color=blue,black,brown");
  EXPECT_EQ(in_query(Style::form, true, kObject), "R=100&G=200");
  EXPECT_EQ(in_query(Style::form, false, kObject), "color=R,100,G,200");
  EXPECT_EQ(in_query(Style::space_delimited, false, kList), "color=blue%20black%20brown");
  EXPECT_EQ(in_query(Style::pipe_delimited, false, kObject), "color=R%7C100%7CG%7C200");
  EXPECT_EQ(in_query(Style::deep_object, true, kObject), "color[R]=100&color[G]=200");
}

TEST(Style, characters_that_mean_something_are_escaped) {
  EXPECT_EQ(in_path(Style::simple, false, R"(["a,b","c/d"])"), "a%2Cb,c%2Fd");
  EXPECT_EQ(in_query(Style::form, true, R"("a&b=c d")"), "color=a%26b%3Dc%20d");
  EXPECT_EQ(in_query(Style::form, true, R"("a/b?c&d")", true), "color=a/b?c%26d");
}

TEST(Style, what_would_be_misread_is_refused) {
  EXPECT_EQ(in_path(Style::simple, false, "[[1]]"), "refused");
  EXPECT_EQ(in_path(Style::label, true, R"(["a.b"])"), "refused");
  EXPECT_EQ(in_query(Style::form, false, R"([""])"), "refused");
  EXPECT_EQ(in_query(Style::pipe_delimited, false, R"(["a|b"])"), "refused");
  EXPECT_FALSE(write_header_value({"X", Style::simple, false, false, false}, parsed(R"(["a,b"])")).ok());
  EXPECT_FALSE(write_header_value({"X", Style::simple, false, false, false}, parsed("\"a\\r\\nb\"")).ok());
}

struct RoundTrip {
  Style style;
  bool explode;
  const char* schema;
  const char* value;
};

TEST(Style, query_values_read_back_as_they_were_written) {
  const char* list = R"({"type":"array","items":{"type":["integer","string"]}})";
  const char* object = R"({"type":"object","properties":{"R":{"type":"integer"},"t":{"type":"string"}}})";
  const RoundTrip cases[] = {
      {Style::form, true, list, R"([1,"a,b","c d"])"},
      {Style::form, false, list, R"([1,"a,b","c d"])"},
      {Style::form, false, list, "[]"},
      {Style::space_delimited, false, list, R"([1,"ab"])"},
      {Style::pipe_delimited, false, list, R"([1,"a,b"])"},
      {Style::tab_delimited, false, list, R"([1,"a b"])"},
      {Style::form, true, object, R"({"R":1,"t":"2"})"},
      {Style::form, false, object, R"({"R":1,"t":"a,b"})"},
      {Style::deep_object, true, object, R"({"R":1,"t":"x]y"})"},
      {Style::form, true, R"({"type":"boolean"})", "true"},
      {Style::form, true, R"({"type":"string"})", R"("true")"},
      {Style::form, true, R"({"type":["array","string"],"items":{"type":"string"}})", R"(["a","b"])"},
  };
  const SchemaView view(api());
  for (const RoundTrip& test : cases) {
    const data::JsonValue schema = parsed(test.schema);
    const Spelling spelling{"color", test.style, test.explode, false, false};
    EncodedPairs pairs;
    ASSERT_TRUE(write_query_value(spelling, parsed(test.value), pairs).ok()) << test.value;
    std::vector<bool> used(pairs.size());
    const auto read =
        read_query_value(spelling, view, {kFirstMade, "", &schema}, split_pairs(join_pairs(pairs)), used);
    ASSERT_TRUE(read) << test.value;
    EXPECT_EQ(data::write_json(*read), test.value) << to_string(test.style);
  }
}

TEST(Style, path_values_read_back_as_they_were_written) {
  const data::JsonValue list = parsed(R"({"type":"array","items":{"type":"string"}})");
  const data::JsonValue object = parsed(R"({"type":"object","additionalProperties":{"type":"integer"}})");
  const SchemaView view(api());
  for (Style style : {Style::simple, Style::label, Style::matrix}) {
    for (bool explode : {false, true}) {
      const Spelling spelling{"c", style, explode, false, false};
      const auto list_text = write_path_value(spelling, parsed(R"(["a","b/c"])"));
      EXPECT_EQ(data::write_json(read_path_value(spelling, view, {kFirstMade, "", &list}, *list_text)),
                R"(["a","b/c"])");
      const auto object_text = write_path_value(spelling, parsed(R"({"x":1,"y":2})"));
      EXPECT_EQ(data::write_json(read_path_value(spelling, view, {kFirstMade, "", &object}, *object_text)),
                R"({"x":1,"y":2})");
    }
  }
}

}  // namespace
}  // namespace linkspan::catalog
