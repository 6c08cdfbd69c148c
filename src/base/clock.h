// The two clocks that Linkspan reads, as a seam: production code reads the kernel's, tests move their own.
//
// Durations, deadlines and timers use monotonic time; only what a person or another system sees (log lines,
// tokens' expiry, HTTP dates) uses wall time. Both clocks may be read from any thread; whoever makes a clock
// owns it and keeps it alive for as long as it is handed around. A hot loop reads once per wake-up and passes
// the value on.
#pragma once

#include <atomic>
#include <cstdint>

namespace linkspan {

using MonotonicNs = std::int64_t;  // nanoseconds since an arbitrary start; never goes back
using WallNs = std::int64_t;       // nanoseconds since 1970-01-01T00:00:00Z, without leap seconds; may jump

inline constexpr std::int64_t kNsPerUs = 1'000;
inline constexpr std::int64_t kNsPerMs = 1'000'000;
inline constexpr std::int64_t kNsPerSecond = 1'000'000'000;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual MonotonicNs monotonic_ns() const = 0;
  virtual WallNs wall_ns() const = 0;
};

// CLOCK_MONOTONIC and CLOCK_REALTIME.
class RealClock final : public Clock {
 public:
  MonotonicNs monotonic_ns() const override;
  WallNs wall_ns() const override;
};

// Stands still until it is told to move. Safe to advance from one thread while others read.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(WallNs wall_start_ns = 0, MonotonicNs monotonic_start_ns = 0)
      : monotonic_(monotonic_start_ns), wall_(wall_start_ns) {}

  MonotonicNs monotonic_ns() const override { return monotonic_.load(std::memory_order_relaxed); }
  WallNs wall_ns() const override { return wall_.load(std::memory_order_relaxed); }

  // Time passes on both clocks.
  void advance(std::int64_t by_ns);
  // An operator or NTP sets the wall clock; monotonic time does not notice.
  void set_wall(WallNs wall_ns);

 private:
  std::atomic<MonotonicNs> monotonic_;
  std::atomic<WallNs> wall_;
};

}  // namespace linkspan
