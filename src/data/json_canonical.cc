#include "data/json_canonical.h"

#include <cmath>
#include <vector>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/json_number.h"
#include "data/json_write.h"

namespace linkspan::data {

namespace {

void append_by_rfc(std::string& out, const JsonValue& number) {
  const double real = number.as_double();
  append_json_number(out, real == 0 ? 0.0 : real);
}

// D.DDDe+X, the layout of numbers outside the range that ECMAScript writes plainly.
void append_literal(std::string& out, const JsonValue& number) {
  const JsonDecimal decimal = JsonDecimal::from(number.literal());
  if (decimal.digits.empty()) {
    out += '0';
    return;
  }
  if (decimal.negative) out += '-';
  out += decimal.digits[0];
  if (decimal.digits.size() > 1) (out += '.') += std::string_view(decimal.digits).substr(1);
  out += 'e';
  if (decimal.exponent > 0) out += '+';
  append_i64(out, decimal.exponent - 1);
}

void append_exactly(std::string& out, const JsonValue& number) {
  if (number.number_kind() == JsonNumberKind::literal) return append_literal(out, number);
  if (!number.is_real()) return append_json_number(out, number);
  const double real = number.real();
  if (const auto integer = number.to_int64()) {
    append_i64(out, *integer);
  } else if (real == std::trunc(real) && real > 0 && real < 0x1p64) {
    append_u64(out, static_cast<std::uint64_t>(real));
  } else {
    append_json_number(out, number);
  }
}

bool is_finite(const JsonValue& number, JsonCanonicalNumbers numbers) {
  if (numbers == JsonCanonicalNumbers::exact && !number.is_real()) return true;
  return std::isfinite(number.as_double());
}

// Whether every number in it has a canonical form.
bool all_finite(const JsonValue& value, JsonCanonicalNumbers numbers) {
  std::vector<const JsonValue*> open{&value};
  while (!open.empty()) {
    const JsonValue& at = *open.back();
    open.pop_back();
    if (at.is_number() && !is_finite(at, numbers)) return false;
    for (const JsonValue& item : at.items()) open.push_back(&item);
    for (const JsonMember& member : at.members()) open.push_back(&member.value);
  }
  return true;
}

}  // namespace

Result<std::string> canonical_json(const JsonValue& value, JsonCanonicalNumbers numbers) {
  if (!all_finite(value, numbers))
    return Error(errors::json_invalid, "a number past the range of a double has no canonical form");
  return write_json(
      value, {.sort_keys = true,
              .sort_utf16 = true,
              .append_number = numbers == JsonCanonicalNumbers::exact ? append_exactly : append_by_rfc});
}

}  // namespace linkspan::data
