// What the two head parsers share; not for use outside the room. Outcomes, limits and the semantics of
// "judged" are explained in h1_head.h.
#pragma once

#include <algorithm>
#include <string_view>

#include "http/fields.h"
#include "http/h1_head.h"
#include "http/protocol_error.h"

namespace linkspan::http {

// Where a parser stands in the bytes of one head. `kind` is that of malformed fields.
struct HeadCursor {
  const char* begin;
  const char* at;
  const char* end;  // no further than max_header_bytes
  std::size_t offset() const { return static_cast<std::size_t>(at - begin); }
  std::size_t offset(const char* place) const { return static_cast<std::size_t>(place - begin); }
};

enum class Step : std::uint8_t { done, more, error };

// Whose head: decides the kinds of errors, and what white space before a colon means.
struct HeadKinds {
  const ErrorKind& field;      // malformed field line
  const ErrorKind& too_large;  // too many or too long
  bool space_before_colon;     // tolerated, to be removed (RFC 9112 section 5.1: a proxy on a response)
};

// All field lines and the empty line after them.
Step parse_field_lines(HeadCursor& cursor, const HeadLimits& limits, const HeadKinds& kinds, Fields& fields,
                       ProtocolError& error);

// Expects CRLF at the cursor, after `where` ("the request line"); takes it.
Step expect_crlf(HeadCursor& cursor, const ErrorKind& kind, std::string_view where, ProtocolError& error);

// The bytes of a head that a call may look at, and when it may pass judgement on them: once a line has ended,
// once a byte has come that no head contains, or at the size limit. That makes the outcome independent of how
// the bytes were split, and saves parsing again for every byte of a slow sender.
class HeadWindow {
 public:
  HeadWindow(std::string_view buffer, const HeadLimits& limits)
      : received_bytes_(buffer.size()),
        at_limit_(buffer.size() >= limits.max_header_bytes),
        bytes_(buffer.substr(0, limits.max_header_bytes)) {}

  // True if nothing that arrived since `already_scanned` can lead to a verdict.
  bool nothing_new(std::size_t already_scanned) const {
    if (bytes_.empty()) return true;
    return already_scanned != 0 && !at_limit_ && !has_evidence(std::min(already_scanned, bytes_.size()) - 1);
  }
  HeadCursor cursor() const { return {bytes_.data(), bytes_.data(), bytes_.data() + bytes_.size()}; }
  ParseStatus need_more() const { return {ParseState::need_more, received_bytes_}; }
  // What to tell the caller, given how the parse went and, for an error, where.
  ParseStatus verdict(Step step, const HeadCursor& cursor, const ErrorKind& too_large,
                      ProtocolError& error) const;

 private:
  bool has_evidence(std::size_t from) const;

  std::size_t received_bytes_;
  bool at_limit_;
  std::string_view bytes_;
};

// Content-Length and Transfer-Encoding of a head, not yet interpreted for its kind of message.
struct FramingFields {
  bool has_length = false;
  bool has_coding = false;
  bool chunked_only = false;   // Transfer-Encoding is exactly `chunked`
  bool chunked_final = false;  // `chunked` is the last of several codings and not among the others
  bool length_overflow = false;
  std::uint64_t length = 0;
};
// error: repeated fields, both fields, or a malformed length; `kind` is given to it.
Step read_framing_fields(const HeadCursor& cursor, Fields& fields, const ErrorKind& kind, FramingFields& out,
                         ProtocolError& error);

// What the Connection fields say.
struct ConnectionOptions {
  bool close = false;
  bool keep_alive = false;
  bool upgrade = false;
};
// Marks the fields that Connection names. False if there are too many options.
bool read_connection(Fields& fields, ConnectionOptions& out);

// "HTTP/1.x": minor version 0 or 1 (higher counts as 1), -1 if malformed, -2 if another major version.
inline constexpr int kVersionMalformed = -1;
inline constexpr int kVersionOther = -2;
int parse_version(std::string_view eight_bytes);

}  // namespace linkspan::http
