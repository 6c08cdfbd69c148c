#include "io/timer_wheel.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace linkspan::io {
namespace {

constexpr MonotonicNs kTick = MonotonicNs{1} << 20;

struct Recorder : Timer {
  Recorder() : Timer(&fired) {}
  static void fired(Timer& timer) {
    auto& self = static_cast<Recorder&>(timer);
    ++self.count;
    if (self.then) self.then();
  }
  int count = 0;
  std::function<void()> then;
};

TEST(TimerWheel, timer_fires_once_and_never_early) {
  TimerWheel wheel(1000);
  Recorder timer;
  const MonotonicNs at = 1000 + 5 * kTick + 1;
  wheel.arm(timer, at);
  wheel.advance(at - 1);
  EXPECT_EQ(timer.count, 0);
  wheel.advance(at + kTick);
  EXPECT_EQ(timer.count, 1);
  wheel.advance(at + 1000 * kTick);
  EXPECT_EQ(timer.count, 1);
  EXPECT_FALSE(timer.armed());
}

TEST(TimerWheel, cancelled_timer_does_not_fire) {
  TimerWheel wheel(0);
  Recorder timer;
  wheel.arm(timer, 10 * kTick);
  timer.cancel();
  wheel.advance(1000 * kTick);
  EXPECT_EQ(timer.count, 0);
}

TEST(TimerWheel, destroyed_timer_does_not_fire) {
  TimerWheel wheel(0);
  {
    Recorder timer;
    wheel.arm(timer, 10 * kTick);
  }
  wheel.advance(1000 * kTick);
}

TEST(TimerWheel, rearming_replaces_the_earlier_time) {
  TimerWheel wheel(0);
  Recorder timer;
  wheel.arm(timer, 10 * kTick);
  wheel.arm(timer, 500 * kTick);
  wheel.advance(400 * kTick);
  EXPECT_EQ(timer.count, 0);
  wheel.advance(501 * kTick);
  EXPECT_EQ(timer.count, 1);
}

TEST(TimerWheel, time_in_the_past_fires_at_the_next_tick) {
  TimerWheel wheel(100 * kTick);
  Recorder timer;
  wheel.arm(timer, 3 * kTick);
  wheel.advance(101 * kTick);
  EXPECT_EQ(timer.count, 1);
}

TEST(TimerWheel, negative_time_counts_as_past) {
  TimerWheel wheel(100 * kTick);
  Recorder timer;
  wheel.arm(timer, -5);
  wheel.advance(101 * kTick);
  EXPECT_EQ(timer.count, 1);
}

// Around each power of 256 ticks a timer moves from one level of the wheel to another.
TEST(TimerWheel, timers_at_the_boundaries_of_levels_fire_on_their_tick) {
  for (const std::uint64_t start :
       {0ULL, 1ULL, 255ULL, 256ULL, 65'535ULL, 65'536ULL, 16'777'215ULL, 16'777'216ULL}) {
    for (const std::uint64_t distance :
         {1ULL, 2ULL, 254ULL, 255ULL, 256ULL, 257ULL, 511ULL, 512ULL, 65'279ULL, 65'535ULL, 65'536ULL,
          65'537ULL, 131'072ULL, 16'777'215ULL, 16'777'216ULL, 16'777'217ULL}) {
      TimerWheel wheel(static_cast<MonotonicNs>(start) * kTick);
      Recorder timer;
      const auto due = static_cast<MonotonicNs>(start + distance) * kTick;
      wheel.arm(timer, due);
      wheel.advance(due - 1);
      ASSERT_EQ(timer.count, 0) << start << "+" << distance;
      wheel.advance(due);
      ASSERT_EQ(timer.count, 1) << start << "+" << distance;
    }
  }
}

TEST(TimerWheel, years_ahead_is_kept_and_not_fired_early) {
  TimerWheel wheel(0);
  Recorder timer;
  wheel.arm(timer, INT64_MAX - (MonotonicNs{1} << 21));
  wheel.advance(100'000 * kTick);
  EXPECT_EQ(timer.count, 0);
  EXPECT_TRUE(timer.armed());
}

TEST(TimerWheel, no_timer_means_nothing_due) {
  TimerWheel wheel(12345);
  EXPECT_EQ(wheel.next_due(), -1);
  Recorder timer;
  wheel.arm(timer, 12345 + 700 * kTick);
  EXPECT_GE(wheel.next_due(), 12345);
}

TEST(TimerWheel, sleeping_until_next_due_reaches_every_timer_in_few_steps) {
  TimerWheel wheel(0);
  std::vector<Recorder> timers(4);
  const MonotonicNs at[] = {3 * kTick, 700 * kTick, 70'000 * kTick, 17'000'000 * kTick};
  for (std::size_t i = 0; i < timers.size(); ++i) wheel.arm(timers[i], at[i]);
  int steps = 0;
  for (; wheel.next_due() >= 0 && steps < 100; ++steps) wheel.advance(wheel.next_due());
  for (const Recorder& timer : timers) EXPECT_EQ(timer.count, 1);
  EXPECT_LT(steps, 20);
}

TEST(TimerWheel, callback_may_rearm_itself_and_cancel_and_arm_others) {
  TimerWheel wheel(0);
  Recorder repeating;
  Recorder victim;
  Recorder later;
  repeating.then = [&] {
    if (repeating.count < 3) wheel.arm(repeating, 0);
    victim.cancel();
    wheel.arm(later, 50 * kTick);
  };
  wheel.arm(repeating, 10 * kTick);
  wheel.arm(victim, 10 * kTick);
  wheel.advance(20 * kTick);
  EXPECT_EQ(repeating.count, 3);
  EXPECT_EQ(victim.count, 0);
  wheel.advance(60 * kTick);
  EXPECT_EQ(later.count, 1);
}

TEST(TimerWheel, callback_may_destroy_timers_due_at_the_same_tick) {
  TimerWheel wheel(0);
  Recorder killer;
  auto victim = std::make_unique<Recorder>();
  killer.then = [&] { victim.reset(); };
  wheel.arm(killer, 10 * kTick);
  wheel.arm(*victim, 10 * kTick);
  wheel.advance(20 * kTick);
  EXPECT_EQ(killer.count, 1);
  EXPECT_EQ(victim, nullptr);
}

// The wheel against the obvious implementation: random arming, cancelling and steps of all sizes.
TEST(TimerWheel, behaves_as_an_ordered_list_of_times) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    MonotonicNs now = static_cast<MonotonicNs>(random.below(1'000'000'000'000));
    TimerWheel wheel(now);
    std::vector<Recorder> timers(40);
    std::map<std::size_t, MonotonicNs> model;
    for (int step = 0; step < 2000; ++step) {
      const auto which = static_cast<std::size_t>(random.below(timers.size()));
      const std::uint64_t action = random.below(10);
      if (action < 5) {
        const MonotonicNs at = now + static_cast<MonotonicNs>(random.below(kTick << random.below(28)));
        wheel.arm(timers[which], at);
        model[which] = at;
      } else if (action == 5) {
        timers[which].cancel();
        model.erase(which);
      } else {
        now += static_cast<MonotonicNs>(random.below(kTick << random.below(20)));
        wheel.advance(now);
        for (std::size_t i = 0; i < timers.size(); ++i) {
          const auto entry = model.find(i);
          const bool fired = timers[i].count != 0;
          timers[i].count = 0;
          if (fired) {
            ASSERT_TRUE(entry != model.end()) << "fired though not armed, seed " << seed;
            ASSERT_LE(entry->second, now) << "fired early, seed " << seed;
            model.erase(entry);
          } else if (entry != model.end()) {
            ASSERT_GT(entry->second + 2 * kTick, now) << "overdue, seed " << seed;
            ASSERT_TRUE(timers[i].armed());
          }
        }
        const MonotonicNs next = wheel.next_due();
        ASSERT_TRUE(next >= 0 || model.empty());
        for (const auto& [i, at] : model) ASSERT_LE(next, at + 2 * kTick) << "would oversleep, seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace linkspan::io
