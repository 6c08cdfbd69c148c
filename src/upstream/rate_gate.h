// How often an API may be called, by everybody together: all workers of the gateway and the flows. Any
// thread; one atomic number, by the generic cell rate algorithm (ITU-T I.371). As many calls as one second's
// worth may go at once (at least one).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "base/units.h"

namespace linkspan::upstream {

class RateGate {
 public:
  explicit RateGate(const Rate& rate)
      : rate_(rate),
        interval_ns_(rate.per.count() / static_cast<std::int64_t>(std::max<std::uint64_t>(rate.count, 1))),
        burst_ns_(std::max(kNsPerSecond - interval_ns_, std::int64_t{0})) {}

  const Rate& rate() const { return rate_; }

  // The place of one more call, which is taken: `now`, or a later time at which it may be made.
  MonotonicNs reserve(MonotonicNs now) {
    MonotonicNs next = next_.load(std::memory_order_relaxed);
    MonotonicNs after = 0;
    do {
      after = std::max(next, now) + interval_ns_;
    } while (!next_.compare_exchange_weak(next, after, std::memory_order_relaxed));
    return std::max(now, after - interval_ns_ - burst_ns_);
  }

  // Takes a place if one is free at `now`, and returns 0; else the time until one is.
  std::int64_t take(MonotonicNs now) {
    MonotonicNs next = next_.load(std::memory_order_relaxed);
    do {
      const std::int64_t wait_ns = next - burst_ns_ - now;
      if (wait_ns > 0) return wait_ns;
    } while (
        !next_.compare_exchange_weak(next, std::max(next, now) + interval_ns_, std::memory_order_relaxed));
    return 0;
  }

 private:
  const Rate rate_;
  const std::int64_t interval_ns_;
  const std::int64_t burst_ns_;
  std::atomic<MonotonicNs> next_{0};
};

}  // namespace linkspan::upstream
