// Characters that mean markup, as references: those that Canonical XML 1.0 section 2.3 replaces.
#pragma once

#include <string>
#include <string_view>

namespace linkspan::data::xml {

void append_text(std::string& out, std::string_view text);
// For a value in double quotes.
void append_attribute_value(std::string& out, std::string_view text);

}  // namespace linkspan::data::xml
