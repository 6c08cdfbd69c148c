// jq programs to trees, by the grammar of jq 1.8. Pure functions. Nesting is limited, so that neither parsing
// nor compiling can exhaust the stack.
#pragma once

#include <string_view>

#include "base/result.h"
#include "data/jq/ast.h"

namespace linkspan::data::jq {

// errors::jq_invalid with line, column and the line itself, as source.h shows it.
Result<Ast> parse_program(std::string_view source);
// Definitions and nothing else, in `functions`.
Result<Ast> parse_library(std::string_view source);

}  // namespace linkspan::data::jq
