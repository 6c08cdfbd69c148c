// The builtins that are written in jq.
#pragma once

#include <string_view>

namespace linkspan::data::jq {

// Names that begin with "_" are for other builtins and for the compiler.
extern const std::string_view kLibrary;

}  // namespace linkspan::data::jq
