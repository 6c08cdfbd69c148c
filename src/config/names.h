// What the names that occur in a config may look like. Pure predicates, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace linkspan::config {

// Names of apis, endpoints, consumers, ...: letters, digits and _ . - @ + : /, beginning with a letter or
// digit or _, at most 128 characters. They appear in logs, metrics and URLs of the admin API.
bool is_name(std::string_view text);

// A field name (RFC 9110 section 5.1) that a config may set or match: a token.
bool is_header_name(std::string_view text);
// A field that belongs to one connection (RFC 9110 section 7.6.1), frames the message or is Host; Linkspan
// writes these itself.
bool is_connection_header(std::string_view name);

// The message that a config changes the header of: a request on its way to an API, or an answer.
enum class HeaderOf : std::uint8_t { request, answer };
// A field that Linkspan always writes itself there, connection headers among them. A config may neither set
// nor remove it: the upstream or the caller would get two of them, or still have one.
bool is_own_header(std::string_view name, HeaderOf message);
// The key under `forwarded` that decides whether Linkspan writes the field there: "via"; empty for others.
std::string_view forwarded_key(std::string_view name, HeaderOf message);
// A field value: visible characters, spaces and tabs inside, any byte above 0x7f (RFC 9110 section 5.5).
bool is_header_value(std::string_view text);

// A method (RFC 9110 section 9.1): a token.
bool is_method(std::string_view text);
// The methods of RFC 9110 section 9.3 and RFC 5789, but for CONNECT, which is never taken.
inline constexpr std::string_view kStandardMethods[] = {"GET",    "HEAD",    "POST",  "PUT",
                                                        "DELETE", "OPTIONS", "TRACE", "PATCH"};
bool is_standard_method(std::string_view text);

// A host name: labels of letters, digits, - and _, at most 253 characters. No port, no IP address in
// brackets.
bool is_host_name(std::string_view text);
bool is_ipv4_address(std::string_view text);
bool is_ipv6_address(std::string_view text);  // without brackets

// Only characters that a query may hold (RFC 3986 section 3.4).
bool is_url_query(std::string_view text);

}  // namespace linkspan::config
