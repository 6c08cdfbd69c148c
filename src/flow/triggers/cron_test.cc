#include "flow/triggers/cron.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/timestamp.h"
#include "flow/triggers/time_zone_testing.h"

namespace linkspan::flow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::zone_of_rules;

constexpr std::string_view kBerlin = "CET-1CEST,M3.5.0,M10.5.0/3";
constexpr std::string_view kLordHowe = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0";  // moves by half an hour

Cron cron(std::string_view text) {
  const Result<Cron> parsed = parse_cron(text);
  EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : parsed.error().to_string());
  return parsed ? *parsed : Cron{};
}

std::string refusal(std::string_view text) {
  const Result<Cron> parsed = parse_cron(text);
  return parsed ? "accepted" : parsed.error().detail();
}

// "2026-03-29 01:00" as seconds.
std::int64_t seconds_of(std::string_view text) {
  using namespace std::chrono;
  const auto number = [text](std::size_t at, std::size_t size) {
    return std::stoi(std::string(text.substr(at, size)));
  };
  const sys_days day = year(number(0, 4)) / number(5, 2) / number(8, 2);
  return sys_seconds(day + hours(number(11, 2)) + minutes(number(14, 2))).time_since_epoch().count();
}

std::string text_of(std::int64_t seconds) {
  char timestamp[kTimestampBytes];
  format_timestamp(seconds * kNsPerSecond, timestamp);
  std::string text(timestamp, 16);
  text[10] = ' ';
  return text;
}

// The next ticks after a local time, as the clock of the zone shows them.
std::vector<std::string> ticks(std::string_view expression, const TimeZone& zone, std::string_view after,
                               int count) {
  std::vector<std::string> shown;
  WallNs at = zone.to_utc(seconds_of(after)).first * kNsPerSecond;
  for (int i = 0; i < count; ++i) {
    const std::optional<WallNs> tick = next_tick(cron(expression), zone, at);
    if (!tick) break;
    at = *tick;
    shown.push_back(text_of(zone.to_local(at / kNsPerSecond)));
  }
  return shown;
}

std::vector<std::string> utc_ticks(std::string_view expression, std::string_view after, int count) {
  return ticks(expression, TimeZone::utc(), after, count);
}

TEST(Cron, values_lists_ranges_and_steps_of_all_fields) {
  EXPECT_THAT(utc_ticks("0,30 8 * * *", "2026-11-22 07:00", 3),
              ElementsAre("2026-11-22 08:00", "2026-11-22 08:30", "2026-11-23 08:00"));
  EXPECT_THAT(utc_ticks("*/20 8-9 * * *", "2026-11-22 08:30", 3),
              ElementsAre("2026-11-22 08:40", "2026-11-22 09:00", "2026-11-22 09:20"));
  EXPECT_THAT(utc_ticks("5-59/25 0 1 * *", "2026-11-22 08:30", 4),
              ElementsAre("2026-12-01 00:05", "2026-12-01 00:30", "2026-12-01 00:55", "2027-01-01 00:05"));
  EXPECT_THAT(utc_ticks("0 0 1 */3 *", "2026-01-01 00:00", 3),
              ElementsAre("2026-04-01 00:00", "2026-07-01 00:00", "2026-10-01 00:00"));
}

TEST(Cron, names_are_known_in_any_case) {
  EXPECT_EQ(cron("0 0 * JAN,mar-May Mon-FRI"), cron("0 0 * 1,3-5 1-5"));
}

TEST(Cron, sunday_is_0_and_7_and_may_end_a_range) {
  EXPECT_EQ(cron("0 0 * * 7"), cron("0 0 * * 0"));
  EXPECT_EQ(cron("0 0 * * fri-sun"), cron("0 0 * * 0,5,6"));
  EXPECT_EQ(cron("0 0 * * 5-0"), cron("0 0 * * 5-7"));
  EXPECT_EQ(cron("0 0 * * 0-7"), cron("0 0 * * *"));
}

TEST(Cron, macros_stand_for_fields) {
  EXPECT_EQ(cron("@hourly"), cron("0 * * * *"));
  EXPECT_EQ(cron(" @Daily "), cron("0 0 * * *"));
  EXPECT_EQ(cron("@weekly"), cron("0 0 * * sun"));
  EXPECT_EQ(cron("@monthly"), cron("0 0 1 * *"));
  EXPECT_EQ(cron("@yearly"), cron("0 0 1 1 *"));
}

TEST(Cron, blanks_and_tabs_separate) {
  EXPECT_EQ(cron("  0\t8  * *\t1 "), cron("0 8 * * 1"));
}

TEST(Cron, either_day_field_suffices_if_both_are_restricted) {
  EXPECT_THAT(utc_ticks("0 0 13 * fri", "2026-11-01 00:00", 4),
              ElementsAre("2026-11-06 00:00", "2026-11-13 00:00", "2026-11-20 00:00", "2026-11-27 00:00"));
  EXPECT_THAT(utc_ticks("0 0 13 * *", "2026-11-01 00:00", 2),
              ElementsAre("2026-11-13 00:00", "2026-12-13 00:00"));
  EXPECT_THAT(utc_ticks("0 0 * dec fri", "2026-11-01 00:00", 2),
              ElementsAre("2026-12-04 00:00", "2026-12-11 00:00"));
  EXPECT_TRUE(cron("0 0 */2 * 1").either_day);
  EXPECT_FALSE(cron("0 0 1-31 * 1").either_day);
}

TEST(Cron, the_29_of_february_is_waited_for) {
  EXPECT_THAT(utc_ticks("0 12 29 2 *", "2026-01-01 00:00", 2),
              ElementsAre("2028-02-29 12:00", "2032-02-29 12:00"));
  EXPECT_THAT(utc_ticks("0 12 29 2 *", "2096-02-29 12:00", 1), ElementsAre("2104-02-29 12:00"));
}

TEST(Cron, ends_of_months_and_years_are_passed) {
  EXPECT_THAT(utc_ticks("0 0 31 * *", "2026-01-31 00:00", 3),
              ElementsAre("2026-03-31 00:00", "2026-05-31 00:00", "2026-07-31 00:00"));
  EXPECT_THAT(utc_ticks("59 23 31 12 *", "2026-12-31 23:58", 2),
              ElementsAre("2026-12-31 23:59", "2027-12-31 23:59"));
}

TEST(Cron, the_tick_is_after_the_instant_asked_about) {
  const std::int64_t at = seconds_of("2026-11-22 08:00") * kNsPerSecond;
  EXPECT_EQ(next_tick(cron("0 8 * * *"), TimeZone::utc(), at - 1), at);
  EXPECT_EQ(next_tick(cron("* * * * *"), TimeZone::utc(), at), at + 60 * kNsPerSecond);
  EXPECT_EQ(next_tick(cron("* * * * *"), TimeZone::utc(), at + 59'999'999'999), at + 60 * kNsPerSecond);
  EXPECT_EQ(next_tick(cron("@yearly"), TimeZone::utc(), -1), 0) << "before 1970";
}

TEST(Cron, there_is_no_tick_after_the_end_of_time) {
  EXPECT_EQ(next_tick(cron("@yearly"), TimeZone::utc(), INT64_MAX), std::nullopt);
  EXPECT_EQ(next_tick(cron("30 2 * * *"), zone_of_rules(kBerlin), INT64_MAX), std::nullopt);
  EXPECT_TRUE(next_tick(cron("@yearly"), TimeZone::utc(), INT64_MIN));
}

// 29 March 2026: 02:00 to 03:00 is left out in Berlin.
TEST(CronInSpring, given_hours_within_the_gap_tick_once_at_its_end) {
  const TimeZone berlin = zone_of_rules(kBerlin);
  EXPECT_THAT(ticks("30 2 * * *", berlin, "2026-03-28 00:00", 3),
              ElementsAre("2026-03-28 02:30", "2026-03-29 03:00", "2026-03-30 02:30"));
  EXPECT_THAT(ticks("*/10 2 29 3 *", berlin, "2026-03-28 00:00", 2),
              ElementsAre("2026-03-29 03:00", "2027-03-29 02:00"));
  EXPECT_THAT(ticks("0 2,3 * * *", berlin, "2026-03-28 12:00", 2),
              ElementsAre("2026-03-29 03:00", "2026-03-30 02:00"))
      << "the one of 02:00 and that of 03:00 are one";
}

TEST(CronInSpring, hours_that_are_not_given_go_by_the_time_that_passes) {
  const TimeZone berlin = zone_of_rules(kBerlin);
  EXPECT_THAT(ticks("15 * * * *", berlin, "2026-03-29 00:30", 3),
              ElementsAre("2026-03-29 01:15", "2026-03-29 03:15", "2026-03-29 04:15"));
  EXPECT_THAT(ticks("0 */2 * * *", berlin, "2026-03-28 23:00", 3),
              ElementsAre("2026-03-29 00:00", "2026-03-29 04:00", "2026-03-29 06:00"));
}

// 25 October 2026: 02:00 to 03:00 comes twice.
TEST(CronInAutumn, given_hours_tick_the_first_time_only) {
  const TimeZone berlin = zone_of_rules(kBerlin);
  EXPECT_THAT(ticks("30 2 * * *", berlin, "2026-10-25 01:00", 2),
              ElementsAre("2026-10-25 02:30", "2026-10-26 02:30"));
  EXPECT_EQ(next_tick(cron("30 2 * * *"), berlin, (seconds_of("2026-10-25 00:00")) * kNsPerSecond),
            seconds_of("2026-10-25 00:30") * kNsPerSecond);
  const WallNs second_0215 = seconds_of("2026-10-25 01:15") * kNsPerSecond;
  EXPECT_EQ(next_tick(cron("30 2 * * *"), berlin, second_0215), seconds_of("2026-10-26 01:30") * kNsPerSecond)
      << "asked within the repeated hour: 02:30 has been";
  EXPECT_THAT(ticks("0 2,3 * * *", berlin, "2026-10-25 01:00", 3),
              ElementsAre("2026-10-25 02:00", "2026-10-25 03:00", "2026-10-26 02:00"));
}

TEST(CronInAutumn, hours_that_are_not_given_tick_in_the_repeated_hour_too) {
  const TimeZone berlin = zone_of_rules(kBerlin);
  EXPECT_THAT(ticks("*/30 * * * *", berlin, "2026-10-25 01:45", 5),
              ElementsAre("2026-10-25 02:00", "2026-10-25 02:30", "2026-10-25 02:00", "2026-10-25 02:30",
                          "2026-10-25 03:00"));
  EXPECT_EQ(cron("0 0-23 * * *"), cron("0 * * * *")) << "all hours are none that is given";
}

TEST(CronInSpring, a_day_that_is_left_out_ticks_at_the_next) {
  const auto samoa = parse_time_zone(
      testing::tzif({-36'000, 50'400}, {{seconds_of("2011-12-30 10:00"), 1}}, "<+14>-14"), "Apia");
  ASSERT_TRUE(samoa);
  EXPECT_THAT(ticks("0 9 30 * *", *samoa, "2011-12-01 00:00", 2),
              ElementsAre("2011-12-31 00:00", "2012-01-30 09:00"));
}

// What the header says, minute by minute.
std::vector<std::int64_t> ticks_by_definition(const Cron& when, const TimeZone& zone, std::int64_t from,
                                              std::int64_t to) {
  const auto matches = [&when](std::int64_t local) {
    const std::string text = text_of(local);
    const std::chrono::sys_days day =
        std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(local)));
    const auto has = [](std::uint64_t set, int value) { return (set >> value & 1) != 0; };
    const bool by_month = has(when.days_of_month, std::stoi(text.substr(8, 2)));
    const bool by_week = has(when.days_of_week, static_cast<int>(std::chrono::weekday(day).c_encoding()));
    return has(when.months, std::stoi(text.substr(5, 2))) && has(when.hours, std::stoi(text.substr(11, 2))) &&
           has(when.minutes, std::stoi(text.substr(14, 2))) &&
           (when.either_day ? by_month || by_week : by_month && by_week);
  };
  std::vector<std::int64_t> found;
  std::int64_t shown = zone.to_local(from);
  for (std::int64_t at = from + 60; at <= to; at += 60) {
    const std::int64_t local = zone.to_local(at);
    if (when.by_elapsed_time) {
      if (matches(local)) found.push_back(at);
      continue;
    }
    bool ticks_now = false;
    for (std::int64_t minute = shown + 60; minute <= local; minute += 60)
      ticks_now = ticks_now || matches(minute);
    if (ticks_now) found.push_back(at);
    shown = std::max(shown, local);
  }
  return found;
}

TEST(Cron, ticks_are_those_of_the_definition_about_every_change) {
  for (const std::string_view rules :
       {kBerlin, kLordHowe, std::string_view("<-02>2<-01>,M3.5.0/-1,M10.5.0/0")}) {
    const TimeZone zone = zone_of_rules(rules);
    for (const std::string_view text :
         {"* * * * *", "*/7 * * * *", "15,45 * * * *", "0 */2 * * *", "30 1-3/2 * * *", "0 0 * * *",
          "59 1 * * *", "*/15 1-3 * * *", "30 2 * * sun", "0 22-23,0 * * 6"}) {
      std::int64_t begin = seconds_of("2026-01-01 00:00");
      for (int changes = 0; changes < 2; ++changes) {
        const std::int64_t change = zone.next_change(begin)->at;
        std::vector<std::int64_t> found;
        const std::int64_t end = change + 26 * 3600;
        for (WallNs at = (change - 26 * 3600) * kNsPerSecond;;) {
          at = *next_tick(cron(text), zone, at);
          if (at > end * kNsPerSecond) break;
          found.push_back(at / kNsPerSecond);
        }
        EXPECT_EQ(found, ticks_by_definition(cron(text), zone, change - 26 * 3600, end))
            << text << " in " << rules;
        begin = change;
      }
    }
  }
}

TEST(CronRefused, a_sixth_field_is_explained) {
  EXPECT_THAT(refusal("0 */5 * * * *"), HasSubstr("Seconds are not known here: leave out the first field"));
  EXPECT_THAT(refusal("0 8 * *"), HasSubstr("it has 4 fields; a cron has five fields: minute, hour"));
  EXPECT_THAT(refusal(""), HasSubstr("it has 0 fields"));
}

TEST(CronRefused, values_out_of_range_and_unknown_names) {
  EXPECT_EQ(refusal("60 * * * *"), "minute \"60\": expected 0 to 59");
  EXPECT_EQ(refusal("0 24 * * *"), "hour \"24\": expected 0 to 23");
  EXPECT_EQ(refusal("0 0 0 * *"), "day of the month \"0\": expected 1 to 31");
  EXPECT_EQ(refusal("0 0 * foo *"), "month \"foo\": expected 1 to 12 or a name such as feb");
  EXPECT_EQ(refusal("0 0 * * 8"), "day of the week \"8\": expected 0 to 7 or a name such as mon");
  for (const std::string_view text :
       {"-1 * * * *", "1- * * * *", "1,,2 * * * *", "+1 * * * *", "1.5 * * * *",
        "99999999999999999999 * * * *", "* * * * mon-", "** * * * *", "*-5 * * * *"})
    EXPECT_NE(refusal(text), "accepted") << text;
}

TEST(CronRefused, ranges_that_go_down) {
  EXPECT_THAT(refusal("0 22-6 * * *"), HasSubstr("a range goes up"));
  EXPECT_THAT(refusal("0 0 * * fri-mon"), HasSubstr("a range goes up"));
}

TEST(CronRefused, steps_that_mean_nothing) {
  EXPECT_THAT(refusal("*/90 * * * *"), HasSubstr("the step goes past the end of its range"));
  EXPECT_THAT(refusal("*/0 * * * *"), HasSubstr("at least 1"));
  EXPECT_THAT(refusal("5/15 * * * *"), HasSubstr("a step needs `*` or a range"));
  EXPECT_NE(refusal("*/ * * * *"), "accepted");
  EXPECT_NE(refusal("*/5/5 * * * *"), "accepted");
}

TEST(CronRefused, what_other_schedulers_add) {
  for (const std::string_view text : {"0 0 ? * 1", "0 0 L * *", "0 0 15W * *", "0 0 * * 5#2", "0 0 * * 5L"})
    EXPECT_THAT(refusal(text), HasSubstr("?, L, W and # are not known here")) << text;
}

TEST(CronRefused, dates_that_never_come) {
  EXPECT_EQ(refusal("0 0 30 2 *"), "\"0 0 30 2 *\" never comes: no such month has such a day");
  EXPECT_NE(refusal("0 0 31 2,4,6,9,11 *"), "accepted");
  EXPECT_EQ(refusal("0 0 30 2 mon"), "accepted") << "Mondays in February";
}

TEST(CronRefused, unknown_macros_are_answered_with_the_nearest) {
  EXPECT_EQ(refusal("@houry"), "\"@houry\" is not known; did you mean \"@hourly\"?");
  EXPECT_THAT(refusal("@reboot"), HasSubstr("is not known"));
}

TEST(CronRefused, too_long_a_text) {
  EXPECT_THAT(refusal(std::string(kMaxCronBytes + 1, ' ')), HasSubstr("at most 1024 characters"));
}

}  // namespace
}  // namespace linkspan::flow
