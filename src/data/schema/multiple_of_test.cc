#include "data/schema/multiple_of.h"

#include <gtest/gtest.h>

#include "data/json_testing.h"

namespace linkspan::data::schema {
namespace {

bool divides(std::string_view divisor, std::string_view number) {
  return MultipleOf::of(*JsonValue::number(divisor))->divides(*JsonValue::number(number));
}

TEST(MultipleOf, goes_by_decimal_digits) {
  EXPECT_TRUE(divides("0.01", "0.07"));
  EXPECT_TRUE(divides("0.0001", "0.0075"));
  EXPECT_FALSE(divides("0.0001", "0.00751"));
  EXPECT_TRUE(divides("0.1", "1e300"));
  EXPECT_TRUE(divides("3", "-9"));
  EXPECT_FALSE(divides("3", "1e300"));
  EXPECT_TRUE(divides("7", "0"));
  EXPECT_TRUE(divides("2.5", "5"));
  EXPECT_FALSE(divides("2.5", "6"));
  EXPECT_TRUE(divides("1e2", "300"));
  EXPECT_FALSE(divides("1e2", "350"));
  EXPECT_TRUE(divides("0.3", "900000000000000000000000000000000.3"));
  EXPECT_FALSE(divides("0.3", "900000000000000000000000000000000.4"));
  EXPECT_TRUE(divides("1", "18446744073709551615"));
  EXPECT_TRUE(divides("5", "18446744073709551615"));
}

TEST(MultipleOf, wants_a_number_above_zero) {
  for (const char* text : {"0", "-1", "0.0", "1234567890123456789.5"})
    EXPECT_FALSE(MultipleOf::of(*JsonValue::number(text)).has_value()) << text;
  EXPECT_FALSE(MultipleOf::of(JsonValue("2")).has_value());
}

}  // namespace
}  // namespace linkspan::data::schema
