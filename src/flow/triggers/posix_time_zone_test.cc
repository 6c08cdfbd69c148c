#include "flow/triggers/posix_time_zone.h"

#include <string_view>

#include <gtest/gtest.h>

namespace linkspan::flow {
namespace {

constexpr UnixSeconds k2026 = 1'767'225'600;  // 2026-01-01T00:00:00Z
constexpr UnixSeconds kHour = 3600;
constexpr UnixSeconds kDay = 24 * kHour;

PosixTimeZone zone(std::string_view text) {
  const auto parsed = parse_posix_time_zone(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(PosixTimeZone{});
}

TEST(PosixTimeZone, a_zone_without_summer_time_stays_as_it_is) {
  const PosixTimeZone kolkata = zone("IST-5:30");
  EXPECT_EQ(kolkata.offset_at(0), 19'800);
  EXPECT_EQ(kolkata.next_change(0), std::nullopt);
  EXPECT_EQ(zone("<-03>3").offset_at(0), -3 * kHour);
  EXPECT_EQ(zone("<+1030>-10:30").offset_at(0), 37'800);
}

TEST(PosixTimeZone, rules_give_the_days_on_which_clocks_change) {
  const PosixTimeZone berlin = zone("CET-1CEST,M3.5.0,M10.5.0/3");
  const auto spring = berlin.next_change(k2026);
  ASSERT_TRUE(spring);
  EXPECT_EQ(spring->at, 1'774'746'000);  // 2026-03-29T01:00:00Z
  EXPECT_EQ(spring->before, kHour);
  EXPECT_EQ(spring->after, 2 * kHour);
  const auto autumn = berlin.next_change(spring->at);
  ASSERT_TRUE(autumn);
  EXPECT_EQ(autumn->at, 1'792'890'000);  // 2026-10-25T01:00:00Z
  EXPECT_EQ(autumn->after, kHour);
  EXPECT_EQ(berlin.offset_at(spring->at - 1), kHour);
  EXPECT_EQ(berlin.offset_at(spring->at), 2 * kHour);
  EXPECT_EQ(berlin.offset_at(autumn->at), kHour);
}

TEST(PosixTimeZone, summer_may_span_the_new_year) {
  const PosixTimeZone sydney = zone("AEST-10AEDT,M10.1.0,M4.1.0/3");
  EXPECT_EQ(sydney.offset_at(k2026), 11 * kHour);
  EXPECT_EQ(sydney.offset_at(k2026 + 180 * kDay), 10 * kHour);
}

TEST(PosixTimeZone, a_change_may_be_days_away_from_the_day_that_its_rule_names) {
  const PosixTimeZone gaza = zone("EET-2EEST,M3.4.4/50,M10.4.4/50");
  const auto spring = gaza.next_change(k2026);
  ASSERT_TRUE(spring);
  EXPECT_EQ(spring->at,
            1'774'656'000);  // Thursday 26 March 2026 and 50 hours, at +02:00: 2026-03-28T00:00:00Z
  const PosixTimeZone nuuk = zone("<-02>2<-01>,M3.5.0/-1,M10.5.0/0");
  EXPECT_EQ(nuuk.next_change(k2026)->at, 1'774'746'000);  // 2026-03-28T23:00:00-02:00
}

TEST(PosixTimeZone, days_are_counted_with_or_without_29_february) {
  constexpr UnixSeconds k2028 = 1'830'297'600;                                    // a leap year
  EXPECT_EQ(zone("AAA0BBB,J60/0,J300/0").next_change(k2028)->at, 1'835'481'600);  // 1 March
  EXPECT_EQ(zone("AAA0BBB,59/0,300/0").next_change(k2028)->at, 1'835'395'200);    // 29 February
}

TEST(PosixTimeZone, daylight_saving_time_all_year_never_changes) {
  const PosixTimeZone all_year = zone("XXX3EDT4,0/0,J365/23");
  EXPECT_EQ(all_year.offset_at(k2026), -4 * kHour);
  EXPECT_EQ(all_year.offset_at(k2026 + 3 * kHour), -4 * kHour);
  EXPECT_EQ(all_year.next_change(k2026), std::nullopt);
}

TEST(PosixTimeZone, offsets_do_not_depend_on_the_year_from_which_odd_rules_are_seen) {
  // Ends on 1 January at 03:00 UTC, two hours after it has begun anew.
  const PosixTimeZone odd = zone("XXX1EDT4,0/0,J365/23");
  const auto begins = odd.next_change(k2026 - kDay);
  ASSERT_TRUE(begins);
  EXPECT_EQ(begins->at, k2026 + kHour);
  EXPECT_EQ(odd.offset_at(k2026), -kHour);
  EXPECT_EQ(odd.next_change(begins->at)->at, k2026 + 3 * kHour);
  // 366 days are a year that has one more: standard time is on 31 December of leap years.
  const PosixTimeZone leap = zone("XXX0YYY-1,0/0,365/1");
  EXPECT_EQ(leap.offset_at(1'861'833'600), 0);  // 2028-12-31T00:00:00Z
  EXPECT_EQ(leap.next_change(k2026)->at, 1'861'833'600);
}

TEST(PosixTimeZone, refuses_what_is_not_such_a_text) {
  for (const std::string_view text :
       {"", "C", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J1", "CET-1CEST,366,1",
        "CET-25", "<CET-1", "CET-1CEST,M3.5.0,M10.5.0/168", "CET-1CEST,M3.5.0,M10.5.0 ", "CET-1:60",
        ":Europe/Berlin"})
    EXPECT_EQ(parse_posix_time_zone(text), std::nullopt) << text;
}

}  // namespace
}  // namespace linkspan::flow
