#include "data/json_canonical.h"

#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "data/json_parse.h"

namespace linkspan::data {
namespace {

std::string canonical(const JsonValue& value, JsonCanonicalNumbers numbers = JsonCanonicalNumbers::rfc8785) {
  const auto text = canonical_json(value, numbers);
  return text ? *text : std::string(text.error().slug());
}

TEST(JsonCanonical, does_what_rfc_8785_section_3_2_says) {
  EXPECT_EQ(canonical(*parse_json(R"({
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]})")),
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
            "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

TEST(JsonCanonical, sorts_keys_by_utf16) {
  EXPECT_EQ(canonical(*parse_json(R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew","1":"One",
                                      "\ud83d\ude00":"Emoji","\u0080":"Control","\u00f6":"o"})")),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\",\"\xc3\xb6\":\"o\","
            "\"\xe2\x82\xac\":\"Euro Sign\",\"\xf0\x9f\x98\x80\":\"Emoji\",\"\xef\xac\xb3\":\"Hebrew\"}");
}

TEST(JsonCanonical, writes_the_numbers_of_rfc_8785_appendix_b) {
  const std::pair<std::uint64_t, const char*> cases[] = {{0x0000000000000000, "0"},
                                                         {0x8000000000000000, "0"},
                                                         {0x0000000000000001, "5e-324"},
                                                         {0x8000000000000001, "-5e-324"},
                                                         {0x7fefffffffffffff, "1.7976931348623157e+308"},
                                                         {0xffefffffffffffff, "-1.7976931348623157e+308"},
                                                         {0x4340000000000000, "9007199254740992"},
                                                         {0xc340000000000000, "-9007199254740992"},
                                                         {0x4430000000000000, "295147905179352830000"},
                                                         {0x44b52d02c7e14af5, "9.999999999999997e+22"},
                                                         {0x44b52d02c7e14af6, "1e+23"},
                                                         {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
                                                         {0x444b1ae4d6e2ef4e, "999999999999999700000"},
                                                         {0x444b1ae4d6e2ef4f, "999999999999999900000"},
                                                         {0x444b1ae4d6e2ef50, "1e+21"},
                                                         {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
                                                         {0x3eb0c6f7a0b5ed8d, "0.000001"},
                                                         {0x41b3de4355555553, "333333333.3333332"},
                                                         {0x41b3de4355555554, "333333333.33333325"},
                                                         {0x41b3de4355555555, "333333333.3333333"},
                                                         {0x41b3de4355555556, "333333333.3333334"},
                                                         {0x41b3de4355555557, "333333333.33333343"},
                                                         {0xbecbf647612f3696, "-0.0000033333333333333333"},
                                                         {0x43143ff3c1cb0959, "1424953923781206.2"}};
  for (const auto& [bits, text] : cases) EXPECT_EQ(canonical(std::bit_cast<double>(bits)), text);
  EXPECT_EQ(canonical(std::nan("")), "json-invalid");
  EXPECT_EQ(canonical(JsonValue::array({std::numeric_limits<double>::infinity()})), "json-invalid");
}

TEST(JsonCanonical, numbers_beyond_a_double_are_rounded_or_kept) {
  const JsonValue value = *parse_json("[9007199254740993,18446744073709551615,100000000000000000001]");
  EXPECT_EQ(canonical(value), "[9007199254740992,18446744073709552000,100000000000000000000]");
  EXPECT_EQ(canonical(value, JsonCanonicalNumbers::exact),
            "[9007199254740993,18446744073709551615,1.00000000000000000001e+20]");
  EXPECT_EQ(canonical(*parse_json("1e1000")), "json-invalid");
  EXPECT_EQ(canonical(*parse_json("[1e1000,10.0e999,-1.50e-999]"), JsonCanonicalNumbers::exact),
            "[1e+1000,1e+1000,-1.5e-999]");
  EXPECT_EQ(canonical(*parse_json("[1.0,-0,9223372036854775808.0,1e20,0.5]"), JsonCanonicalNumbers::exact),
            "[1,0,9223372036854775808,100000000000000000000,0.5]");
}

}  // namespace
}  // namespace linkspan::data
