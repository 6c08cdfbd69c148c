// HTTP dates (RFC 9110 section 5.6.7). Seconds since 1970-01-01 UTC; no clock in here. Pure; never allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace linkspan::http {

inline constexpr std::size_t kHttpDateBytes = 29;

// "Sun, 06 Nov 1994 08:49:37 GMT" into `out` (kHttpDateBytes). Years 1970 to 9999; others are clamped.
void format_http_date(std::int64_t unix_seconds, char* out);

// IMF-fixdate, RFC 850 and asctime forms. `now` decides the century of RFC 850's two-digit year.
std::optional<std::int64_t> parse_http_date(std::string_view text, std::int64_t now_unix_seconds);

}  // namespace linkspan::http
