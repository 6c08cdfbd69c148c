// RFC 3339: dates, times and (appendix A) durations.
#include <optional>

#include "base/strings.h"
#include "data/schema/formats.h"

namespace linkspan::data::schema {

namespace {

// Exactly `digits` digits at the front of `text`, taken away; nullopt if they are not there.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

bool take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return false;
  const auto month = take_number(text, 2);
  if (!month || *month < 1 || *month > 12 || !take(text, '-')) return false;
  const auto day = take_number(text, 2);
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = *year % 4 == 0 && (*year % 100 != 0 || *year % 400 == 0);
  return day && *day >= 1 && *day <= kDays[*month - 1] + (*month == 2 && leap ? 1 : 0);
}

// Minutes east of UTC.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const int sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
  if (sign == 0) return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

bool take_time(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return false;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59 || !take(text, ':')) return false;
  const auto second = take_number(text, 2);
  if (!second || *second > 60) return false;
  if (take(text, '.')) {
    if (text.empty() || !is_digit(text.front())) return false;
    while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
  }
  const auto offset = take_offset(text);
  if (!offset) return false;
  // A leap second comes at the end of a day in UTC only.
  const int utc_minute = ((*hour * 60 + *minute - *offset) % 1440 + 1440) % 1440;
  return *second < 60 || utc_minute == 1439;
}

// "1Y2M3D" by the units in their order, without gaps, taking what fits; whether there was anything.
bool take_parts(std::string_view& text, std::string_view units) {
  std::size_t next = 0;
  bool any = false;
  while (!text.empty() && is_digit(text.front())) {
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) ++digits;
    if (digits == text.size()) return false;
    const std::size_t unit = units.find(text[digits], next);
    if (unit == std::string_view::npos || (any && unit != next)) return false;
    text.remove_prefix(digits + 1);
    next = unit + 1;
    any = true;
  }
  return any;
}

}  // namespace

bool is_date(std::string_view text) {
  return take_date(text) && text.empty();
}

bool is_time(std::string_view text) {
  return take_time(text) && text.empty();
}

bool is_date_time(std::string_view text) {
  return take_date(text) && (take(text, 'T') || take(text, 't')) && take_time(text) && text.empty();
}

bool is_duration(std::string_view text) {
  if (!take(text, 'P')) return false;
  if (text.ends_with('W')) return take_parts(text, "W") && text.empty();
  const bool dated = take_parts(text, "YMD");
  if (text.empty()) return dated;
  return take(text, 'T') && take_parts(text, "HMS") && text.empty();
}

}  // namespace linkspan::data::schema
