// Timers of one loop: a hierarchical timing wheel (Varghese and Lauck, 1987), so that setting and cancelling
// the deadline of every wait costs a few nanoseconds and no allocation. Resolution is one tick (2^20 ns,
// about 1.05 ms); a timer never fires early. Used by one thread. Timers are intrusive: their owner keeps them
// alive while armed.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "base/clock.h"
#include "io/list_link.h"

namespace linkspan::io {

struct Timer : ListLink {
  using Callback = void (*)(Timer&);

  explicit Timer(Callback callback) : on_expired(callback) {}
  ~Timer() { cancel(); }

  bool armed() const { return linked(); }
  void cancel() { unlink(); }

  Callback on_expired;
  std::uint64_t tick = 0;  // when it is due, in ticks of the wheel
};

class TimerWheel {
 public:
  explicit TimerWheel(MonotonicNs now) : current_(to_tick(now)) {}

  // Arms the timer for `at`, or re-arms it. A time already past fires on the next advance by a tick.
  void arm(Timer& timer, MonotonicNs at);

  // Fires all that is due at `now`, in order of ticks. Callbacks may arm and cancel any timer.
  void advance(MonotonicNs now);

  // A time by which advance should be called next; -1 when no timer is armed. May be earlier than the first
  // timer.
  MonotonicNs next_due() const;

 private:
  static constexpr int kTickShift = 20;
  static constexpr int kLevels = 5;  // 2^(5*8) ticks: 36 years
  static constexpr std::uint64_t kSlots = 256;

  struct Level {
    std::array<ListLink, kSlots> slots;
    std::array<std::uint64_t, kSlots / 64> maybe_used{};  // a set bit may be stale, a clear bit never is
  };

  static std::uint64_t to_tick(MonotonicNs at) { return static_cast<std::uint64_t>(at) >> kTickShift; }
  // The first slot of the level above `after` whose bit is set; kSlots if none.
  static std::uint64_t next_used(const Level& level, std::uint64_t after);

  void place(Timer& timer);
  void cascade();
  void fire(std::uint64_t slot);

  std::array<Level, kLevels> levels_;
  std::uint64_t current_;  // all ticks up to this one have fired
};

}  // namespace linkspan::io
