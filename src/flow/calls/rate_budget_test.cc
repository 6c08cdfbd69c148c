#include "flow/calls/rate_budget.h"

#include <gtest/gtest.h>

namespace linkspan::flow {
namespace {

TEST(RateBudget, gives_a_seconds_worth_at_once_and_the_rest_one_after_the_other) {
  RateBudget budget(Rate{.count = 4, .per = std::chrono::seconds(1)});
  constexpr WallNs kNow = 1000 * kNsPerSecond;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(budget.reserve(kNow), kNow) << i;
  EXPECT_EQ(budget.reserve(kNow), kNow + kNsPerSecond / 4);
  EXPECT_EQ(budget.reserve(kNow), kNow + kNsPerSecond / 2);
}

TEST(RateBudget, a_slow_rate_gives_one_at_a_time) {
  RateBudget budget(Rate{.count = 6, .per = std::chrono::minutes(1)});
  constexpr WallNs kNow = 1000 * kNsPerSecond;
  EXPECT_EQ(budget.reserve(kNow), kNow);
  EXPECT_EQ(budget.reserve(kNow), kNow + 10 * kNsPerSecond);
  EXPECT_EQ(budget.reserve(kNow + 60 * kNsPerSecond), kNow + 60 * kNsPerSecond);
}

}  // namespace
}  // namespace linkspan::flow
