// Numbers between text and JsonValue: which kind holds a number exactly, and how numbers of different kinds
// compare. Pure functions.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "data/json.h"

namespace linkspan::data {

// Reads the number with which [begin, end) starts (RFC 8259 section 6). Returns its bytes, 0 if there is
// none; does not look at what follows.
std::size_t read_json_number(const char* begin, const char* end, JsonValue& out);

// A decimal number: 0.DIGITS * 10^exponent, no leading or trailing zeros in `digits`; zero has none.
// Exponents past 10^15 are cut off there.
struct JsonDecimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;

  static JsonDecimal from(std::string_view number);
  std::strong_ordering operator<=>(const JsonDecimal& other) const;
  bool operator==(const JsonDecimal& other) const = default;
};

// By value, whatever the kinds: 2^53 + 1 as an integer is above 2^53 as a double, and a literal compares by
// all its digits (with 0.1 as a double standing for 0.1, not for its binary expansion). NaN equals itself
// here and is below all else, so that this is a total order.
std::strong_ordering compare_json_numbers(const JsonValue& a, const JsonValue& b);

}  // namespace linkspan::data
