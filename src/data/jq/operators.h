// jq's operators on values. None recurses; the work counts as steps and bytes of the context.
#pragma once

#include <cstdint>

#include "data/json.h"

namespace linkspan::data::jq {

class Context;

enum class BinaryOperator : std::uint8_t {
  plus,
  minus,
  multiply,
  divide,
  remainder,
  equal,
  unequal,
  less,
  less_equal,
  greater,
  greater_equal
};

// `left` becomes the result. False: `left` is what to raise, or the context is stopped.
bool apply(Context& context, BinaryOperator op, JsonValue& left, const JsonValue& right);
bool negate(JsonValue& value);

// A number that arithmetic made: an integer where a double holds it exactly.
JsonValue number(double value);

}  // namespace linkspan::data::jq
