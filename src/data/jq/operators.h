// jq's operators, order and words about values, on JsonValue. Pure functions; none recurses beyond
// kMaxNesting.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

// Levels of arrays and objects beyond which values are not compared, merged, parsed or written.
inline constexpr std::uint32_t kMaxNesting = 10'000;

// `left` becomes the result. False: `left` is what to raise, or the context is stopped.
bool apply(Context& context, BinaryOperator op, JsonValue& left, const JsonValue& right);
bool negate(JsonValue& value);

// jq's order: null, false, true, numbers, strings, arrays, objects (their sorted keys, then their values).
// Numbers that keep all digits compare by them, results of arithmetic as doubles. nullopt if nested too
// deeply.
// The work counts as steps of the context; nullopt too if that stops the run. Without a context there is a
// limit of kMaxCompared items.
inline constexpr std::uint64_t kMaxCompared = 1'000'000;
std::optional<int> compare(const JsonValue& a, const JsonValue& b, Context* context = nullptr);
std::optional<bool> equals(const JsonValue& a, const JsonValue& b, Context* context = nullptr);

// A number that arithmetic made: an integer where a double holds it exactly.
JsonValue number(double value);

// "null", "boolean", "number", ...
std::string_view type_name(const JsonValue& value);
// What jq shows of a value in a message: at most 29 bytes of its JSON.
std::string excerpt(const JsonValue& value);
// `string ("abc")`
std::string described(const JsonValue& value);

// JSON as tojson makes it; "<skipped: too deep>" in place of what is nested beyond kMaxNesting.
// False if it would be longer than what a run may hold; parts that a value shares are written each time.
bool to_text(Context& context, const JsonValue& value, std::string& out);

}  // namespace linkspan::data::jq
