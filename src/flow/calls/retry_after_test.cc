#include "flow/calls/retry_after.h"

#include <gtest/gtest.h>

namespace linkspan::flow {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr WallNs kNow = 784'111'777 * kNsPerSecond;  // Sun, 06 Nov 1994 08:49:37 GMT

std::optional<Duration> parse(std::string_view value, WallNs now = kNow) {
  return parse_retry_after(value, now, hours(1));
}

TEST(RetryAfter, is_a_number_of_seconds) {
  EXPECT_EQ(parse("120"), seconds(120));
  EXPECT_EQ(parse(" 0 "), seconds(0));
}

TEST(RetryAfter, or_a_date) {
  EXPECT_EQ(parse("Sun, 06 Nov 1994 08:50:07 GMT"), seconds(30));
  EXPECT_EQ(parse("Sunday, 06-Nov-94 08:50:07 GMT"), seconds(30));
  EXPECT_EQ(parse("Sun, 06 Nov 1994 08:50:07 GMT", kNow + 250 * kNsPerMs), milliseconds(29'750));
}

TEST(RetryAfter, a_date_that_is_past_is_no_delay) {
  EXPECT_EQ(parse("Sun, 06 Nov 1994 08:49:36 GMT"), seconds(0));
  EXPECT_EQ(parse("Thu, 01 Jan 1970 00:00:00 GMT"), seconds(0));
}

TEST(RetryAfter, nobody_waits_longer_than_is_allowed) {
  EXPECT_EQ(parse("3600"), hours(1));
  EXPECT_EQ(parse("3601"), hours(1));
  EXPECT_EQ(parse("99999999999999999999999"), hours(1));
  EXPECT_EQ(parse("Fri, 31 Dec 9999 23:59:59 GMT"), hours(1));
  EXPECT_EQ(parse_retry_after("5", kNow, milliseconds(1500)), milliseconds(1500));
  EXPECT_EQ(parse_retry_after("1", kNow, milliseconds(1500)), seconds(1));
}

TEST(RetryAfter, anything_else_is_as_if_it_were_not_there) {
  for (const std::string_view value : {"", "-1", "1.5", "soon", "10s", "1e3", "0x10", "Sun, 06 Nov 1994"})
    EXPECT_EQ(parse(value), std::nullopt) << value;
}

}  // namespace
}  // namespace linkspan::flow
