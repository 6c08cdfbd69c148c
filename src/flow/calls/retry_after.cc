#include "flow/calls/retry_after.h"

#include <algorithm>
#include <chrono>

#include "base/strings.h"
#include "http/date.h"

namespace linkspan::flow {

namespace {

constexpr Duration kLongest = std::chrono::hours(24);

}  // namespace

std::optional<Duration> parse_retry_after(std::string_view value, WallNs now, Duration longest) {
  using namespace std::chrono;
  value = trim(value);
  if (!value.empty() && std::all_of(value.begin(), value.end(), is_digit)) {
    const std::optional<std::uint64_t> delay = parse_u64(value);
    if (!delay || *delay > static_cast<std::uint64_t>(duration_cast<seconds>(longest).count()))
      return longest;
    return seconds(*delay);
  }
  const std::int64_t now_seconds = floor<seconds>(nanoseconds(now)).count();
  const std::optional<std::int64_t> date = http::parse_http_date(value, now_seconds);
  if (!date) return std::nullopt;
  const std::int64_t longest_seconds = ceil<seconds>(longest).count();
  const std::int64_t wait = std::clamp<std::int64_t>(*date - now_seconds, 0, longest_seconds);
  // The date is the beginning of a second, `now` is within one.
  const Duration within_second = nanoseconds(now) - seconds(now_seconds);
  return std::clamp(Duration(seconds(wait)) - within_second, Duration(0), longest);
}

Duration retry_after_of(const Incoming& answer, WallNs now) {
  for (const auto& [name, value] : answer.headers) {
    if (!equals_ignore_case(name, "retry-after")) continue;
    if (const std::optional<Duration> delay = parse_retry_after(value, now, kLongest)) return *delay;
  }
  return Duration(0);
}

}  // namespace linkspan::flow
