#include "base/clock.h"

#include <ctime>

namespace linkspan {
namespace {

std::int64_t read_clock(clockid_t id) {
  timespec time{};
  clock_gettime(id, &time);
  return static_cast<std::int64_t>(time.tv_sec) * kNsPerSecond + time.tv_nsec;
}

}  // namespace

MonotonicNs RealClock::monotonic_ns() const {
  return read_clock(CLOCK_MONOTONIC);
}
WallNs RealClock::wall_ns() const {
  return read_clock(CLOCK_REALTIME);
}

void VirtualClock::advance(std::int64_t by_ns) {
  monotonic_.fetch_add(by_ns, std::memory_order_relaxed);
  wall_.fetch_add(by_ns, std::memory_order_relaxed);
}

void VirtualClock::set_wall(WallNs wall_ns) {
  wall_.store(wall_ns, std::memory_order_relaxed);
}

}  // namespace linkspan
