// What request and response heads of HTTP/1.1 (RFC 9112) have in common: limits, outcome, framing.
//
// Both parsers are called with all bytes received so far in one contiguous buffer and may be called again
// after more were appended. They keep nothing between calls but what the caller passes back as
// `already_scanned`; the buffer may have moved. Results do not depend on how the bytes were split. Bytes are
// judged at the end of a line or at a byte that no head can contain, so a slow sender costs one look at each
// byte plus one parse for each line.
#pragma once

#include <cstddef>
#include <cstdint>

#include "http/fields.h"

namespace linkspan::http {

struct HeadLimits {
  std::size_t max_header_bytes = 32 * 1024;  // start line, fields and the empty line; at most 16 MiB
  std::size_t max_target_bytes = 8 * 1024;   // request target
  std::size_t max_fields = kDefaultMaxFields;
};

enum class ParseState : std::uint8_t { need_more, complete, error };

struct ParseStatus {
  ParseState state;
  // need_more: pass this back as `already_scanned`. complete: size of the head; the body begins there.
  // error: 0; the head's `error` tells.
  std::size_t bytes;
};

// How the body is delimited (RFC 9112 section 6.3).
enum class Framing : std::uint8_t { none, length, chunked, until_close };

}  // namespace linkspan::http
