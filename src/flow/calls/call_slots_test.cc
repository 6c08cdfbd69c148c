#include "flow/calls/call_slots.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace linkspan::flow {
namespace {

constexpr Instant kNow{.wall = 5000 * kNsPerSecond, .monotonic = 1000 * kNsPerSecond};

TEST(CallSlots, no_more_than_the_limit_are_under_way) {
  CallSlots slots(2);
  EXPECT_TRUE(slots.take(1, "a", kNow));
  EXPECT_TRUE(slots.take(2, "a", kNow));
  EXPECT_FALSE(slots.take(3, "a", kNow));
  EXPECT_EQ(slots.next(kNow), std::nullopt);
  slots.give_back();
  EXPECT_EQ(slots.next(kNow), 3);
  EXPECT_TRUE(slots.take(3, "a", kNow));
  EXPECT_EQ(slots.next(kNow), std::nullopt);
}

TEST(CallSlots, without_a_limit_nobody_waits) {
  CallSlots slots(CallSlots::kUnlimited);
  for (store::RunNo run = 1; run <= 1000; ++run) EXPECT_TRUE(slots.take(run, "a", kNow));
  EXPECT_EQ(slots.in_line(), 0u);
}

TEST(CallSlots, flows_take_turns_and_runs_of_one_flow_keep_their_order) {
  CallSlots slots(1);
  EXPECT_TRUE(slots.take(1, "busy", kNow));
  for (store::RunNo run = 2; run <= 4; ++run) EXPECT_FALSE(slots.take(run, "busy", kNow));
  EXPECT_FALSE(slots.take(5, "rare", kNow));
  std::vector<store::RunNo> order;
  for (slots.give_back(); const auto run = slots.next(kNow); slots.give_back()) {
    order.push_back(*run);
    EXPECT_TRUE(slots.take(*run, "either", kNow));
  }
  EXPECT_EQ(order, (std::vector<store::RunNo>{2, 5, 3, 4}));
}

TEST(CallSlots, who_comes_later_does_not_overtake_those_in_line) {
  CallSlots slots(1);
  EXPECT_TRUE(slots.take(1, "a", kNow));
  EXPECT_FALSE(slots.take(2, "a", kNow));
  slots.give_back();
  EXPECT_FALSE(slots.take(3, "a", kNow));
  EXPECT_EQ(slots.next(kNow), 2);
  EXPECT_TRUE(slots.take(2, "a", kNow));
}

TEST(CallSlots, who_does_not_take_loses_its_turn_and_holds_up_nobody) {
  CallSlots slots(1);
  EXPECT_TRUE(slots.take(1, "a", kNow));
  EXPECT_FALSE(slots.take(2, "a", kNow));
  EXPECT_FALSE(slots.take(3, "a", kNow));
  slots.give_back();
  EXPECT_EQ(slots.next(kNow), 2);
  EXPECT_EQ(slots.next(kNow), 3);
  EXPECT_TRUE(slots.take(3, "a", kNow));
  EXPECT_FALSE(slots.take(2, "a", kNow));
}

TEST(CallSlots, a_held_slot_waits_for_its_run_alone) {
  CallSlots slots(1);
  EXPECT_TRUE(slots.take(1, "a", kNow));
  EXPECT_FALSE(slots.take(2, "a", kNow));
  slots.give_back();
  EXPECT_EQ(slots.next(kNow), 2);
  slots.hold(2);
  EXPECT_EQ(slots.next(kNow), std::nullopt);
  EXPECT_FALSE(slots.take(3, "a", kNow));
  EXPECT_TRUE(slots.take(2, "a", kNow));
  EXPECT_FALSE(slots.let_go(2));
  slots.give_back();
  EXPECT_EQ(slots.next(kNow), 3);
  slots.hold(3);
  EXPECT_TRUE(slots.let_go(3));
  EXPECT_EQ(slots.busy(), 0u);
}

TEST(CallSlots, what_cannot_wait_counts_beyond_the_limit) {
  CallSlots slots(1);
  slots.take_over_limit();
  slots.take_over_limit();
  EXPECT_FALSE(slots.take(1, "a", kNow));
  slots.give_back();
  EXPECT_EQ(slots.next(kNow), std::nullopt);
  slots.give_back();
  EXPECT_EQ(slots.next(kNow), 1);
}

TEST(CallSlots, calls_come_no_faster_than_the_rate_and_take_no_place_ahead) {
  const auto gate = std::make_shared<upstream::RateGate>(Rate{.count = 6, .per = std::chrono::minutes(1)});
  CallSlots slots(CallSlots::kUnlimited);
  slots.set_gate(gate);
  EXPECT_TRUE(slots.take(1, "a", kNow));
  EXPECT_FALSE(slots.take(2, "a", kNow));
  EXPECT_FALSE(slots.take(3, "a", kNow));
  EXPECT_EQ(slots.next_at(), kNow.wall + 10 * kNsPerSecond);
  Instant later = kNow;
  later.wall += 10 * kNsPerSecond;
  later.monotonic += 10 * kNsPerSecond;
  EXPECT_EQ(slots.next(later), 2);
  EXPECT_TRUE(slots.take(2, "a", later));
  EXPECT_EQ(slots.next(later), std::nullopt);
  EXPECT_EQ(slots.next_at(), later.wall + 10 * kNsPerSecond);
  // Somebody else may still have the next place: one stands in line, and none was kept for it.
  EXPECT_EQ(gate->take(later.monotonic + 10 * kNsPerSecond), 0);
}

TEST(CallSlots, a_place_in_the_rate_that_was_not_used_goes_to_the_next) {
  const auto gate = std::make_shared<upstream::RateGate>(Rate{.count = 6, .per = std::chrono::minutes(1)});
  CallSlots slots(1);
  slots.set_gate(gate);
  EXPECT_TRUE(slots.take(1, "a", kNow));
  EXPECT_FALSE(slots.take(2, "a", kNow));
  EXPECT_FALSE(slots.take(3, "a", kNow));
  slots.give_back();
  Instant later = kNow;
  later.monotonic += 10 * kNsPerSecond;
  EXPECT_EQ(slots.next(later), 2);
  EXPECT_EQ(slots.next(later), 3);
  EXPECT_TRUE(slots.take(3, "a", later));
}

}  // namespace
}  // namespace linkspan::flow
