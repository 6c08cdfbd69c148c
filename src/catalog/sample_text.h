// A text of a `format`, for examples. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"

namespace linkspan::catalog {

// Empty for a format that is not known.
std::string text_of_format(std::string_view format, Random& random);

// Words of at least `min_characters` and at most `max_characters` ASCII characters.
std::string sample_words(std::size_t min_characters, std::size_t max_characters, Random& random);

}  // namespace linkspan::catalog
