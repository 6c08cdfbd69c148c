// Files of time zones on arbitrary bytes, and the same bytes as rules. Invariants: changes come in order and
// are what the offsets say; an instant is found again among those of its local time; a gap ends where the
// clock jumps.
#include <cstdlib>
#include <string_view>

#include "flow/triggers/time_zone.h"
#include "flow/triggers/time_zone_testing.h"

namespace {

using namespace linkspan;
using namespace linkspan::flow;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_local(const TimeZone& zone, LocalSeconds local) {
  const LocalTime found = zone.to_utc(local);
  require(found.first <= found.last);
  switch (found.kind) {
    case LocalTime::Kind::gap:
      require(found.first == found.last);
      require(zone.to_local(found.first) > local && zone.to_local(found.first - 1) < local);
      break;
    case LocalTime::Kind::unique:
      require(found.first == found.last && zone.to_local(found.first) == local);
      break;
    case LocalTime::Kind::overlap:
      require(found.first < found.last);
      require(zone.to_local(found.first) == local && zone.to_local(found.last) == local);
      break;
  }
}

void check_instant(const TimeZone& zone, UnixSeconds at) {
  const LocalTime found = zone.to_utc(zone.to_local(at));
  require(found.kind != LocalTime::Kind::gap && found.first <= at && at <= found.last);
}

void check_zone(const TimeZone& zone) {
  UnixSeconds at = -5'000'000'000;
  for (int i = 0; i < 50; ++i) {
    const std::optional<OffsetChange> change = zone.next_change(at);
    if (!change) break;
    require(change->at > at && change->before != change->after);
    require(zone.offset_at(at) == change->before && zone.offset_at(change->at - 1) == change->before);
    require(zone.offset_at(change->at) == change->after);
    for (const std::int64_t near : {-3600, -1, 0, 1, 3600}) {
      check_instant(zone, change->at + near);
      check_local(zone, change->at + change->before + near);
      check_local(zone, change->at + change->after + near);
    }
    at = change->at;
    if (at > 100'000'000'000) break;
  }
  for (const UnixSeconds instant : {INT64_C(-2'000'000'000), INT64_C(0), INT64_C(1'800'000'000)}) {
    check_instant(zone, instant);
    check_local(zone, instant);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Result<TimeZone> from_file = parse_time_zone(bytes, "Fuzz");
  if (from_file) check_zone(*from_file);
  const Result<TimeZone> from_rules = parse_time_zone(testing::tzif({0}, {}, bytes), "Fuzz");
  if (from_rules) check_zone(*from_rules);
  require(from_file.ok() || !from_file.error().detail().empty());
  return 0;
}
