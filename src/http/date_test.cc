#include "http/date.h"

#include <string>

#include <gtest/gtest.h>

namespace linkspan::http {
namespace {

constexpr std::int64_t kNow = 1795334400;  // 2026-11-22

std::string formatted(std::int64_t seconds) {
  char out[kHttpDateBytes];
  format_http_date(seconds, out);
  return {out, kHttpDateBytes};
}

TEST(HttpDate, formats_the_example_of_the_rfc) {
  EXPECT_EQ(formatted(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(formatted(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(formatted(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(formatted(-5), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(formatted(INT64_MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
}

TEST(HttpDate, all_three_forms_mean_the_same) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow), 784111777);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow), 784111777);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", kNow), 784111777);
  EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994", kNow), 784111777 + 10 * 86400);
}

TEST(HttpDate, every_day_of_four_centuries_is_read_back) {
  for (std::int64_t day = 0; day < 146097; ++day) {
    const std::int64_t seconds = day * 86400 + day % 86400;
    ASSERT_EQ(parse_http_date(formatted(seconds), kNow), seconds);
  }
}

TEST(HttpDate, a_two_digit_year_is_never_more_than_fifty_years_ahead) {
  EXPECT_EQ(formatted(*parse_http_date("Sunday, 06-Nov-76 08:49:37 GMT", kNow)).substr(12, 4), "2076");
  EXPECT_EQ(formatted(*parse_http_date("Sunday, 06-Nov-77 08:49:37 GMT", kNow)).substr(12, 4), "1977");
}

TEST(HttpDate, anything_else_is_refused) {
  for (const char* text :
       {"", "0", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Xun, 06 Nov 1994 08:49:37 GMT",
        "Sun,06 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 29 Feb 2023 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994"}) {
    EXPECT_EQ(parse_http_date(text, kNow), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace linkspan::http
