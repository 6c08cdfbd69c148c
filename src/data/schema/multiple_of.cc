#include "data/schema/multiple_of.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "base/strings.h"
#include "data/json_number.h"

namespace linkspan::data::schema {

namespace {

__extension__ using Wide = unsigned __int128;

std::uint64_t multiply(std::uint64_t a, std::uint64_t b, std::uint64_t modulus) {
  return static_cast<std::uint64_t>(static_cast<Wide>(a) * b % modulus);
}

std::uint64_t power_of_ten(std::uint64_t exponent, std::uint64_t modulus) {
  std::uint64_t result = 1 % modulus;
  std::uint64_t base = 10 % modulus;
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1) result = multiply(result, base, modulus);
    base = multiply(base, base, modulus);
  }
  return result;
}

JsonDecimal decimal_of(const JsonValue& number) {
  if (number.number_kind() == JsonNumberKind::literal) return JsonDecimal::from(number.literal());
  if (const auto integer = number.to_int64()) return JsonDecimal::from(std::to_string(*integer));
  if (number.number_kind() == JsonNumberKind::uint64)
    return JsonDecimal::from(std::to_string(number.uint64()));
  char text[32];
  char* const end = std::to_chars(text, text + sizeof text, number.real(), std::chars_format::scientific).ptr;
  return JsonDecimal::from({text, end});
}

}  // namespace

std::optional<MultipleOf> MultipleOf::of(const JsonValue& divisor) {
  if (!divisor.is_number() || !std::isfinite(divisor.as_double())) {
    if (!divisor.is_number() || divisor.number_kind() != JsonNumberKind::literal) return std::nullopt;
  }
  const JsonDecimal decimal = decimal_of(divisor);
  if (decimal.negative || decimal.digits.empty() || decimal.digits.size() > 18) return std::nullopt;
  MultipleOf made;
  made.digits_ = *parse_u64(decimal.digits);
  made.exponent_ = decimal.exponent - static_cast<std::int64_t>(decimal.digits.size());
  made.integer_ = divisor.to_int64().value_or(0);
  return made;
}

bool MultipleOf::divides(const JsonValue& number) const {
  if (integer_ != 0 && number.is_int64()) return number.int64() % integer_ == 0;
  if (number.is_real() && !std::isfinite(number.real())) return false;
  const JsonDecimal decimal = decimal_of(number);
  if (decimal.digits.empty()) return true;
  const std::int64_t exponent = decimal.exponent - static_cast<std::int64_t>(decimal.digits.size());
  // The last digit of `digits` is not 0, so dividing by ten never comes out even.
  if (exponent < exponent_) return false;
  std::uint64_t rest = 0;
  for (const char c : decimal.digits) {
    rest =
        static_cast<std::uint64_t>((static_cast<Wide>(rest) * 10 + static_cast<unsigned>(c - '0')) % digits_);
  }
  return multiply(rest, power_of_ten(static_cast<std::uint64_t>(exponent - exponent_), digits_), digits_) ==
         0;
}

}  // namespace linkspan::data::schema
