// What a program reads by constant names: `.customer.email` and `$reserve.lines[0].sku`, also behind pipes.
// For checking names against a description before the program ever runs. Only what is certain is told: where
// the value that a name is looked up in cannot be followed (function arguments, computed keys), nothing is.
//
//   for (const JqRead& read : *jq_reads("{to: .customer.email, id: $reserve.id}")) ...
//   // {variable: "", path: [customer, email]} and its beginning [customer], {variable: "reserve", path:
//   [id]}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace linkspan::data {

struct JqRead {
  std::string variable;  // without "$"; empty: the program's input
  std::vector<std::optional<std::string>>
      path;  // names; nullopt is any item of an array. The last is a name.
};

// Names that are asked for with `?` are left out. errors::jq_invalid if it is no program.
Result<std::vector<JqRead>> jq_reads(std::string_view program);

}  // namespace linkspan::data
