#include "flow/run/time_value.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <string_view>

#include "base/units.h"

namespace linkspan::flow {

namespace {

constexpr std::int64_t kMostSeconds = 7'258'118'400;  // 2200-01-01

// `digits` digits at `at`, which moves past them and past `then` (0: nothing).
std::optional<int> take(std::string_view& text, std::size_t digits, char then) {
  int number = 0;
  if (text.size() < digits) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, number);
  if (error != std::errc() || end != text.data() + digits || number < 0) return std::nullopt;
  text.remove_prefix(digits);
  if (then == 0) return number;
  if (text.empty() || text[0] != then) return std::nullopt;
  text.remove_prefix(1);
  return number;
}

std::optional<std::int64_t> take_offset_seconds(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  const std::optional<int> hours = take(text, 2, ':');
  const std::optional<int> minutes = take(text, 2, 0);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

// RFC 3339 section 5.6, without leap seconds.
std::optional<WallNs> parse_time(std::string_view text) {
  const std::optional<int> year = take(text, 4, '-');
  const std::optional<int> month = year ? take(text, 2, '-') : std::nullopt;
  const std::optional<int> day = month ? take(text, 2, 0) : std::nullopt;
  if (!day || text.empty() || (text[0] != 'T' && text[0] != 't' && text[0] != ' ')) return std::nullopt;
  text.remove_prefix(1);
  const std::optional<int> hour = take(text, 2, ':');
  const std::optional<int> minute = hour ? take(text, 2, ':') : std::nullopt;
  const std::optional<int> second = minute ? take(text, 2, 0) : std::nullopt;
  if (!second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  std::int64_t nanoseconds = 0;
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    std::int64_t unit = kNsPerSecond / 10;
    if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), unit /= 10) {
      nanoseconds += (text[0] - '0') * unit;
    }
  }
  const std::optional<std::int64_t> offset = take_offset_seconds(text);
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!offset || !date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * 86400 + *hour * 3600 + *minute * 60 + *second - *offset;
  if (seconds < 0 || seconds > kMostSeconds) return std::nullopt;
  return seconds * kNsPerSecond + nanoseconds;
}

}  // namespace

std::optional<WallNs> time_of(const data::JsonValue& value, WallNs now) {
  const auto after = [&](double seconds) -> std::optional<WallNs> {
    const double at = static_cast<double>(now) / kNsPerSecond + seconds;
    if (!std::isfinite(at) || at > static_cast<double>(kMostSeconds)) return std::nullopt;
    return now + static_cast<std::int64_t>(std::max(seconds, 0.0) * kNsPerSecond);
  };
  if (value.is_number()) return after(value.as_double());
  if (!value.is_string()) return std::nullopt;
  if (const Result<Duration> duration = parse_duration(value.string())) {
    return after(static_cast<double>(duration->count()) / kNsPerSecond);
  }
  return parse_time(value.string());
}

}  // namespace linkspan::flow
