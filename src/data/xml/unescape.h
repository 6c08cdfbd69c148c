// The value of an attribute as XML 1.0 section 3.3.3 makes it from its text.
#pragma once

#include <string>
#include <string_view>

namespace linkspan::data::xml {

// References, which must be valid, become characters; tabs and line ends become blanks.
void unescape(std::string_view raw, std::string& out);

}  // namespace linkspan::data::xml
