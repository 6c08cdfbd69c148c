// Rules of daylight saving time as POSIX writes them in TZ (XBD section 8.3, with the extensions of RFC 8536
// section 3.3.1): "CET-1CEST,M3.5.0,M10.5.0/3". Files of time zones end in such a text; it says what holds
// after the last change that they list. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace linkspan::flow {

using UnixSeconds = std::int64_t;  // within the years 0 to 9999

// An instant at which the offset from UTC changes.
struct OffsetChange {
  UnixSeconds at = 0;
  std::int32_t before = 0;  // seconds east of UTC
  std::int32_t after = 0;
};

struct PosixTimeZone {
  // When in a year the offset changes.
  struct Rule {
    enum class Day : std::uint8_t {
      julian,       // Jn: 1 to 365, 29 February is never counted
      day_of_year,  // n: 0 to 365, 29 February is counted
      weekday       // Mm.w.d
    };
    Day kind = Day::weekday;
    std::int32_t day = 0;    // of julian and day_of_year
    std::int32_t month = 1;  // of weekday
    std::int32_t week = 1;   // 1 to 5; 5 is the last
    std::int32_t weekday = 0;
    std::int32_t seconds = 2 * 3600;  // from midnight of that day, local time; -167 h to 167 h

    bool operator==(const Rule&) const = default;
  };
  struct Daylight {
    std::int32_t offset = 0;
    Rule begins;
    Rule ends;

    bool operator==(const Daylight&) const = default;
  };

  std::int32_t offset = 0;           // of standard time, seconds east of UTC (the text has it the other way)
  std::optional<Daylight> daylight;  // nullopt: standard time all year

  std::int32_t offset_at(UnixSeconds at) const;
  // The first change after `at`; nullopt: there is none.
  std::optional<OffsetChange> next_change(UnixSeconds at) const;

  bool operator==(const PosixTimeZone&) const = default;
};

// nullopt if it is no such text. A zone with daylight saving time but without rules is refused: what would
// hold then is left to the implementation.
std::optional<PosixTimeZone> parse_posix_time_zone(std::string_view text);

}  // namespace linkspan::flow
