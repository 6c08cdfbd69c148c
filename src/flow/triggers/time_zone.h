// Time zones by the names of the tz database ("Europe/Berlin"), read from the system's zoneinfo files
// (Debian's package tzdata). "UTC" works without them.
//
// Local time is a count of seconds like UTC's: what a clock on the wall shows, read as if it were UTC. That
// clock jumps: forward over a gap of times that it never shows, back over an overlap of times that it shows
// twice.
//
//   Result<TimeZone> zone = load_time_zone("Europe/Berlin");
//   zone->to_local(0);                       // 3600: it is 01:00 there
//   zone->to_utc(seconds_of_0230).kind;      // gap on the last Sunday of March, overlap on that of October
//
// A TimeZone is immutable and cheap to share: any thread. Instants are within the years 0 to 9999.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/triggers/posix_time_zone.h"

namespace linkspan::flow {

using LocalSeconds = std::int64_t;

// The instants at which a clock shows a local time.
struct LocalTime {
  enum class Kind : std::uint8_t { unique, gap, overlap };

  Kind kind = Kind::unique;
  UnixSeconds first = 0;  // gap: the first instant after it, at which the clock jumped
  UnixSeconds last = 0;   // overlap: the last such instant; else as `first`

  bool operator==(const LocalTime&) const = default;
};

class TimeZone {
 public:
  static TimeZone utc();

  const std::string& name() const { return name_; }

  // Seconds east of UTC.
  std::int32_t offset_at(UnixSeconds at) const;
  LocalSeconds to_local(UnixSeconds at) const { return at + offset_at(at); }
  LocalTime to_utc(LocalSeconds local) const;

  // The first change of the offset after `at`; nullopt: it stays as it is.
  std::optional<OffsetChange> next_change(UnixSeconds at) const;

  // No local time differs from UTC by more (RFC 8536 section 3.2: between -25 and +26 hours).
  static constexpr std::int64_t kMaxOffsetSeconds = 26 * 3600;

 private:
  friend Result<TimeZone> parse_time_zone(std::string_view bytes, std::string_view name);

  struct Period {
    UnixSeconds begins;
    std::int32_t offset;
  };

  std::string name_;
  std::int32_t first_offset_ = 0;  // before periods_
  std::vector<Period> periods_;    // rising, each with another offset than the one before
  UnixSeconds listed_until_ = 0;   // the last transition of the file: from there on `rules_`
  std::optional<PosixTimeZone> rules_;
};

// A TZif file of version 1 to 4 (RFC 8536, RFC 9636); `name` is what the zone is called from then on. Errors:
// config_invalid, with what is wrong with the file; one that counts leap seconds (zoneinfo/right) is refused.
Result<TimeZone> parse_time_zone(std::string_view bytes, std::string_view name);

// Whether a name may be looked up as a file: parts of letters, digits and + - _ between slashes, so that none
// can lead out of the directory.
bool is_time_zone_name(std::string_view name);

inline constexpr std::string_view kZoneinfoDirectories[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo",
                                                            "/usr/share/lib/zoneinfo", "/etc/zoneinfo"};
inline constexpr std::size_t kMaxTimeZoneBytes = 256 * 1024;  // the largest of 2025 has 4 KiB

// Looks into the directories in turn. Reads files: for load time, not for a loop. Errors: config_invalid: no
// such name, or no zoneinfo on this system (then it says what to install), or not a file of a time zone.
Result<TimeZone> load_time_zone(std::string_view name,
                                std::span<const std::string_view> directories = kZoneinfoDirectories);

}  // namespace linkspan::flow
