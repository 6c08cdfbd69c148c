#include "io/timer_wheel.h"

#include <algorithm>

namespace linkspan::io {

void TimerWheel::arm(Timer& timer, MonotonicNs at) {
  timer.unlink();
  // Round up, so that it never fires early.
  const std::uint64_t tick = to_tick(std::max<MonotonicNs>(at, 0) + ((MonotonicNs{1} << kTickShift) - 1));
  constexpr std::uint64_t kFarthest = (std::uint64_t{1} << (8 * kLevels)) - 1;
  timer.tick = std::clamp(tick, current_ + 1, current_ | kFarthest);
  place(timer);
}

void TimerWheel::place(Timer& timer) {
  // The level is that of the highest byte in which the due tick differs from the current one.
  const std::uint64_t differs = timer.tick ^ current_;
  const int level = differs == 0 ? 0 : (63 - std::countl_zero(differs)) / 8;
  const std::uint64_t slot = (timer.tick >> (8 * level)) & (kSlots - 1);
  Level& home = levels_[static_cast<std::size_t>(level)];
  home.slots[slot].insert_before(timer);
  home.maybe_used[slot / 64] |= std::uint64_t{1} << (slot % 64);
}

std::uint64_t TimerWheel::next_used(const Level& level, std::uint64_t after) {
  std::uint64_t slot = after + 1;
  while (slot < kSlots) {
    const std::uint64_t word = level.maybe_used[slot / 64] >> (slot % 64);
    if (word != 0) return slot + static_cast<std::uint64_t>(std::countr_zero(word));
    slot = (slot / 64 + 1) * 64;
  }
  return kSlots;
}

void TimerWheel::advance(MonotonicNs now) {
  const std::uint64_t target = to_tick(now);
  while (current_ < target) {
    const std::uint64_t block = current_ & ~(kSlots - 1);
    const std::uint64_t slot = next_used(levels_[0], current_ & (kSlots - 1));
    const std::uint64_t next = block + slot;  // the start of the next block if none is used in this one
    if (next > target) {
      current_ = target;
      return;
    }
    current_ = next;
    if (slot == kSlots) cascade();
    fire(current_ & (kSlots - 1));
  }
}

void TimerWheel::cascade() {
  for (int level = 1; level < kLevels; ++level) {
    const std::uint64_t slot = (current_ >> (8 * level)) & (kSlots - 1);
    Level& from = levels_[static_cast<std::size_t>(level)];
    ListLink& head = from.slots[slot];
    from.maybe_used[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
    ListLink moving;
    if (head.linked()) {
      head.insert_before(moving);
      head.unlink();
    }
    while (moving.linked()) {
      auto& timer = static_cast<Timer&>(*moving.next);
      timer.unlink();
      place(timer);
    }
    if (slot != 0) return;
  }
}

void TimerWheel::fire(std::uint64_t slot) {
  Level& level = levels_[0];
  level.maybe_used[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
  ListLink& head = level.slots[slot];
  if (!head.linked()) return;
  // Move the list aside: what callbacks arm from here on belongs to later ticks, and what they cancel leaves
  // `due`.
  ListLink due;
  head.insert_before(due);
  head.unlink();
  while (due.linked()) {
    auto& timer = static_cast<Timer&>(*due.next);
    timer.unlink();
    timer.on_expired(timer);
  }
}

MonotonicNs TimerWheel::next_due() const {
  for (int level = 0; level < kLevels; ++level) {
    const std::uint64_t position = (current_ >> (8 * level)) & (kSlots - 1);
    const std::uint64_t slot = next_used(levels_[static_cast<std::size_t>(level)], position);
    if (slot == kSlots) continue;
    const std::uint64_t above = 8 * (static_cast<std::uint64_t>(level) + 1);
    const std::uint64_t tick = ((current_ >> above) << above) + (slot << (8 * level));
    return static_cast<MonotonicNs>(tick << kTickShift);
  }
  return -1;
}

}  // namespace linkspan::io
