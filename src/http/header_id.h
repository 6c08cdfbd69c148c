// Well-known header field names as small numbers, so that code switches on an id and never compares a string.
// All functions are pure; any thread may call them.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace linkspan::http {

// clang-format off
#define LINKSPAN_HEADER_IDS(X)                                                     \
  X(accept, "Accept")                                                              \
  X(accept_encoding, "Accept-Encoding")                                            \
  X(accept_language, "Accept-Language")                                            \
  X(accept_ranges, "Accept-Ranges")                                                \
  X(access_control_request_headers, "Access-Control-Request-Headers")              \
  X(access_control_request_method, "Access-Control-Request-Method")                \
  X(age, "Age")                                                                    \
  X(allow, "Allow")                                                                \
  X(authorization, "Authorization")                                                \
  X(cache_control, "Cache-Control")                                                \
  X(connection, "Connection")                                                      \
  X(content_encoding, "Content-Encoding")                                          \
  X(content_language, "Content-Language")                                          \
  X(content_length, "Content-Length")                                              \
  X(content_location, "Content-Location")                                          \
  X(content_range, "Content-Range")                                                \
  X(content_type, "Content-Type")                                                  \
  X(cookie, "Cookie")                                                              \
  X(date, "Date")                                                                  \
  X(etag, "ETag")                                                                  \
  X(expect, "Expect")                                                              \
  X(expires, "Expires")                                                            \
  X(forwarded, "Forwarded")                                                        \
  X(host, "Host")                                                                  \
  X(http2_settings, "HTTP2-Settings")                                              \
  X(idempotency_key, "Idempotency-Key")                                            \
  X(if_match, "If-Match")                                                          \
  X(if_modified_since, "If-Modified-Since")                                        \
  X(if_none_match, "If-None-Match")                                                \
  X(if_range, "If-Range")                                                          \
  X(if_unmodified_since, "If-Unmodified-Since")                                    \
  X(keep_alive, "Keep-Alive")                                                      \
  X(last_modified, "Last-Modified")                                                \
  X(location, "Location")                                                          \
  X(max_forwards, "Max-Forwards")                                                  \
  X(origin, "Origin")                                                              \
  X(pragma, "Pragma")                                                              \
  X(prefer, "Prefer")                                                              \
  X(proxy_authenticate, "Proxy-Authenticate")                                      \
  X(proxy_authorization, "Proxy-Authorization")                                    \
  X(proxy_connection, "Proxy-Connection")                                          \
  X(range, "Range")                                                                \
  X(referer, "Referer")                                                            \
  X(retry_after, "Retry-After")                                                    \
  X(server, "Server")                                                              \
  X(set_cookie, "Set-Cookie")                                                      \
  X(te, "TE")                                                                      \
  X(traceparent, "traceparent")                                                    \
  X(tracestate, "tracestate")                                                      \
  X(trailer, "Trailer")                                                            \
  X(transfer_encoding, "Transfer-Encoding")                                        \
  X(upgrade, "Upgrade")                                                            \
  X(user_agent, "User-Agent")                                                      \
  X(vary, "Vary")                                                                  \
  X(via, "Via")                                                                    \
  X(www_authenticate, "WWW-Authenticate")                                          \
  X(x_api_key, "X-Api-Key")                                                        \
  X(x_forwarded_for, "X-Forwarded-For")                                            \
  X(x_forwarded_host, "X-Forwarded-Host")                                          \
  X(x_forwarded_port, "X-Forwarded-Port")                                          \
  X(x_forwarded_proto, "X-Forwarded-Proto")                                        \
  X(x_real_ip, "X-Real-IP")                                                        \
  X(x_request_id, "X-Request-Id")
// clang-format on

enum class HeaderId : std::uint8_t {
  other = 0,
#define LINKSPAN_DECLARE_ID(id, name) id,
  LINKSPAN_HEADER_IDS(LINKSPAN_DECLARE_ID)
#undef LINKSPAN_DECLARE_ID
      count_
};

inline constexpr std::size_t kHeaderIdCount = static_cast<std::size_t>(HeaderId::count_);
static_assert(kHeaderIdCount <= 64, "HeaderSet holds one bit an id");

// The id of a name in any case, or `other`. The name must be a token (RFC 9110 section 5.6.2).
HeaderId header_id(std::string_view name);

// The same for a name in a buffer with at least kHeaderNameReadAhead readable bytes from its start: a little
// faster.
inline constexpr std::size_t kHeaderNameReadAhead = 32;
HeaderId header_id_in_buffer(std::string_view name);

// As registered ("Content-Type"); empty for `other`.
std::string_view to_string(HeaderId id);

// A set of ids in one word.
class HeaderSet {
 public:
  constexpr HeaderSet() = default;
  constexpr HeaderSet(std::initializer_list<HeaderId> ids) {
    for (HeaderId id : ids) add(id);
  }
  constexpr void add(HeaderId id) { bits_ |= bit(id); }
  constexpr void remove(HeaderId id) { bits_ &= ~bit(id); }
  constexpr bool contains(HeaderId id) const { return (bits_ & bit(id)) != 0; }
  constexpr bool intersects(HeaderSet other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr HeaderSet operator|(HeaderSet other) const {
    HeaderSet both;
    both.bits_ = bits_ | other.bits_;
    return both;
  }
  friend constexpr auto operator<=>(HeaderSet, HeaderSet) = default;  // in no particular order

 private:
  static constexpr std::uint64_t bit(HeaderId id) { return std::uint64_t{1} << static_cast<unsigned>(id); }
  std::uint64_t bits_ = 0;
};

// Fields that concern one connection and are never forwarded (RFC 9110 section 7.6.1), besides those that
// Connection names. TE and Trailer are among them: Linkspan speaks for itself to the next hop.
inline constexpr HeaderSet kHopByHop = {HeaderId::connection,
                                        HeaderId::keep_alive,
                                        HeaderId::proxy_authenticate,
                                        HeaderId::proxy_authorization,
                                        HeaderId::proxy_connection,
                                        HeaderId::te,
                                        HeaderId::trailer,
                                        HeaderId::transfer_encoding,
                                        HeaderId::upgrade,
                                        HeaderId::http2_settings};

// Fields whose values are secrets: never shown in an error, a log or the console.
inline constexpr HeaderSet kSecretHeaders = {HeaderId::authorization, HeaderId::proxy_authorization,
                                             HeaderId::cookie, HeaderId::set_cookie, HeaderId::x_api_key};

}  // namespace linkspan::http
