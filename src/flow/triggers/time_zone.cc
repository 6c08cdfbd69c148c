#include "flow/triggers/time_zone.h"

#include <algorithm>

namespace linkspan::flow {

TimeZone TimeZone::utc() {
  TimeZone zone;
  zone.name_ = "UTC";
  return zone;
}

std::int32_t TimeZone::offset_at(UnixSeconds at) const {
  if (rules_ && at >= listed_until_) return rules_->offset_at(at);
  const auto next =
      std::upper_bound(periods_.begin(), periods_.end(), at,
                       [](UnixSeconds instant, const Period& period) { return instant < period.begins; });
  return next == periods_.begin() ? first_offset_ : std::prev(next)->offset;
}

std::optional<OffsetChange> TimeZone::next_change(UnixSeconds at) const {
  const std::int32_t before = offset_at(at);
  const auto next =
      std::upper_bound(periods_.begin(), periods_.end(), at,
                       [](UnixSeconds instant, const Period& period) { return instant < period.begins; });
  if (next != periods_.end()) return OffsetChange{next->begins, before, next->offset};
  if (!rules_) return std::nullopt;
  return rules_->next_change(std::max(at, listed_until_));
}

LocalTime TimeZone::to_utc(LocalSeconds local) const {
  UnixSeconds begins = local - kMaxOffsetSeconds;
  std::int32_t offset = offset_at(begins);
  std::optional<LocalTime> found;
  std::optional<UnixSeconds> jump;
  // Every stretch of one offset in which the clock may show it.
  while (begins <= local + kMaxOffsetSeconds) {
    const std::optional<OffsetChange> change = next_change(begins);
    const UnixSeconds at = local - offset;
    const bool shown = at >= begins && (!change || at < change->at);
    if (shown && found) {
      found->kind = LocalTime::Kind::overlap;
      found->last = at;
    } else if (shown) {
      found = LocalTime{LocalTime::Kind::unique, at, at};
    }
    if (!change) break;
    if (!jump && change->at + change->before <= local && change->at + change->after > local)
      jump = change->at;
    begins = change->at;
    offset = change->after;
  }
  if (found) return *found;
  // The clock was behind `local` at first and is past it now: somewhere it jumped over it.
  return {LocalTime::Kind::gap, *jump, *jump};
}

}  // namespace linkspan::flow
