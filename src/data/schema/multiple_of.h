// multipleOf, exactly: by the decimal digits as written, never by binary fractions.
#pragma once

#include <cstdint>
#include <optional>

#include "data/json.h"

namespace linkspan::data::schema {

class MultipleOf {
 public:
  MultipleOf() = default;  // everything is a multiple
  // nullopt unless above zero and of at most 18 digits.
  static std::optional<MultipleOf> of(const JsonValue& divisor);

  bool is_set() const { return digits_ != 0; }
  bool divides(const JsonValue& number) const;

 private:
  // The divisor is digits_ * 10^exponent_, and digits_ is no multiple of ten.
  std::uint64_t digits_ = 0;
  std::int64_t exponent_ = 0;
  std::int64_t integer_ = 0;  // the same where it is an integer of 64 bits, else 0
};

}  // namespace linkspan::data::schema
