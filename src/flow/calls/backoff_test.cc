#include "flow/calls/backoff.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace linkspan::flow {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Backoff kBackoff{.first_delay = seconds(1), .max_delay = minutes(5)};

TEST(Backoff, the_longest_delay_doubles_up_to_its_limit) {
  EXPECT_EQ(longest_delay(kBackoff, 0), seconds(0));
  EXPECT_EQ(longest_delay(kBackoff, 1), seconds(1));
  EXPECT_EQ(longest_delay(kBackoff, 2), seconds(2));
  EXPECT_EQ(longest_delay(kBackoff, 9), seconds(256));
  EXPECT_EQ(longest_delay(kBackoff, 10), minutes(5));
}

TEST(Backoff, no_number_of_failures_overflows) {
  EXPECT_EQ(longest_delay(kBackoff, 64), minutes(5));
  EXPECT_EQ(longest_delay(kBackoff, UINT32_MAX), minutes(5));
  EXPECT_EQ(longest_delay({Duration(1), Duration::max()}, 63), Duration(INT64_C(1) << 62));
  EXPECT_EQ(longest_delay({Duration(3), Duration::max()}, 63), Duration::max());
  EXPECT_EQ(longest_delay({Duration::max(), Duration::max()}, 2), Duration::max());
}

TEST(Backoff, odd_settings_do_no_harm) {
  EXPECT_EQ(longest_delay({seconds(0), minutes(5)}, 7), seconds(0));
  EXPECT_EQ(longest_delay({minutes(9), minutes(5)}, 1), minutes(5));
  EXPECT_EQ(longest_delay({seconds(1), seconds(-1)}, 3), seconds(0));
}

TEST(Backoff, delays_are_spread_over_all_of_it) {
  Random random(7);
  Duration least = Duration::max();
  Duration most(0);
  for (int i = 0; i < 1000; ++i) {
    const Duration delay = draw_delay(kBackoff, 5, random);
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  EXPECT_LT(least, seconds(1));
  EXPECT_GT(most, seconds(15));
  EXPECT_LE(most, seconds(16));
}

TEST(Backoff, a_server_that_asked_for_time_gets_it_first) {
  Random random(7);
  Duration most(0);
  for (int i = 0; i < 100; ++i) {
    const Duration delay = draw_delay(kBackoff, 5, random, seconds(60));
    EXPECT_GE(delay, seconds(60));
    most = std::max(most, delay);
  }
  EXPECT_GT(most, seconds(61)) << "not all at the same moment";
  EXPECT_LE(most, seconds(76));
  EXPECT_EQ(draw_delay({Duration::max(), Duration::max()}, 1, random, Duration::max()), Duration::max());
}

}  // namespace
}  // namespace linkspan::flow
