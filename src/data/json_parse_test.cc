#include "data/json_parse.h"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "data/json_write.h"

namespace linkspan::data {
namespace {

// As text again, or the error.
std::string read(std::string_view text, const JsonLimits& limits = {}) {
  auto value = parse_json(text, limits);
  return value ? write_json(*value) : value.error().to_string();
}

TEST(JsonParse, reads_every_kind_of_value) {
  for (const char* text : {"null", "true", "false", "0", "-1", "1.5", "\"\"", "\"a\"", "[]", "{}",
                           "[1,[2,[]],{}]", R"({"a":{"b":[null,true]},"":1})"})
    EXPECT_EQ(read(text), text);
  EXPECT_EQ(read(" \t\r\n[ 1 , { \"a\" : 2 } ] \n"), R"([1,{"a":2}])");
}

TEST(JsonParse, keeps_integers_of_64_bits_exact) {
  for (const char* text :
       {"9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615",
        "9007199254740993", "12345678901234567000", "10000000000000000000"})
    EXPECT_EQ(read(text), text);
  EXPECT_EQ(parse_json("9223372036854775807")->number_kind(), JsonNumberKind::int64);
  EXPECT_EQ(parse_json("18446744073709551615")->number_kind(), JsonNumberKind::uint64);
  EXPECT_EQ(parse_json("9007199254740993.0")->int64(), 9007199254740993);
  EXPECT_EQ(parse_json("922229929925e7")->int64(), 9222299299250000000);
}

TEST(JsonParse, keeps_the_literal_of_a_number_that_fits_nothing) {
  for (const char* text : {"1e1000", "-1e1000", "100000000000000000001", "0.1000000000000000055",
                           "18446744073709551617", "1e-400", "123456789012345678901234567890.5e-10"}) {
    const auto value = parse_json(text);
    ASSERT_TRUE(value.ok());
    EXPECT_EQ(value->number_kind(), JsonNumberKind::literal) << text;
    EXPECT_EQ(write_json(*value), text);
  }
  EXPECT_TRUE(std::isinf(parse_json("1e1000")->as_double()));
  EXPECT_EQ(parse_json("1e-400")->as_double(), 0.0);
  EXPECT_EQ(parse_json("0.1000000000000000055")->as_double(), 0.1);
}

TEST(JsonParse, a_double_that_says_it_all_is_a_double) {
  for (const char* text : {"0.1", "1.5", "-0", "1e300", "5e-324", "1.7976931348623157e308", "1.0", "0.000",
                           "100000000000000000000", "123.4560", "2.2250738585072014e-308"})
    EXPECT_EQ(parse_json(text)->number_kind(), JsonNumberKind::real) << text;
  EXPECT_TRUE(std::signbit(parse_json("-0")->real()));
}

TEST(JsonParse, takes_escapes_away) {
  EXPECT_EQ(parse_json(R"("\"\\\/\b\f\n\r\t")")->string(), "\"\\/\b\f\n\r\t");
  const auto value = parse_json(R"("caf\u00e9 \uD83D\uDE00 \u0000 end")");
  EXPECT_EQ(value->string(), std::string_view("caf\xc3\xa9 \xf0\x9f\x98\x80 \0 end", 16));
}

TEST(JsonParse, says_where_and_what_is_wrong) {
  EXPECT_EQ(read(""), "json-invalid: byte 0: expected a value, not the end of the text");
  EXPECT_EQ(read("  "), "json-invalid: byte 2: expected a value, not the end of the text");
  EXPECT_EQ(read("[1,]"), "json-invalid: byte 3: expected a value, not \"]\"");
  EXPECT_EQ(read("[1 2]"), "json-invalid: byte 3: expected \",\" or \"]\", not \"2\"");
  EXPECT_EQ(read("[1"), "json-invalid: byte 2: expected \",\" or \"]\", not the end of the text");
  EXPECT_EQ(read("{\"a\" 1}"), "json-invalid: byte 5: expected \":\", not \"1\"");
  EXPECT_EQ(read("{a:1}"), "json-invalid: byte 1: expected a key in quotes, not \"a\"");
  EXPECT_EQ(read("{\"a\":1,}"), "json-invalid: byte 7: expected a key in quotes, not \"}\"");
  EXPECT_EQ(read("1 2"), "json-invalid: byte 2: expected the end of the text, not \"2\"");
  EXPECT_EQ(read("nul"), "json-invalid: byte 0: expected a value, not \"nul\"");
  EXPECT_EQ(read("truefalse"), "json-invalid: byte 0: expected a value, not \"truefalse\"");
  EXPECT_EQ(read("'a'"), "json-invalid: byte 0: expected a value, not \"'a'\"");
  EXPECT_EQ(read("[NaN]"), "json-invalid: byte 1: expected a value, not \"NaN\"");
}

TEST(JsonParse, refuses_what_is_not_quite_a_number) {
  for (const char* text : {"01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "1_000", "--1", "1.5.5", "-a"})
    EXPECT_FALSE(parse_json(text).ok()) << text;
}

TEST(JsonParse, refuses_a_key_that_comes_twice_and_points_at_it) {
  EXPECT_EQ(read(R"({"a":[{"a":1}],"b":{"c":[1,2]},"a":3})"),
            "json-invalid: byte 31: the key \"a\" comes twice in its object");
  std::string many = "{";
  for (int i = 0; i < 50; ++i) many += "\"k" + std::to_string(i) + "\":[0,{}],";
  const std::size_t where = many.size();
  many += "\"\\u006b17\":1}";
  JsonParser parser;
  EXPECT_FALSE(parser.parse(many).ok());
  EXPECT_EQ(parser.error_offset(), where);
}

TEST(JsonParse, refuses_strings_that_are_not_text) {
  EXPECT_EQ(read("[\"ab\xff\"]"), "json-invalid: byte 4: invalid UTF-8");
  EXPECT_EQ(read("\"\xed\xa0\x80\""), "json-invalid: byte 1: invalid UTF-8");
  EXPECT_EQ(read("[\"a\nb\"]"), "json-invalid: byte 3: control character in a string; write it as an escape");
  EXPECT_EQ(read("[1,\"abc"), "json-invalid: byte 3: string without its closing quote");
  EXPECT_EQ(read(R"(["a\ud800"])"), "json-invalid: byte 3: high surrogate without a low one after it");
  EXPECT_EQ(read(R"(["a\udc00"])"), "json-invalid: byte 3: low surrogate without a high one before it");
  EXPECT_EQ(read(R"(["\ud800\u0041"])"), "json-invalid: byte 2: high surrogate without a low one after it");
  EXPECT_EQ(read(R"(["\u12g4"])"), "json-invalid: byte 2: \\u without four hex digits");
  EXPECT_EQ(read(R"(["\x"])"), "json-invalid: byte 2: unknown escape");
  EXPECT_FALSE(parse_json("\xef\xbb\xbf[1]").ok());
}

TEST(JsonParse, stops_at_its_limits) {
  EXPECT_EQ(read("[[1]]", {.max_depth = 2}), "[[1]]");
  EXPECT_EQ(read("[[[1]]]", {.max_depth = 2}), "json-too-large: byte 2: nested deeper than max_depth, 2");
  EXPECT_EQ(read("[1,2]", {.max_bytes = 5}), "[1,2]");
  EXPECT_EQ(read("[1,23]", {.max_bytes = 5}), "json-too-large: byte 5: the text is longer than max_bytes, 5");
  EXPECT_EQ(read(std::string(100000, '[')), "json-too-large: byte 1024: nested deeper than max_depth, 1024");
}

TEST(JsonParse, reads_very_deep_text_where_allowed) {
  std::string text(200000, '[');
  text.append(200000, ']');
  EXPECT_EQ(read(text, {.max_depth = 1000000}), text);
}

TEST(JsonParse, reads_numbers_that_are_not_where_asked) {
  const auto value = parse_json("[nan,NaN,Infinity,-Infinity]", {.allow_non_finite = true});
  ASSERT_TRUE(value.ok());
  EXPECT_TRUE(std::isnan(value->items()[0].real()));
  EXPECT_TRUE(std::isinf(value->items()[3].real()) && value->items()[3].real() < 0);
  EXPECT_FALSE(parse_json("[nan1]", {.allow_non_finite = true}).ok());
}

TEST(JsonParse, a_parser_serves_one_text_after_the_other) {
  JsonParser parser;
  EXPECT_FALSE(parser.parse("[1,{\"a\":[").ok());
  EXPECT_EQ(write_json(*parser.parse("[1]")), "[1]");
  const std::string large = "[\"" + std::string(3'000'000, 'x') + "\"]";
  EXPECT_EQ(write_json(*parser.parse(large)), large);
  EXPECT_EQ(write_json(*parser.parse("[2]")), "[2]");
}

TEST(JsonParse, a_stream_gives_its_values_in_turn) {
  JsonParser parser;
  ASSERT_TRUE(parser.begin_stream("1 [2]{\"a\":3}\n\"x\"\"y\" null").ok());
  std::string seen;
  while (true) {
    auto value = parser.next();
    ASSERT_TRUE(value.ok());
    if (!value->has_value()) break;
    seen += write_json(**value) + ";";
  }
  EXPECT_EQ(seen, R"(1;[2];{"a":3};"x";"y";null;)");
}

TEST(JsonParse, a_stream_ends_at_its_first_error) {
  JsonParser parser;
  ASSERT_TRUE(parser.begin_stream("1 ] 2").ok());
  EXPECT_TRUE(parser.next().ok());
  EXPECT_FALSE(parser.next().ok());
  EXPECT_EQ(parser.error_offset(), 2U);
  EXPECT_FALSE(parser.next()->has_value());
}

TEST(JsonParse, strings_of_all_lengths_are_exact_wherever_they_stand) {
  for (std::size_t bytes = 0; bytes < 40; ++bytes) {
    for (const std::size_t behind : {0, 1, 20}) {
      std::string expected(bytes, 'x');
      for (std::size_t i = 0; i < bytes; ++i) expected[i] = static_cast<char>('a' + i % 26);
      const std::string text = "\"" + expected + "\"" + std::string(behind, ' ');
      const auto value = parse_json(text);
      ASSERT_TRUE(value.ok());
      EXPECT_EQ(*value, JsonValue(expected));
      EXPECT_TRUE(value->is_identical(JsonValue(expected)) || bytes > 14);
      if (bytes < 3) continue;
      std::string escaped = expected;
      escaped.replace(bytes / 2, 2, "\\n");
      EXPECT_EQ(parse_json("\"" + escaped + "\"" + std::string(behind, ' '))->size(), bytes - 1);
    }
  }
}

}  // namespace
}  // namespace linkspan::data
