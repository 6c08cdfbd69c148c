// jq's order and equality of values.
#pragma once

#include <optional>

#include "data/json.h"

namespace linkspan::data::jq {

class Context;

// jq's order: null, false, true, numbers, strings, arrays, objects (their sorted keys, then their values).
// Numbers that keep all digits compare by them, results of arithmetic as doubles.
//
// The work counts as steps of the context. nullopt if nested deeper than kMaxNesting, or if that stops the
// run.
std::optional<int> compare(Context& context, const JsonValue& a, const JsonValue& b);
std::optional<bool> equals(Context& context, const JsonValue& a, const JsonValue& b);

}  // namespace linkspan::data::jq
