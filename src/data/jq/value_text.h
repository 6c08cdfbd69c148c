// What jq says about values: their types, their JSON, and excerpts of it for messages.
#pragma once

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

// JSON as tojson makes it; "<skipped: too deep>" in place of what is nested beyond kMaxNesting.
// False if it would be longer than what a run may hold; parts that a value shares are written each time.
bool to_text(Context& context, const JsonValue& value, std::string& out);

}  // namespace linkspan::data::jq
