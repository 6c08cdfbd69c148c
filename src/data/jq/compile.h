// Trees to programs. Pure function.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/jq/ast.h"
#include "data/jq/program.h"

namespace linkspan::data::jq {

// errors::jq_invalid where a name is not defined or reaches outside.
Result<std::shared_ptr<const Program>> compile(std::string_view source, const Ast& ast,
                                               const std::vector<std::string>& variables);

}  // namespace linkspan::data::jq
