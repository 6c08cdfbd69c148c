#include "flow/triggers/posix_time_zone.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

#include "base/strings.h"

namespace linkspan::flow {
namespace {

constexpr std::int32_t kHourSeconds = 3600;
constexpr std::int64_t kDaySeconds = 86400;

// Takes pieces off the front; `good` turns false at the first that is not as expected.
struct Reader {
  std::string_view rest;
  bool good = true;

  bool take(char c) {
    if (!rest.starts_with(c)) return false;
    rest.remove_prefix(1);
    return true;
  }
  void expect(char c) { good = take(c) && good; }
  std::int32_t number(std::int32_t min, std::int32_t max) {
    std::size_t digits = 0;
    while (digits < rest.size() && digits < 4 && is_digit(rest[digits])) ++digits;
    const std::optional<std::uint64_t> value = parse_u64(rest.substr(0, digits));
    rest.remove_prefix(digits);
    good = good && value && *value >= static_cast<std::uint64_t>(min) &&
           *value <= static_cast<std::uint64_t>(max);
    return good ? static_cast<std::int32_t>(*value) : min;
  }
  // "CET" or "<+0330>".
  void abbreviation() {
    const bool quoted = take('<');
    std::size_t size = 0;
    while (size < rest.size() &&
           (is_alpha(rest[size]) ||
            (quoted && (is_digit(rest[size]) || rest[size] == '+' || rest[size] == '-')))) {
      ++size;
    }
    good = good && size >= 3;
    rest.remove_prefix(size);
    if (quoted) expect('>');
  }
  // [+-]hh[:mm[:ss]] as seconds.
  std::int32_t time(std::int32_t max_hours) {
    const bool negative = take('-');
    if (!negative) take('+');
    std::int32_t seconds = number(0, max_hours) * kHourSeconds;
    if (take(':')) {
      seconds += number(0, 59) * 60;
      if (take(':')) seconds += number(0, 59);
    }
    return negative ? -seconds : seconds;
  }
  PosixTimeZone::Rule rule() {
    using Day = PosixTimeZone::Rule::Day;
    PosixTimeZone::Rule rule;
    expect(',');
    if (take('M')) {
      rule.month = number(1, 12);
      expect('.');
      rule.week = number(1, 5);
      expect('.');
      rule.weekday = number(0, 6);
    } else if (take('J')) {
      rule.kind = Day::julian;
      rule.day = number(1, 365);
    } else {
      rule.kind = Day::day_of_year;
      rule.day = number(0, 365);
    }
    if (take('/')) rule.seconds = time(167);
    return rule;
  }
};

// Days since 1970-01-01 on which the rule applies in a year.
std::int64_t day_of(const PosixTimeZone::Rule& rule, std::chrono::year year) {
  using namespace std::chrono;
  using Day = PosixTimeZone::Rule::Day;
  const sys_days january_first = year / January / 1;
  const std::int64_t first = january_first.time_since_epoch().count();
  switch (rule.kind) {
    case Day::julian:
      return first + rule.day - 1 + (rule.day >= 60 && year.is_leap() ? 1 : 0);
    case Day::day_of_year:
      return first + rule.day;
    case Day::weekday:
      break;
  }
  const month in(static_cast<unsigned>(rule.month));
  const weekday on(static_cast<unsigned>(rule.weekday));
  const sys_days day = rule.week == 5 ? sys_days(year / in / on[last])
                                      : sys_days(year / in / on[static_cast<unsigned>(rule.week)]);
  return day.time_since_epoch().count();
}

std::chrono::year year_of(UnixSeconds at) {
  using namespace std::chrono;
  return year_month_day(floor<days>(sys_seconds(seconds(at)))).year();
}

// All changes within a year, in order, and some before and after: a change may lie a week outside of the year
// of its rule, and odd rules may have one year's end behind the next one's beginning. At one instant the
// later in the calendar counts: where daylight saving time lasts all year, it begins anew as it ends.
using Changes = std::array<OffsetChange, 10>;
Changes changes_about(const PosixTimeZone& zone, std::chrono::year middle) {
  const PosixTimeZone::Daylight& daylight = *zone.daylight;
  Changes changes;
  std::size_t count = 0;
  for (int years = -2; years <= 2; ++years) {
    const std::chrono::year year = middle + std::chrono::years(years);
    changes[count++] = {day_of(daylight.begins, year) * kDaySeconds + daylight.begins.seconds - zone.offset,
                        zone.offset, daylight.offset};
    changes[count++] = {day_of(daylight.ends, year) * kDaySeconds + daylight.ends.seconds - daylight.offset,
                        daylight.offset, zone.offset};
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const OffsetChange& a, const OffsetChange& b) { return a.at < b.at; });
  return changes;
}

}  // namespace

std::int32_t PosixTimeZone::offset_at(UnixSeconds at) const {
  if (!daylight) return offset;
  std::int32_t found = offset;
  for (const OffsetChange& change : changes_about(*this, year_of(at))) {
    if (change.at <= at) found = change.after;
  }
  return found;
}

std::optional<OffsetChange> PosixTimeZone::next_change(UnixSeconds at) const {
  if (!daylight) return std::nullopt;
  // Rules repeat with the leap years, of which two may be eight years apart.
  constexpr int kYearsToLook = 8;
  const std::int32_t before = offset_at(at);
  const std::chrono::year first = year_of(at);
  for (int years = 0; years <= kYearsToLook; ++years) {
    const std::chrono::year year = first + std::chrono::years(years);
    for (const OffsetChange& change : changes_about(*this, year)) {
      if (change.at <= at || year_of(change.at) != year || change.after == before) continue;
      if (offset_at(change.at) == change.after) return OffsetChange{change.at, before, change.after};
    }
  }
  return std::nullopt;
}

std::optional<PosixTimeZone> parse_posix_time_zone(std::string_view text) {
  Reader reader{text};
  PosixTimeZone zone;
  reader.abbreviation();
  zone.offset = -reader.time(24);
  if (reader.good && !reader.rest.empty()) {
    PosixTimeZone::Daylight daylight;
    reader.abbreviation();
    const bool has_offset = !reader.rest.starts_with(',');
    daylight.offset = has_offset ? -reader.time(24) : zone.offset + kHourSeconds;
    daylight.begins = reader.rule();
    daylight.ends = reader.rule();
    zone.daylight = daylight;
  }
  if (!reader.good || !reader.rest.empty()) return std::nullopt;
  return zone;
}

}  // namespace linkspan::flow
