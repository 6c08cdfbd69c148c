#include "flow/calls/call_slots.h"

#include <gtest/gtest.h>

namespace linkspan::flow {
namespace {

TEST(CallSlots, no_more_than_the_limit_are_under_way) {
  CallSlots slots(2);
  EXPECT_TRUE(slots.take(1, "a"));
  EXPECT_TRUE(slots.take(2, "a"));
  EXPECT_FALSE(slots.take(3, "a"));
  EXPECT_EQ(slots.next(), std::nullopt);
  slots.give_back();
  EXPECT_EQ(slots.next(), 3);
  EXPECT_TRUE(slots.take(3, "a"));
  EXPECT_EQ(slots.next(), std::nullopt);
}

TEST(CallSlots, without_a_limit_nobody_waits) {
  CallSlots slots(CallSlots::kUnlimited);
  for (store::RunNo run = 1; run <= 1000; ++run) EXPECT_TRUE(slots.take(run, "a"));
  EXPECT_EQ(slots.in_line(), 0u);
}

TEST(CallSlots, flows_take_turns_and_runs_of_one_flow_keep_their_order) {
  CallSlots slots(1);
  EXPECT_TRUE(slots.take(1, "busy"));
  for (store::RunNo run = 2; run <= 4; ++run) EXPECT_FALSE(slots.take(run, "busy"));
  EXPECT_FALSE(slots.take(5, "rare"));
  std::vector<store::RunNo> order;
  for (slots.give_back(); const auto run = slots.next(); slots.give_back()) {
    order.push_back(*run);
    EXPECT_TRUE(slots.take(*run, "either"));
  }
  EXPECT_EQ(order, (std::vector<store::RunNo>{2, 5, 3, 4}));
}

TEST(CallSlots, who_comes_later_does_not_overtake_those_in_line) {
  CallSlots slots(1);
  EXPECT_TRUE(slots.take(1, "a"));
  EXPECT_FALSE(slots.take(2, "a"));
  slots.give_back();
  EXPECT_FALSE(slots.take(3, "a"));
  EXPECT_EQ(slots.next(), 2);
  EXPECT_TRUE(slots.take(2, "a"));
}

TEST(CallSlots, who_does_not_take_loses_its_turn_and_holds_up_nobody) {
  CallSlots slots(1);
  EXPECT_TRUE(slots.take(1, "a"));
  EXPECT_FALSE(slots.take(2, "a"));
  EXPECT_FALSE(slots.take(3, "a"));
  slots.give_back();
  EXPECT_EQ(slots.next(), 2);
  EXPECT_EQ(slots.next(), 3);
  EXPECT_TRUE(slots.take(3, "a"));
  EXPECT_FALSE(slots.take(2, "a"));
}

TEST(CallSlots, a_held_slot_waits_for_its_run_alone) {
  CallSlots slots(1);
  EXPECT_TRUE(slots.take(1, "a"));
  EXPECT_FALSE(slots.take(2, "a"));
  slots.give_back();
  EXPECT_EQ(slots.next(), 2);
  slots.hold(2);
  EXPECT_EQ(slots.next(), std::nullopt);
  EXPECT_FALSE(slots.take(3, "a"));
  EXPECT_TRUE(slots.take(2, "a"));
  EXPECT_FALSE(slots.let_go(2));
  slots.give_back();
  EXPECT_EQ(slots.next(), 3);
  slots.hold(3);
  EXPECT_TRUE(slots.let_go(3));
  EXPECT_EQ(slots.busy(), 0u);
}

TEST(CallSlots, what_cannot_wait_counts_beyond_the_limit) {
  CallSlots slots(1);
  slots.take_over_limit();
  slots.take_over_limit();
  EXPECT_FALSE(slots.take(1, "a"));
  slots.give_back();
  EXPECT_EQ(slots.next(), std::nullopt);
  slots.give_back();
  EXPECT_EQ(slots.next(), 1);
}

}  // namespace
}  // namespace linkspan::flow
