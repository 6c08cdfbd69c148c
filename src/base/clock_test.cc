#include "base/clock.h"

#include <string>

#include <gtest/gtest.h>

#include "base/timestamp.h"

namespace linkspan {
namespace {

std::string timestamp(WallNs wall_ns) {
  char text[kTimestampBytes];
  format_timestamp(wall_ns, text);
  return {text, kTimestampBytes};
}

TEST(RealClock, monotonic_time_does_not_go_back) {
  const RealClock clock;
  const MonotonicNs first = clock.monotonic_ns();
  EXPECT_LE(first, clock.monotonic_ns());
}

TEST(RealClock, wall_time_is_after_this_code_was_written) {
  EXPECT_GT(RealClock().wall_ns(), 1'700'000'000 * kNsPerSecond);
}

TEST(VirtualClock, both_clocks_move_only_when_told) {
  VirtualClock clock(5 * kNsPerSecond);
  EXPECT_EQ(clock.monotonic_ns(), 0);
  clock.advance(30 * kNsPerMs);
  EXPECT_EQ(clock.monotonic_ns(), 30 * kNsPerMs);
  EXPECT_EQ(clock.wall_ns(), 5 * kNsPerSecond + 30 * kNsPerMs);
}

TEST(VirtualClock, setting_the_wall_clock_leaves_monotonic_time_alone) {
  VirtualClock clock;
  clock.advance(100);
  clock.set_wall(7);
  EXPECT_EQ(clock.wall_ns(), 7);
  EXPECT_EQ(clock.monotonic_ns(), 100);
}

TEST(Timestamp, is_rfc3339_in_utc_with_microseconds) {
  EXPECT_EQ(timestamp(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(timestamp(1'795'333'651 * kNsPerSecond + 123'456'789), "2026-11-22T07:47:31.123456Z");
  EXPECT_EQ(timestamp(951'782'400 * kNsPerSecond), "2000-02-29T00:00:00.000000Z");
}

TEST(Timestamp, times_before_1970_are_right_too) {
  EXPECT_EQ(timestamp(-1), "1969-12-31T23:59:59.999999Z");
}

TEST(TimestampFormatter, follows_the_clock_within_and_across_seconds) {
  TimestampFormatter formatter;
  EXPECT_EQ(formatter.format(59 * kNsPerSecond + 999'999'000), "1970-01-01T00:00:59.999999Z");
  EXPECT_EQ(formatter.format(59 * kNsPerSecond + 1'000), "1970-01-01T00:00:59.000001Z");
  EXPECT_EQ(formatter.format(60 * kNsPerSecond), "1970-01-01T00:01:00.000000Z");
  EXPECT_EQ(formatter.format(0), "1970-01-01T00:00:00.000000Z");
}

}  // namespace
}  // namespace linkspan
