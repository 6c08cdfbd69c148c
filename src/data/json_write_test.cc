#include "data/json_write.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "data/json_parse.h"
#include "data/json_testing.h"

namespace linkspan::data {
namespace {

using testing::parsed;

TEST(JsonWrite, lays_out_as_jq_does) {
  const JsonValue value = parsed(R"({"b":[1,[],{}],"a":{"c":"x"}})");
  EXPECT_EQ(write_json(value), R"({"b":[1,[],{}],"a":{"c":"x"}})");
  EXPECT_EQ(write_json(value, {.indent = 2, .sort_keys = true}),
            "{\n  \"a\": {\n    \"c\": \"x\"\n  },\n  \"b\": [\n    1,\n    [],\n    {}\n  ]\n}");
  EXPECT_EQ(write_json(parsed("[[1]]"), {.indent = 1, .indent_with = '\t'}), "[\n\t[\n\t\t1\n\t]\n]");
}

TEST(JsonWrite, escapes_what_has_to_be) {
  EXPECT_EQ(write_json(std::string_view("\"\\/\b\f\n\r\t\x01\x1f\x7f\0", 12)),
            "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000\"");
  EXPECT_EQ(write_json("long enough to be looked at by eights: \n"),
            "\"long enough to be looked at by eights: \\n\"");
  EXPECT_EQ(write_json("\x7f", {.escape_delete = true}), R"("\u007f")");
  EXPECT_EQ(write_json("caf\xc3\xa9 \xf0\x9f\x98\x80"), "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"");
  EXPECT_EQ(write_json("caf\xc3\xa9 \xf0\x9f\x98\x80", {.ascii = true}), R"("caf\u00e9 \ud83d\ude00")");
}

TEST(JsonWrite, doubles_are_as_short_as_reads_back) {
  const std::pair<double, const char*> cases[] = {
      {0.1, "0.1"},
      {-0.0, "-0"},
      {1.0, "1"},
      {123456.789, "123456.789"},
      {1e20, "100000000000000000000"},
      {1e21, "1e+21"},
      {1.5e21, "1.5e+21"},
      {1e-6, "0.000001"},
      {1.25e-7, "1.25e-7"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {std::numeric_limits<double>::infinity(), "1.7976931348623157e+308"},
      {std::numeric_limits<double>::quiet_NaN(), "null"}};
  for (const auto& [number, text] : cases) EXPECT_EQ(write_json(number), text);
}

TEST(JsonWrite, numbers_can_be_written_in_the_callers_way) {
  const JsonFormat format{.append_number = [](std::string& out, const JsonValue& number) {
    out += number.as_double() > 1e300 ? "huge" : "some";
  }};
  EXPECT_EQ(write_json(parsed("[1,18446744073709551615,1.5,1e1000]"), format), "[1,some,some,huge]");
}

TEST(JsonWrite, appends_and_counts_the_same) {
  const JsonValue value = parsed(R"({"a":[1.5,"x\n",")" + std::string(5000, 'y') + R"("],"b":null})");
  std::string out = "before ";
  append_json(out, value, {.indent = 3});
  EXPECT_EQ(json_bytes(value, {.indent = 3}), out.size() - 7);
  EXPECT_TRUE(out.starts_with("before {\n   \"a\": ["));
}

}  // namespace
}  // namespace linkspan::data
