// When to try again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/strings.h"
#include "http/date.h"

namespace linkspan::flow {

// Exponential with full jitter (M. Brooker, "Exponential Backoff And Jitter", 2015): up to first * 2^(attempt
// - 1), at most `max`, at random from a tenth of that on; never less than `at_least`, which a Retry-After
// asked for.
inline std::int64_t backoff_ns(std::int64_t first, std::int64_t max, std::uint32_t attempt,
                               std::int64_t at_least, Random& random) {
  std::int64_t ceiling = first;
  for (std::uint32_t i = 1; i < attempt && ceiling < max; ++i)
    ceiling = ceiling > max / 2 ? max : ceiling * 2;
  ceiling = std::min(ceiling, max);
  const std::int64_t least = ceiling / 10;
  const auto spread = static_cast<std::uint64_t>(ceiling - least) + 1;
  return std::max(at_least, least + static_cast<std::int64_t>(random.below(spread)));
}

// Retry-After (RFC 9110 section 10.2.3), at most a day; nullopt for another field and what is malformed.
inline std::optional<std::int64_t> retry_after_ns(std::string_view name, std::string_view value, WallNs now) {
  constexpr std::int64_t kMostSeconds = 24 * 3600;
  if (!equals_ignore_case(name, "retry-after")) return std::nullopt;
  if (const std::optional<std::uint64_t> seconds = parse_u64(value)) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(*seconds, kMostSeconds)) * kNsPerSecond;
  }
  const std::int64_t now_s = now / kNsPerSecond;
  const std::optional<std::int64_t> date = http::parse_http_date(value, now_s);
  if (!date) return std::nullopt;
  return std::clamp<std::int64_t>(*date - now_s, 0, kMostSeconds) * kNsPerSecond;
}

}  // namespace linkspan::flow
