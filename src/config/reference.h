// `${env:NAME}` and `${file:PATH}` in strings; `$${` is a plain "${". `${secret:NAME}` is known but not
// supported by this version.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace linkspan::config {

struct ResolvedText {
  std::string text;
  bool from_reference = false;  // false if there were only escapes
};

inline constexpr std::string_view kReferenceKinds[] = {"env", "file", "secret"};

// Whether resolve_references() would change the text (or refuse it).
bool has_references(std::string_view text);

// Gives the value of one reference: kind "env" or "file", and what stands behind the colon.
using ReferenceLookup = std::function<Result<std::string>(std::string_view kind, std::string_view name)>;

// Fails with errors::config_invalid; the detail is for the user and holds no value. What a reference stands
// for is taken as it is: references inside of it are not resolved.
Result<ResolvedText> resolve_references(std::string_view text, const ReferenceLookup& lookup);

}  // namespace linkspan::config
