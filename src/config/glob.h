// File name patterns: * for any characters, ? for one. Pure functions, any thread.
#pragma once

#include <string_view>

namespace linkspan::config {

bool is_glob(std::string_view text);

// Whether a file name (not a path) matches. A leading dot must be matched by a dot.
bool matches_glob(std::string_view name, std::string_view pattern);

}  // namespace linkspan::config
