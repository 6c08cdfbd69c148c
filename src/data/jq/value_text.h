// What jq says about values: their types, their JSON, and excerpts of it for messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "data/json.h"

namespace linkspan::data::jq {

class Context;

// "null", "boolean", "number", ...
std::string_view type_name(const JsonValue& value);
// What jq shows of a value in a message: at most 29 bytes of its JSON.
std::string excerpt(const JsonValue& value);
// `string ("abc")`
std::string described(const JsonValue& value);

// What the JSON of a value takes at least, and how deep it is. Looking counts as steps, and ends once there
// are more than `max_bytes`; false if a limit of the run is passed. Parts that a value shares count each
// time.
struct TextExtent {
  std::size_t bytes = 0;
  std::uint32_t depth = 0;
};
bool measure_text(Context& context, const JsonValue& value, std::size_t max_bytes, TextExtent& found);

// JSON as tojson makes it; "<skipped: too deep>" in place of what is nested beyond kMaxNesting.
// False if it would be longer than what a run may hold; parts that a value shares are written each time.
bool to_text(Context& context, const JsonValue& value, std::string& out);

}  // namespace linkspan::data::jq
