// The generic cell rate algorithm (ITU-T I.371 annex A, in its virtual-scheduling form; the "leaky bucket as
// a meter"): one 64-bit number per limit, the theoretical arrival time (TAT) of the next request of an evenly
// spaced stream. A request conforms if it comes no earlier than TAT minus the tolerance; then TAT moves one
// interval on. One compare-exchange makes it exact over all threads; time that stands still or goes slightly
// back between threads does no harm.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "auth/consumer.h"
#include "base/clock.h"

namespace linkspan::gateway {

// A theoretical arrival time; 0 is the far past: a limit that nobody has used.
using RateCell = std::atomic<MonotonicNs>;

struct GcraLimit {
  std::int64_t interval_ns = 1;   // between requests of the even stream; rounded up, so never above the rate
  std::int64_t tolerance_ns = 0;  // (burst - 1) intervals
  std::uint64_t burst = 1;
};

GcraLimit make_gcra(const auth::RateLimit& limit);

struct GcraResult {
  bool conforms = false;
  std::uint64_t remaining = 0;      // requests that conform at this instant, after this one if it was counted
  std::int64_t retry_after_ns = 0;  // until one request conforms; 0 if one does
  std::int64_t full_after_ns = 0;   // until the whole burst is available again
};

// What a request at `now` would find, without counting it.
inline GcraResult gcra_peek(const GcraLimit& limit, MonotonicNs tat, MonotonicNs now) {
  GcraResult result;
  const std::int64_t ahead = std::max<std::int64_t>(tat - now, 0);
  result.conforms = ahead <= limit.tolerance_ns;
  result.full_after_ns = ahead;
  if (result.conforms) {
    result.remaining = static_cast<std::uint64_t>((limit.tolerance_ns - ahead) / limit.interval_ns) + 1;
  } else {
    result.retry_after_ns = ahead - limit.tolerance_ns;
  }
  return result;
}

// What gcra_take() would answer where gcra_peek() found `peeked`: for telling about a request without
// counting it.
inline GcraResult gcra_if_taken(const GcraLimit& limit, GcraResult peeked) {
  if (!peeked.conforms) return peeked;
  --peeked.remaining;
  peeked.full_after_ns += limit.interval_ns;
  return peeked;
}

// Counts a request at `now` if it conforms.
inline GcraResult gcra_take(const GcraLimit& limit, RateCell& cell, MonotonicNs now) {
  MonotonicNs tat = cell.load(std::memory_order_relaxed);
  while (true) {
    GcraResult result = gcra_peek(limit, tat, now);
    if (!result.conforms) return result;
    const MonotonicNs next = std::max(tat, now) + limit.interval_ns;
    if (cell.compare_exchange_weak(tat, next, std::memory_order_relaxed)) {
      --result.remaining;
      result.full_after_ns = next - now;
      return result;
    }
  }
}

}  // namespace linkspan::gateway
