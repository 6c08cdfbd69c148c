// Status codes (RFC 9110 section 15 and the IANA registry).
#pragma once

#include <string_view>

namespace linkspan::http {

// "Not Found"; empty if the code is not registered.
std::string_view reason_phrase(int status);

// "HTTP/1.1 404 Not Found\r\n" for registered codes, else empty: one memcpy for the writer.
std::string_view status_line(int status);

// RFC 9112 section 6.3: such a response never has a body, whatever its fields say.
constexpr bool never_has_body(int status) {
  return (status >= 100 && status < 200) || status == 204 || status == 304;
}

}  // namespace linkspan::http
