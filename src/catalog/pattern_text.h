// A text that a regular expression (ECMA-262, as in `pattern`) matches: for examples.
//
// Groups, alternatives, classes, the usual escapes and all quantifiers are understood. Anchors, word
// boundaries and assertions are passed over, so that the text is a guess that the caller checks;
// backreferences and property escapes (\p) are not made. Deterministic for a given Random. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace linkspan::catalog {

struct PatternTextLimits {
  std::size_t max_bytes = 10'000;  // of the text
  std::size_t max_depth = 50;      // of groups
};

// At least `min_characters` where quantifiers without an end allow it; nullopt if the pattern is not
// understood or the text would pass a limit.
std::optional<std::string> text_of_pattern(std::string_view pattern, std::size_t min_characters,
                                           Random& random, const PatternTextLimits& limits = {});

}  // namespace linkspan::catalog
