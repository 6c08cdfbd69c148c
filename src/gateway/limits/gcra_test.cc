#include "gateway/limits/gcra.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace linkspan::gateway {
namespace {

using std::chrono::seconds;

constexpr MonotonicNs kStart = 1000 * kNsPerSecond;

TEST(Gcra, a_burst_passes_at_once_and_no_more) {
  const GcraLimit limit = make_gcra({.count = 10, .per = seconds(1), .burst = 3});
  RateCell cell{0};
  EXPECT_EQ(gcra_take(limit, cell, kStart).remaining, 2U);
  EXPECT_EQ(gcra_take(limit, cell, kStart).remaining, 1U);
  EXPECT_EQ(gcra_take(limit, cell, kStart).remaining, 0U);
  const GcraResult refused = gcra_take(limit, cell, kStart);
  EXPECT_FALSE(refused.conforms);
  EXPECT_EQ(refused.retry_after_ns, 100 * kNsPerMs);
  EXPECT_EQ(refused.full_after_ns, 300 * kNsPerMs);
}

TEST(Gcra, a_refused_request_conforms_after_the_time_it_was_told) {
  const GcraLimit limit = make_gcra({.count = 10, .per = seconds(1), .burst = 3});
  RateCell cell{0};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(gcra_take(limit, cell, kStart).conforms);
  const std::int64_t wait = gcra_take(limit, cell, kStart).retry_after_ns;
  EXPECT_FALSE(gcra_take(limit, cell, kStart + wait - 1).conforms);
  EXPECT_TRUE(gcra_take(limit, cell, kStart + wait).conforms);
}

TEST(Gcra, over_a_long_time_exactly_the_rate_passes) {
  const GcraLimit limit = make_gcra({.count = 50, .per = seconds(1), .burst = 5});
  RateCell cell{0};
  int passed = 0;
  for (MonotonicNs at = 0; at < 10 * kNsPerSecond; at += kNsPerMs) {
    if (gcra_take(limit, cell, kStart + at).conforms) ++passed;
  }
  EXPECT_EQ(passed, 504);  // 500 in ten seconds, and what the burst let go ahead
}

TEST(Gcra, an_unused_limit_gathers_no_more_than_its_burst) {
  const GcraLimit limit = make_gcra({.count = 1, .per = seconds(1), .burst = 2});
  RateCell cell{0};
  EXPECT_TRUE(gcra_take(limit, cell, kStart).conforms);
  const MonotonicNs later = kStart + 1000 * kNsPerSecond;
  EXPECT_EQ(gcra_peek(limit, cell.load(), later).remaining, 2U);
}

TEST(Gcra, looking_counts_nothing) {
  const GcraLimit limit = make_gcra({.count = 1, .per = seconds(1), .burst = 1});
  RateCell cell{0};
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(gcra_peek(limit, cell.load(), kStart).conforms);
  EXPECT_TRUE(gcra_take(limit, cell, kStart).conforms);
}

TEST(Gcra, telling_what_would_be_taken_tells_the_same) {
  const GcraLimit limit = make_gcra({.count = 1, .per = seconds(1), .burst = 3});
  RateCell cell{0};
  for (int i = 0; i < 5; ++i) {
    const GcraResult told = gcra_if_taken(limit, gcra_peek(limit, cell.load(), 100));
    const GcraResult taken = gcra_take(limit, cell, 100);
    EXPECT_EQ(told.conforms, taken.conforms);
    EXPECT_EQ(told.remaining, taken.remaining);
    EXPECT_EQ(told.full_after_ns, taken.full_after_ns);
    EXPECT_EQ(told.retry_after_ns, taken.retry_after_ns);
  }
}

TEST(Gcra, extreme_limits_do_not_overflow) {
  const GcraLimit fast = make_gcra({.count = UINT64_MAX, .per = seconds(1), .burst = UINT64_MAX});
  RateCell cell{0};
  EXPECT_TRUE(gcra_take(fast, cell, kStart).conforms);
  const GcraLimit slow = make_gcra({.count = 1, .per = std::chrono::hours(24 * 30), .burst = UINT64_MAX});
  RateCell other{0};
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(gcra_take(slow, other, kStart).conforms);
}

TEST(Gcra, threads_together_pass_exactly_the_burst) {
  const GcraLimit limit = make_gcra({.count = 1, .per = std::chrono::hours(1), .burst = 1000});
  RateCell cell{0};
  std::atomic<int> passed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        if (gcra_take(limit, cell, kStart).conforms) passed.fetch_add(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(passed.load(), 1000);
}

}  // namespace
}  // namespace linkspan::gateway
