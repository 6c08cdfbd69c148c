#include "data/json_compare.h"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "data/json_parse.h"

namespace linkspan::data {
namespace {

JsonValue parsed(std::string_view text) {
  auto value = parse_json(text, {.max_depth = 1000000});
  EXPECT_TRUE(value.ok()) << text;
  return value ? *value : JsonValue();
}

// Each value is below all that follow; values in one row are equal.
TEST(JsonCompare, orders_values_as_jq_does) {
  const std::vector<std::vector<const char*>> rows = {
      {"null"},
      {"false"},
      {"true"},
      {"-1e1001"},
      {"-1e1000", "-10e999"},
      {"-1.5"},
      {"-1", "-1.0"},
      {"0", "-0", "0.0"},
      {"1e-400"},
      {"0.1", "1e-1", "0.10"},
      {"0.1000000000000000055"},
      {"0.1000000000000000055511151231257827021181583404541015626"},
      {"0.2"},
      {"9007199254740992", "9007199254740992.0"},
      {"9007199254740993"},
      {"9223372036854775807"},
      {"9223372036854775808", "9223372036854775808.0"},
      {"18446744073709551615"},
      {"100000000000000000000", "1e20"},
      {"100000000000000000001"},
      {"1e1000"},
      {"1.1e1000"},
      {"\"\""},
      {"\"a\""},
      {"\"ab\""},
      {"\"b\""},
      {"\"\\uffff\""},
      {"\"\\ud83d\\ude00\""},
      {"[]"},
      {"[0,[5]]"},
      {"[1]"},
      {"[1,0]"},
      {"{}"},
      {"{\"a\":9}"},
      {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}"},
      {"{\"a\":1,\"b\":3}"},
      {"{\"a\":1,\"c\":0}"},
      {"{\"b\":0}"},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const char* a : rows[i]) {
      for (std::size_t j = 0; j < rows.size(); ++j) {
        for (const char* b : rows[j]) {
          EXPECT_TRUE(compare_json(parsed(a), parsed(b)) == (i <=> j)) << a << " " << b;
          EXPECT_EQ(parsed(a) == parsed(b), i == j) << a << " " << b;
          EXPECT_TRUE(i != j || hash_json(parsed(a)) == hash_json(parsed(b))) << a << " " << b;
        }
      }
    }
  }
}

TEST(JsonCompare, nan_and_infinities_have_their_places) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(JsonValue(std::nan("")) == JsonValue(std::nan("")));
  EXPECT_TRUE(compare_json(std::nan(""), -infinity) < 0);
  EXPECT_TRUE(compare_json(-infinity, parsed("-1e1000")) < 0);
  EXPECT_TRUE(compare_json(infinity, parsed("1e1000")) > 0);
}

TEST(JsonCompare, hashes_tell_values_apart) {
  EXPECT_NE(hash_json(parsed("[1,2]")), hash_json(parsed("[2,1]")));
  EXPECT_NE(hash_json(parsed("[[1],2]")), hash_json(parsed("[[1,2]]")));
  EXPECT_NE(hash_json(parsed(R"({"a":1,"b":2})")), hash_json(parsed(R"({"a":2,"b":1})")));
  EXPECT_NE(hash_json(parsed("[]")), hash_json(parsed("{}")));
}

TEST(JsonCompare, deep_values_compare_without_a_deep_stack) {
  const std::string open(200000, '[');
  const JsonValue a = parsed(open + std::string(200000, ']'));
  const JsonValue b = parsed(open + "1" + std::string(200000, ']'));
  EXPECT_FALSE(a == b);
  EXPECT_TRUE(compare_json(a, b) < 0);
  EXPECT_NE(hash_json(a), hash_json(b));
}

}  // namespace
}  // namespace linkspan::data
