// URLs (RFC 3986) of http and https, and the paths of request targets.
//
// A path is normalised once, before routing, and exactly the normalised text is routed on and sent upstream;
// nothing decodes it twice. The rules:
// - percent-encoded unreserved characters are decoded, other percent triplets get upper-case hex; `%25` stays
// as it is.
// - "." and ".." segments are removed, also as %2e; ".." above the root is refused.
// - refused with target-invalid: %2F, %5C, raw backslash, encoded control characters (%00 to %1F, %7F),
// malformed
//   triplets, doubly encoded %252E, %252F, %255C, %2500 and %2525.., and characters that no path has.
// - empty segments are removed ("//a///b/" is "/a/b/"): many servers do so, and would find behind "//admin"
// what a
//   route for "/admin" protects.
// - the query is kept verbatim (its characters were checked by the request parser).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/protocol_error.h"

namespace linkspan::http {

// An absolute http or https URL, split; owns its text. For configuration and for catalogue data, not the hot
// path.
struct Url {
  bool https = false;
  std::string host;  // lower case; IPv6 without brackets, RFC 5952 form
  bool host_is_ip = false;
  std::uint16_t port = 0;  // the scheme's default if the text names none
  std::string path;        // normalised, at least "/"
  std::string query;       // without '?'
  bool has_query = false;

  std::string_view scheme() const { return https ? "https" : "http"; }
  bool default_port() const { return port == (https ? 443 : 80); }
  // "host:port" for Host: brackets for IPv6, no default port.
  std::string authority() const;
  std::string to_string() const;
};

// target-invalid with the place and the reason. User information and fragments are refused.
Result<Url> parse_url(std::string_view text);

// host[:port] as in Host or an authority (RFC 3986 section 3.2 without user information): letters, digits,
// '-', '.',
// '_' or an IP literal. Views into `text`.
struct HostPort {
  std::string_view host;   // without brackets
  std::uint16_t port = 0;  // 0: none named
  bool is_ipv6 = false;
};
bool parse_host_port(std::string_view text, HostPort& out);

// Normalises a raw path (it begins with '/'). A clean path is returned as it is, without a copy; otherwise
// the result is in `scratch`, which must be as large as `raw`. An empty view means refused, and `error` tells
// (target-invalid; its offset is within `raw`).
std::string_view normalize_path(std::string_view raw, std::span<char> scratch, ProtocolError& error);

// Decodes every triplet; false if one is malformed or `out` is too small (text.size() always suffices). With
// `plus_is_space` as in application/x-www-form-urlencoded queries.
bool percent_decode(std::string_view text, std::span<char> out, std::size_t& written,
                    bool plus_is_space = false);

enum class UrlPart : std::uint8_t { path_segment, query_component };
// Appends `text` to `out`, encoding all but what the part allows unencoded ('/' is always encoded).
void percent_encode(std::string_view text, UrlPart part, std::string& out);

// Steps through a query: "a=1&b" gives ("a","1"), ("b",""). Raw text, to be decoded by the caller. False at
// the end.
bool next_query_parameter(std::string_view& query, std::string_view& name, std::string_view& value);

}  // namespace linkspan::http
