#include "upstream/rate_gate.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace linkspan::upstream {
namespace {

constexpr MonotonicNs kNow = 1000 * kNsPerSecond;

TEST(RateGate, gives_a_seconds_worth_at_once_and_the_rest_one_after_the_other) {
  RateGate gate(Rate{.count = 4, .per = std::chrono::seconds(1)});
  for (int i = 0; i < 4; ++i) EXPECT_EQ(gate.reserve(kNow), kNow) << i;
  EXPECT_EQ(gate.reserve(kNow), kNow + kNsPerSecond / 4);
  EXPECT_EQ(gate.reserve(kNow), kNow + kNsPerSecond / 2);
}

TEST(RateGate, a_slow_rate_gives_one_at_a_time) {
  RateGate gate(Rate{.count = 6, .per = std::chrono::minutes(1)});
  EXPECT_EQ(gate.reserve(kNow), kNow);
  EXPECT_EQ(gate.reserve(kNow), kNow + 10 * kNsPerSecond);
  EXPECT_EQ(gate.reserve(kNow + 60 * kNsPerSecond), kNow + 60 * kNsPerSecond);
}

TEST(RateGate, who_does_not_wait_takes_only_what_is_free) {
  RateGate gate(Rate{.count = 2, .per = std::chrono::seconds(1)});
  EXPECT_EQ(gate.take(kNow), 0);
  EXPECT_EQ(gate.take(kNow), 0);
  EXPECT_EQ(gate.take(kNow), kNsPerSecond / 2);
  EXPECT_EQ(gate.take(kNow), kNsPerSecond / 2);
  EXPECT_EQ(gate.take(kNow + kNsPerSecond / 2), 0);
  EXPECT_EQ(gate.reserve(kNow + kNsPerSecond / 2), kNow + kNsPerSecond);
}

TEST(RateGate, threads_together_get_no_more_than_one_would) {
  RateGate gate(Rate{.count = 100, .per = std::chrono::seconds(1)});
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) taken += gate.take(kNow) == 0 ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 100);
}

}  // namespace
}  // namespace linkspan::upstream
