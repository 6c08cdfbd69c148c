#include "base/json_writer.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace linkspan {
namespace {

std::string json_string(std::string_view text) {
  std::string out;
  JsonStringWriter json(out);
  json.value(text);
  return out;
}

template <typename Writer>
void write_sample(Writer& json) {
  json.begin_object();
  json.member("text", "a\"b");
  json.key("list");
  json.begin_array();
  json.value(1);
  json.begin_object();
  json.end_object();
  json.value(false);
  json.end_array();
  json.member("last", 2.5);
  json.end_object();
}

constexpr std::string_view kSample = R"({"text":"a\"b","list":[1,{},false],"last":2.5})";

TEST(JsonWriter, writes_nested_values_with_commas_where_they_belong) {
  std::string out = "before ";
  JsonStringWriter json(out);
  write_sample(json);
  EXPECT_EQ(out, "before " + std::string(kSample));
  EXPECT_EQ(json.text(), kSample);
}

TEST(JsonWriter, numbers_are_exact) {
  std::string out;
  JsonStringWriter json(out);
  json.begin_array();
  json.value(std::numeric_limits<std::int64_t>::min());
  json.value(std::numeric_limits<std::uint64_t>::max());
  json.value(0.1);
  json.value(1e300);
  json.value(static_cast<unsigned char>(7));
  json.value(std::nan(""));
  json.value(-std::numeric_limits<double>::infinity());
  json.null();
  json.raw("{\"x\":1}");
  json.end_array();
  EXPECT_EQ(out, "[-9223372036854775808,18446744073709551615,0.1,1e+300,7,null,null,null,{\"x\":1}]");
}

TEST(JsonWriter, every_ascii_character_is_escaped_as_rfc_8259_asks) {
  for (int c = 0; c < 0x80; ++c) {
    // In a long text as well, so that the word-wise scan is met.
    const std::string text = "0123456" + std::string(1, static_cast<char>(c)) + "01234567";
    const std::string out = json_string(text);
    const std::string inner = out.substr(8, out.size() - 17);
    if (c == '"' || c == '\\') {
      EXPECT_EQ(inner, std::string("\\") + static_cast<char>(c));
    } else if (c >= 0x20) {
      EXPECT_EQ(inner, std::string(1, static_cast<char>(c)));
    } else {
      EXPECT_EQ(inner.front(), '\\') << c;
    }
  }
  EXPECT_EQ(json_string("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(json_string(std::string_view("\0\x1f", 2)), R"("\u0000\u001f")");
}

TEST(JsonWriter, valid_utf8_passes_unchanged) {
  const std::string text = "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80 \xed\x9f\xbf \xf4\x8f\xbf\xbf";
  EXPECT_EQ(json_string(text), "\"" + text + "\"");
}

TEST(JsonWriter, invalid_utf8_becomes_replacement_characters) {
  const std::string kBad = "\xef\xbf\xbd";
  EXPECT_EQ(json_string("a\xff"
                        "b"),
            "\"a" + kBad + "b\"");
  EXPECT_EQ(json_string("\xc0\x80"), "\"" + kBad + kBad + "\"");             // overlong
  EXPECT_EQ(json_string("\xed\xa0\x80"), "\"" + kBad + kBad + kBad + "\"");  // surrogate
  EXPECT_EQ(json_string("\xf0\x9f\x98"), "\"" + kBad + "\"");                // cut short: one, as in browsers
  EXPECT_EQ(json_string("\xe2\x82z"), "\"" + kBad + "z\"");
  EXPECT_EQ(json_string("\xf5\x80"), "\"" + kBad + kBad + "\"");
}

TEST(JsonWriter, what_does_not_fit_is_left_out_and_the_text_stays_valid) {
  // Whatever the size of the buffer, the text is one of those that end at the boundary of a value.
  const std::string prefixes[] = {"",
                                  "{}",
                                  R"({"text":"a\"b"})",
                                  R"({"text":"a\"b","list":[]})",
                                  R"({"text":"a\"b","list":[1]})",
                                  R"({"text":"a\"b","list":[1,{}]})",
                                  R"({"text":"a\"b","list":[1,{},false]})",
                                  std::string(kSample)};
  for (std::size_t size = 0; size <= kSample.size(); ++size) {
    std::string buffer(size, '#');
    JsonWriter json{std::span<char>(buffer)};
    write_sample(json);
    EXPECT_EQ(json.truncated(), size < kSample.size());
    std::string_view longest;
    for (const std::string& prefix : prefixes) {
      if (prefix.size() <= size) longest = prefix;
    }
    EXPECT_EQ(json.text(), longest) << size;
  }
}

TEST(JsonWriter, after_truncation_nothing_more_is_written) {
  char buffer[20];
  JsonWriter json(buffer);
  json.begin_object();
  json.member("a", 1);
  json.member("long", "does not fit in here");
  json.member("b", 2);
  json.key("c");
  json.begin_array();
  json.begin_object();
  json.end_object();
  json.end_array();
  json.end_object();
  EXPECT_EQ(json.text(), R"({"a":1})");
  EXPECT_TRUE(json.truncated());
}

TEST(JsonWriter, nesting_beyond_64_is_left_out) {
  std::string out;
  JsonStringWriter json(out);
  for (int i = 0; i < 70; ++i) json.begin_array();
  for (int i = 0; i < 70; ++i) json.end_array();
  EXPECT_EQ(out, std::string(64, '[') + std::string(64, ']'));
  EXPECT_TRUE(json.truncated());
}

}  // namespace
}  // namespace linkspan
