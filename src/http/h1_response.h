// HTTP/1.1 response heads (RFC 9112 section 4) as a gateway must read them from its upstream.
//
// Tolerant only where RFC 9112 tells a recipient to be: a missing reason phrase, and white space before a
// colon (which a proxy must remove before it forwards: such fields have `rewrite` set). Everything else that
// is not HTTP, and every ambiguous length, is `upstream-bad-response`; the upstream connection must not be
// used again.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "http/fields.h"
#include "http/h1_head.h"
#include "http/method.h"
#include "http/protocol_error.h"

namespace linkspan::http {

// Reusable: parse_response_head overwrites all of it and clears nothing it does not need to.
struct ResponseHead {
  explicit ResponseHead(std::span<Field> storage) : fields(storage) {}

  std::uint16_t status = 0;  // 100 to 599; 6xx and above are refused
  std::uint8_t version_minor = 1;
  Framing framing = Framing::none;   // given the request's method (HEAD) and the status (1xx, 204, 304)
  bool keep_alive = true;            // the connection may be used again once the body is read
  bool interim = false;              // 1xx but 101: another head follows
  bool switches_protocol = false;    // 101: what follows is the other protocol's
  std::uint64_t content_length = 0;  // with Framing::length
  std::string_view reason;
  std::string_view upgrade;  // value of Upgrade, with 101

  Fields fields;
  ProtocolError error;
};

// See parse_request_head; `method` is that of the request which this answers.
ParseStatus parse_response_head(std::string_view buffer, Method method, const HeadLimits& limits,
                                std::size_t already_scanned, ResponseHead& out);

}  // namespace linkspan::http
