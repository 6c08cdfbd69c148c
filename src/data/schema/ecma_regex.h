// Regular expressions of ECMA-262 (with the flag `u`) in words that RE2 and Oniguruma understand alike: what
// the three read differently is spelled out in code points. Pure function.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace linkspan::data::schema {

struct TranslatedRegex {
  std::string text;
  // It looks ahead or behind, or refers to groups: RE2 cannot.
  bool needs_backtracking = false;
};

// errors::schema_invalid with what is wrong and at which character. Not all that is wrong is found: the
// engine has to accept the translation too. Escapes of letters that ECMA-262 gives no meaning (\Z, \A, \h)
// are wrong.
Result<TranslatedRegex> translate_ecma_regex(std::string_view pattern);

}  // namespace linkspan::data::schema
