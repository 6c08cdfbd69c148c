// Problem details (RFC 9457), the body of every error that Linkspan answers with. The type is
// `urn:linkspan:error:SLUG`: a name that needs no host to resolve; `linkspan help SLUG` explains it. Never
// allocates.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"

namespace linkspan::http {

enum class ProblemFormat : std::uint8_t { json, xml };

// JSON unless the Accept value prefers application/problem+xml, application/xml or text/xml.
ProblemFormat problem_format(std::string_view accept);

// "application/problem+json" or "application/problem+xml".
std::string_view problem_content_type(ProblemFormat format);

struct ProblemMember {
  std::string_view name;  // letters, digits, '_'
  std::string_view value;
};

struct Problem {
  const ErrorKind* kind;
  std::string_view detail;
  std::string_view instance;  // the request id; left out if empty
  std::span<const ProblemMember> extensions;
};

// Writes the document into `out`; the view of it. If it does not fit, the extensions, then the detail's end
// are left out: 1 KiB is always enough for the rest. Text that is no UTF-8 is made so.
std::string_view render_problem(const Problem& problem, ProblemFormat format, std::span<char> out);

}  // namespace linkspan::http
