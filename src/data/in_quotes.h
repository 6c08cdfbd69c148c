// Text of a user's in a message to a person.
#pragma once

#include <string>
#include <string_view>

namespace linkspan::data {

// In double quotes, cut after about 60 bytes (between characters), control characters shown as "?": one line
// that cannot play tricks on a terminal.
std::string in_quotes(std::string_view text);

}  // namespace linkspan::data
