// How often an API may be called: its own limit, kept by all flows together. Calls get places in time, one
// after the other; whoever has a place comes back for it then. Pure; one thread.
#pragma once

#include <algorithm>

#include "base/clock.h"
#include "base/units.h"

namespace linkspan::flow {

class RateBudget {
 public:
  explicit RateBudget(const Rate& rate) : rate_(rate) {}

  const Rate& rate() const { return rate_; }

  // The place of one more call: `now`, or a later time. As many as one second's worth may go at once (at
  // least one), by the generic cell rate algorithm (ITU-T I.371).
  WallNs reserve(WallNs now) {
    const std::int64_t interval =
        rate_.per.count() / static_cast<std::int64_t>(std::max<std::uint64_t>(rate_.count, 1));
    const std::int64_t burst = std::max(kNsPerSecond - interval, std::int64_t{0});
    next_ = std::max(next_, now) + interval;
    return std::max(now, next_ - interval - burst);
  }

 private:
  Rate rate_;
  WallNs next_ = 0;
};

}  // namespace linkspan::flow
