// HTTP/1.1 request heads (RFC 9112 section 3): bytes in, views out, meaning digested in the same pass.
//
// Strict where leniency lets requests be smuggled: CRLF only, no obsolete folding, no space before a colon,
// exactly one valid Host (HTTP/1.0 may lack it), Content-Length once at most, Transfer-Encoding exactly
// `chunked` and not with Content-Length nor in HTTP/1.0. Every error means: answer with the kind's status and
// close the connection. CONNECT is refused with 501 (Linkspan is a gateway, not a forward proxy). A few empty
// lines before the request line are skipped (RFC 9112 section 2.2). Upgrade to h2c is ignored: tunnelling it
// would hide requests from the policies.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "http/fields.h"
#include "http/h1_head.h"
#include "http/method.h"
#include "http/protocol_error.h"

namespace linkspan::http {

enum class TargetForm : std::uint8_t { origin, absolute, asterisk };

// Reusable: parse_request_head overwrites all of it and clears nothing it does not need to.
struct RequestHead {
  explicit RequestHead(std::span<Field> storage) : fields(storage) {}

  Method method = Method::other;
  TargetForm target_form = TargetForm::origin;
  std::uint8_t version_minor = 1;  // 0 or 1; a higher minor version is taken as 1 (RFC 9110 section 2.5)
  Framing framing = Framing::none;
  bool keep_alive = true;            // the client lets the connection persist (RFC 9112 section 9.3)
  bool expect_continue = false;      // waits for 100 (Continue) before it sends the body
  bool accepts_trailers = false;     // TE: trailers
  bool target_is_https = false;      // absolute-form with the https scheme
  std::uint16_t port = 0;            // of the authority; 0 if it names none
  std::uint64_t content_length = 0;  // with Framing::length

  std::string_view method_name;
  std::string_view target;  // as sent
  std::string_view path;    // raw path of the target, at least "/" ("*" in asterisk-form); see normalize_path
  std::string_view query;   // after the '?', without it; verbatim
  bool has_query = false;   // tells "/a?" from "/a"
  std::string_view
      authority;             // host[:port]: of the absolute-form target, else of Host; empty only in HTTP/1.0
  std::string_view host;     // without port; IPv6 literals without brackets
  std::string_view upgrade;  // value of Upgrade, if Connection asks for it and it is not HTTP/2; else empty

  Fields fields;
  ProtocolError error;
};

// `buffer` holds everything received of this message so far (and perhaps more). Never allocates; fills `out`
// on complete, out.error on error; on need_more `out` is scratch. Views are into `buffer`.
ParseStatus parse_request_head(std::string_view buffer, const HeadLimits& limits, std::size_t already_scanned,
                               RequestHead& out);

}  // namespace linkspan::http
