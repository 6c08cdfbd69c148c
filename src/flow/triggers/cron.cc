#include "flow/triggers/cron.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <limits>

namespace linkspan::flow {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::chrono::days kLongestWait{8 * 366};  // from one 29 February to the next, about 1900 or 2100
constexpr UnixSeconds kLastTick = std::numeric_limits<WallNs>::max() / kNsPerSecond;

bool contains(std::uint64_t set, unsigned value) {
  return (set >> value & 1) != 0;
}

bool day_matches(const Cron& cron, sys_days day, const year_month_day& date) {
  const bool by_month = contains(cron.days_of_month, static_cast<unsigned>(date.day()));
  const bool by_week = contains(cron.days_of_week, std::chrono::weekday(day).c_encoding());
  return cron.either_day ? by_month || by_week : by_month && by_week;
}

// The first matching minute of a day that is not before `from`, in minutes.
std::optional<int> minute_of_day(const Cron& cron, int from) {
  const std::uint64_t minutes_left = cron.minutes & (~std::uint64_t{0} << (from % 60));
  if (contains(cron.hours, static_cast<unsigned>(from / 60)) && minutes_left != 0)
    return from / 60 * 60 + std::countr_zero(minutes_left);
  const std::uint32_t hours_left = cron.hours & (~std::uint32_t{1} << (from / 60));
  if (hours_left == 0 || cron.minutes == 0) return std::nullopt;
  return std::countr_zero(hours_left) * 60 + std::countr_zero(cron.minutes);
}

// The first local time after `after` that matches, whether or not a clock ever shows it.
std::optional<LocalSeconds> next_match(const Cron& cron, LocalSeconds after) {
  using namespace std::chrono;
  const auto start = floor<minutes>(sys_seconds(seconds(after))) + minutes(1);
  sys_days day = floor<days>(start);
  const sys_days last_day = day + kLongestWait;
  int from = static_cast<int>((start - day).count());
  while (day <= last_day) {
    const year_month_day date(day);
    if (!contains(cron.months, static_cast<unsigned>(date.month()))) {
      day = (date.year() / date.month() + months(1)) / 1;
    } else {
      const std::optional<int> minute =
          day_matches(cron, day, date) ? minute_of_day(cron, from) : std::nullopt;
      if (minute) return sys_seconds(day + minutes(*minute)).time_since_epoch().count();
      day += days(1);
    }
    from = 0;
  }
  return std::nullopt;
}

// The latest local time that the clock has shown up to `at`; not that of `at` if it was put back.
LocalSeconds latest_shown(const TimeZone& zone, UnixSeconds at) {
  LocalSeconds latest = zone.to_local(at);
  std::optional<OffsetChange> change = zone.next_change(at - 2 * TimeZone::kMaxOffsetSeconds);
  while (change && change->at <= at) {
    latest = std::max(latest, change->at - 1 + change->before);
    change = zone.next_change(change->at);
  }
  return latest;
}

// For given hours: each local time counts when the clock first shows it or jumps over it.
std::optional<UnixSeconds> next_by_clock(const Cron& cron, const TimeZone& zone, UnixSeconds after) {
  const std::optional<LocalSeconds> match = next_match(cron, latest_shown(zone, after));
  if (!match) return std::nullopt;
  return zone.to_utc(*match).first;
}

// For hours that are not given: instants at which the clock shows a match.
std::optional<UnixSeconds> next_by_elapsed_time(const Cron& cron, const TimeZone& zone, UnixSeconds after) {
  std::int32_t offset = zone.offset_at(after);
  LocalSeconds from = after + offset;
  std::optional<LocalSeconds> match = next_match(cron, from);
  std::optional<OffsetChange> change = zone.next_change(after);
  while (match) {
    const UnixSeconds tick = *match - offset;
    if (!change || tick < change->at) return tick;
    if (change->at > kLastTick) return std::nullopt;
    offset = change->after;
    const LocalSeconds before_jump_end = change->at + offset - 1;
    // Nothing matches between `from` and `match`: within them there is no need to look again.
    if (before_jump_end < from || before_jump_end >= *match) {
      from = before_jump_end;
      match = next_match(cron, from);
    }
    change = zone.next_change(change->at);
  }
  return std::nullopt;
}

}  // namespace

std::optional<WallNs> next_tick(const Cron& cron, const TimeZone& zone, WallNs after) {
  using namespace std::chrono;
  const UnixSeconds second = floor<seconds>(nanoseconds(after)).count();
  const std::optional<UnixSeconds> tick =
      cron.by_elapsed_time ? next_by_elapsed_time(cron, zone, second) : next_by_clock(cron, zone, second);
  if (!tick || *tick > kLastTick) return std::nullopt;
  return *tick * kNsPerSecond;
}

}  // namespace linkspan::flow
