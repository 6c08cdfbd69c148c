// Path patterns: "/customers/{id}" and "/files/{path...}". A parameter is a whole segment; `{name...}` takes
// everything after its slash, which may be nothing, and must be last. The same syntax serves as the template
// of an upstream path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace linkspan::config {

inline constexpr std::size_t kMaxPathParameters = 16;
inline constexpr std::size_t kMaxPathSegments = 64;

struct PathSegment {
  enum class Kind : uint8_t { literal, parameter, rest };
  Kind kind = Kind::literal;
  std::string text;  // literal: as the normalised path has it (percent-encoded where needed); else the
                     // parameter's name

  bool operator==(const PathSegment&) const = default;
};

// "/" has no segments; "/a/" has the segments "a" and "" (a trailing slash matters, as it does in a URL).
struct PathPattern {
  std::string text;
  std::vector<PathSegment> segments;

  bool empty() const { return text.empty(); }
  bool has_parameter(std::string_view name) const;
  bool operator==(const PathPattern&) const = default;
};

// A path without parameters and without a slash at its end, in the form that paths of requests are given.
// "/%7Ea" becomes "/~a". Fails likewise.
Result<std::string> parse_path_prefix(std::string_view text);

// Fails with errors::config_invalid; the detail says what is wrong ("parameter {id} is used twice").
Result<PathPattern> parse_path_pattern(std::string_view text);

}  // namespace linkspan::config
