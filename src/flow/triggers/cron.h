// When a schedule ticks: cron expressions, as POSIX's crontab has them, with names, steps and macros.
//
//   Result<Cron> cron = parse_cron("*/15 8-18 * * mon-fri");
//   std::optional<WallNs> next = next_tick(*cron, zone, clock.wall_ns());
//
// Five fields: minute (0-59), hour (0-23), day of the month (1-31), month (1-12, jan-dec), day of the week
// (0-7, sun-sat; 0 and 7 are Sunday). Each is a list with commas of `*`, values and ranges; a step counts
// from the beginning of `*` or a range: `*/15`, `8-18/2`. Names are in any case. Or one of @hourly, @daily,
// @midnight, @weekly, @monthly, @yearly, @annually. Refused with the reason: a sixth field (seconds), `?`,
// `L`, `W`, `#`, ranges that go down, steps that reach nothing, and dates that never come (30 February).
//
// Days: if both day fields are restricted, either suffices ("0 0 13 * fri": every 13th and every Friday),
// else both must hold. Only a field that allows every day is not restricted; `*/2` is.
//
// Time zones: a tick is at the beginning of a minute of the zone's local time. Where that time jumps,
// - a cron whose hours are given (values and ranges: "30 2 * * *") ticks once for each local time. What falls
//   into a gap, however many ticks it is, is one tick at the first instant after the gap (at 03:00 in
//   Berlin); what is shown twice counts the first time.
// - a cron whose hours are not (a `*`, a step or all 24 of them in the hour field: "*/30 * * * *") goes by
// time
//   as it passes: it ticks whenever the clock shows a time that matches, so in an hour that is repeated once
//   more, and not for times that are left out. Hourly remains one tick for each hour that passes.
//
// Pure; any thread. A Cron is a plain value; only parse_cron makes ones that are sure to tick.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "flow/triggers/time_zone.h"

namespace linkspan::flow {

// Sets of numbers: bit n stands for n.
struct Cron {
  std::uint64_t minutes = 0;
  std::uint32_t hours = 0;
  std::uint32_t days_of_month = 0;
  std::uint32_t months = 0;
  std::uint32_t days_of_week = 0;  // 0 is Sunday
  bool either_day = false;         // both day fields are restricted
  bool by_elapsed_time = false;    // the hours are not given: see above

  bool operator==(const Cron&) const = default;
};

inline constexpr std::size_t kMaxCronBytes = 1024;

// Errors: config_invalid, with the field and what to write instead.
Result<Cron> parse_cron(std::string_view text);

// The first tick after an instant; nullopt: WallNs ends before it (in 2262). The work is bounded: a date
// comes at least every eight years.
std::optional<WallNs> next_tick(const Cron& cron, const TimeZone& zone, WallNs after);

}  // namespace linkspan::flow
