// Cron expressions and rules of time zones on arbitrary text: a line of the one, then a line of the other,
// then instants. Invariants: a cron that is accepted ticks; each tick is after the instant asked about, is
// the next for every instant up to it, and shows a local time that matches unless it is the end of a gap.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "flow/triggers/cron.h"
#include "flow/triggers/time_zone_testing.h"

namespace {

using namespace linkspan;
using namespace linkspan::flow;

void require(bool condition) {
  if (!condition) std::abort();
}

std::string_view take_line(std::string_view& text) {
  const auto [line, rest] = split_once(text, '\n');
  text = rest.value_or("");
  return line;
}

bool has(std::uint64_t set, std::int64_t value) {
  return (set >> value & 1) != 0;
}

void check_shown(const Cron& cron, const TimeZone& zone, UnixSeconds tick) {
  const LocalSeconds local = zone.to_local(tick);
  const std::int64_t minute = (local % 86400 + 86400) % 86400 / 60;
  const bool shows = local % 60 == 0 && has(cron.minutes, minute % 60) && has(cron.hours, minute / 60);
  const bool ends_gap = zone.to_local(tick - 1) < local - 1;
  require(shows || (ends_gap && !cron.by_elapsed_time));
}

void check_ticks(const Cron& cron, const TimeZone& zone, WallNs after) {
  for (int i = 0; i < 4; ++i) {
    const std::optional<WallNs> tick = next_tick(cron, zone, after);
    if (!tick) return;
    require(*tick > after && *tick % kNsPerSecond == 0);
    require(next_tick(cron, zone, *tick - 1) == tick);
    require(next_tick(cron, zone, after + (*tick - after) / 2) == tick);
    check_shown(cron, zone, *tick / kNsPerSecond);
    after = *tick;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<Cron> cron = parse_cron(take_line(text));
  const Result<TimeZone> zone = parse_time_zone(testing::tzif({0}, {}, take_line(text)), "Fuzz");
  if (!cron) {
    require(!cron.error().detail().empty());
    return 0;
  }
  require(next_tick(*cron, TimeZone::utc(), 0).has_value());
  if (!zone) return 0;
  // The low 34 bits are seconds about 1970, from 1697 to 2242, the others nanoseconds.
  constexpr std::int64_t kSeconds = INT64_C(1) << 34;
  for (int i = 0; i < 4 && text.size() >= 8; ++i) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, text.data(), sizeof bits);
    text.remove_prefix(sizeof bits);
    const std::int64_t second = static_cast<std::int64_t>(bits % kSeconds) - kSeconds / 2;
    check_ticks(*cron, *zone,
                second * kNsPerSecond + static_cast<std::int64_t>(bits / kSeconds) % kNsPerSecond);
  }
  return 0;
}
