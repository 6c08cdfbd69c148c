#include "data/json_number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>

#include "base/strings.h"
#include "data/json_access.h"

namespace linkspan::data {

namespace {

constexpr std::int64_t kMaxExponent = 1'000'000'000'000'000;
// Powers of ten that a double holds exactly.
constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                              1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// What the grammar says a number is made of.
struct Parts {
  std::uint64_t mantissa = 0;  // of the first 19 digits, leading zeros not counted
  std::int64_t exponent = 0;   // of ten, for the mantissa as an integer; exact if digits <= 19
  std::size_t digits = 0;      // without leading zeros
  bool negative = false;
  bool plain = true;  // neither fraction nor exponent
  std::size_t bytes = 0;
};

void add_digit(Parts& parts, char c) {
  if (parts.digits < 19) parts.mantissa = parts.mantissa * 10 + static_cast<unsigned>(c - '0');
  if (parts.mantissa != 0) ++parts.digits;
}

// False if the text is no number.
bool read_exponent(const char*& at, const char* end, std::int64_t& exponent) {
  bool negative = false;
  if (at != end && (*at == '+' || *at == '-')) negative = *at++ == '-';
  if (at == end || !is_digit(*at)) return false;
  std::int64_t written = 0;
  for (; at != end && is_digit(*at); ++at) written = std::min(written * 10 + (*at - '0'), kMaxExponent);
  exponent += negative ? -written : written;
  return true;
}

bool read_parts(const char* const begin, const char* const end, Parts& parts) {
  const char* at = begin;
  if (at != end && *at == '-') {
    parts.negative = true;
    ++at;
  }
  if (at == end || !is_digit(*at)) return false;
  if (*at == '0') {
    ++at;
  } else {
    for (; at != end && is_digit(*at); ++at) add_digit(parts, *at);
  }
  if (at != end && *at == '.') {
    parts.plain = false;
    const char* const fraction = ++at;
    for (; at != end && is_digit(*at); ++at) add_digit(parts, *at);
    if (at == fraction) return false;
    parts.exponent -= at - fraction;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    parts.plain = false;
    if (!read_exponent(++at, end, parts.exponent)) return false;
  }
  parts.bytes = static_cast<std::size_t>(at - begin);
  return true;
}

// The double nearest to a number that the grammar accepts; infinite or zero past the ends of the range.
double nearest_double(std::string_view number) {
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error == std::errc()) return value;
  const JsonDecimal decimal = JsonDecimal::from(number);
  value = decimal.exponent > 0 ? std::numeric_limits<double>::infinity() : 0.0;
  return decimal.negative ? -value : value;
}

std::string_view format_shortest(double number, std::span<char, 32> out) {
  const auto end =
      std::to_chars(out.data(), out.data() + out.size(), number, std::chars_format::scientific).ptr;
  return {out.data(), end};
}

// Any number by all its digits: as an integer if it is one of 64 bits, as a double if the shortest decimal
// for that double is this very number, else by its text.
JsonValue exact_number(std::string_view text) {
  const JsonDecimal decimal = JsonDecimal::from(text);
  const auto digits = static_cast<std::int64_t>(decimal.digits.size());
  if (decimal.exponent >= digits && decimal.exponent <= 20) {
    std::string integer = decimal.digits;
    integer.append(static_cast<std::size_t>(decimal.exponent - digits), '0');
    const auto magnitude = parse_u64(integer);
    if (magnitude && !decimal.negative) return *magnitude;
    if (magnitude && *magnitude <= 1ULL << 63) return static_cast<std::int64_t>(0 - *magnitude);
  }
  const double number = nearest_double(text);
  char buffer[32];
  if (std::isfinite(number) && JsonDecimal::from(format_shortest(number, buffer)) == decimal) return number;
  return JsonAccess::literal(text, number);
}

JsonValue to_value(std::string_view text, const Parts& parts) {
  if (parts.plain && parts.digits <= 18 && !(parts.negative && parts.mantissa == 0)) {
    const auto magnitude = static_cast<std::int64_t>(parts.mantissa);
    return parts.negative ? -magnitude : magnitude;
  }
  // Up to 15 digits every decimal survives the way to a double and back.
  if (parts.digits <= 15 && parts.exponent >= -290 && parts.exponent <= 290) {
    double number;
    if (parts.exponent >= -22 && parts.exponent <= 22) {
      number = static_cast<double>(parts.mantissa);
      number = parts.exponent < 0 ? number / kPowers[-parts.exponent] : number * kPowers[parts.exponent];
      if (parts.negative) number = -number;
    } else {
      number = nearest_double(text);
    }
    // From 2^53 on a whole number may be exact in 64 bits alone (922229929925e7).
    if (std::abs(number) < 0x1p53 || std::abs(number) > 0x1p64) return number;
  }
  return exact_number(text);
}

// A double stands for the number that the shortest decimal for it is, as reading has it; but for a whole
// number of 64 bits it stands for itself, since arithmetic makes those.
std::string_view format_meaning(double number, std::span<char, 32> out) {
  if (!(std::abs(number) < 0x1p64) || number != std::trunc(number)) return format_shortest(number, out);
  return {out.data(),
          std::to_chars(out.data(), out.data() + out.size(), number, std::chars_format::fixed, 0).ptr};
}

JsonDecimal to_decimal(const JsonValue& number) {
  char buffer[32];
  switch (number.number_kind()) {
    case JsonNumberKind::int64:
      return JsonDecimal::from(std::to_string(number.int64()));
    case JsonNumberKind::uint64:
      return JsonDecimal::from(std::to_string(number.uint64()));
    case JsonNumberKind::literal:
      return JsonDecimal::from(number.literal());
    case JsonNumberKind::real:
      break;
  }
  return JsonDecimal::from(format_meaning(number.real(), buffer));
}

std::strong_ordering compare_doubles(double a, double b) {
  if (a < b) return std::strong_ordering::less;
  if (a > b) return std::strong_ordering::greater;
  if (a == b) return std::strong_ordering::equal;
  return static_cast<int>(!std::isnan(a)) <=> static_cast<int>(!std::isnan(b));
}

}  // namespace

std::size_t read_json_number(const char* begin, const char* end, JsonValue& out) {
  Parts parts;
  if (!read_parts(begin, end, parts)) return 0;
  out = to_value({begin, parts.bytes}, parts);
  return parts.bytes;
}

std::optional<JsonValue> JsonValue::number(std::string_view text) {
  JsonValue value;
  const std::size_t bytes = read_json_number(text.data(), text.data() + text.size(), value);
  if (bytes == 0 || bytes != text.size()) return std::nullopt;
  return value;
}

JsonDecimal JsonDecimal::from(std::string_view number) {
  JsonDecimal decimal;
  const char* at = number.data();
  const char* const end = at + number.size();
  if (at != end && *at == '-') {
    decimal.negative = true;
    ++at;
  }
  bool after_point = false;
  for (; at != end && (is_digit(*at) || *at == '.'); ++at) {
    if (*at == '.') {
      after_point = true;
    } else if (*at != '0' || !decimal.digits.empty()) {
      decimal.digits += *at;
      if (!after_point) ++decimal.exponent;
    } else if (after_point) {
      --decimal.exponent;
    }
  }
  if (at != end) read_exponent(++at, end, decimal.exponent);
  decimal.digits.erase(decimal.digits.find_last_not_of('0') + 1);
  if (decimal.digits.empty()) return {};
  decimal.exponent = std::clamp(decimal.exponent, -kMaxExponent, kMaxExponent);
  return decimal;
}

std::strong_ordering JsonDecimal::operator<=>(const JsonDecimal& other) const {
  if (digits.empty() || other.digits.empty() || negative != other.negative) {
    const auto sign = [](const JsonDecimal& d) { return d.digits.empty() ? 0 : d.negative ? -1 : 1; };
    return sign(*this) <=> sign(other);
  }
  const JsonDecimal& low = negative ? other : *this;
  const JsonDecimal& high = negative ? *this : other;
  if (low.exponent != high.exponent) return low.exponent <=> high.exponent;
  return low.digits <=> high.digits;
}

std::strong_ordering compare_json_numbers(const JsonValue& a, const JsonValue& b) {
  if (a.is_int64() && b.is_int64()) return a.int64() <=> b.int64();
  const double a_double = a.as_double();
  const double b_double = b.as_double();
  const std::strong_ordering order = compare_doubles(a_double, b_double);
  if (order != 0 || (a.is_real() && b.is_real())) return order;
  // Rounding keeps the order, so only equal doubles leave the question open.
  if (std::isinf(a_double)) {
    // An infinity is past every literal.
    if (a.is_real()) return a_double > 0 ? std::strong_ordering::greater : std::strong_ordering::less;
    if (b.is_real()) return b_double > 0 ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  if (std::abs(a_double) < 0x1p53 && a.number_kind() != JsonNumberKind::literal &&
      b.number_kind() != JsonNumberKind::literal)
    return order;
  return to_decimal(a) <=> to_decimal(b);
}

}  // namespace linkspan::data
