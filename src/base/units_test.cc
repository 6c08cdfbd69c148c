#include "base/units.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace linkspan {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(Durations, are_read_as_people_write_them) {
  const std::pair<const char*, Duration> cases[] = {
      {"250ms", 250ms}, {"5s", 5s},   {"2m", 2min},     {"26h", 26h},
      {"7d", 168h},     {"1w", 168h}, {"10us", 10us},   {"3ns", 3ns},
      {"0", 0s},        {"0s", 0s},   {"1h30m", 90min}, {"1m0s250ms", 60s + 250ms}};
  for (const auto& [text, expected] : cases) {
    const Result<Duration> parsed = parse_duration(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(*parsed, expected) << text;
  }
}

TEST(Durations, others_are_refused_with_an_example) {
  for (const char* bad :
       {"", "5", "s", "5 s", " 5s", "5s ", "-5s", "+5s", "1.5s", "5S", "5sec", "30m1h", "1h1h", "5s5"}) {
    const Result<Duration> parsed = parse_duration(bad);
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_EQ(parsed.error().slug(), "config-invalid");
    EXPECT_THAT(parsed.error().detail(), HasSubstr("250ms")) << bad;
  }
}

TEST(Durations, beyond_292_years_are_too_large) {
  for (const char* bad : {"999999999999999999999s", "9223372037s", "18446744073709551615w"}) {
    const Result<Duration> parsed = parse_duration(bad);
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_THAT(parsed.error().detail(), HasSubstr("too large")) << bad;
  }
  EXPECT_TRUE(parse_duration("9223372036s").ok());
}

TEST(Durations, are_shown_shortest_and_read_back_the_same) {
  const std::pair<Duration, const char*> cases[] = {{250ms, "250ms"}, {90min, "90m"}, {168h, "7d"},
                                                    {26h, "26h"},     {0s, "0s"},     {1500us, "1500us"}};
  for (const auto& [value, text] : cases) {
    EXPECT_EQ(format_duration(value), text);
    EXPECT_EQ(*parse_duration(text), value);
  }
}

TEST(Sizes, know_powers_of_1024_and_of_1000) {
  const std::pair<const char*, std::uint64_t> cases[] = {{"0", 0},
                                                         {"512B", 512},
                                                         {"64KiB", 65536},
                                                         {"10MiB", 10485760},
                                                         {"1GiB", 1073741824},
                                                         {"2TiB", 2ULL << 40},
                                                         {"1kB", 1000},
                                                         {"5MB", 5000000},
                                                         {"1GB", 1000000000},
                                                         {"1TB", 1000000000000}};
  for (const auto& [text, expected] : cases) {
    const Result<Bytes> parsed = parse_bytes(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(parsed->count, expected) << text;
  }
}

TEST(Sizes, others_are_refused_with_an_example) {
  for (const char* bad : {"", "10", "10M", "10Mb", "10mib", "KiB", "1.5MiB", "-1B", "10 MiB"}) {
    const Result<Bytes> parsed = parse_bytes(bad);
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_THAT(parsed.error().detail(), HasSubstr("64KiB")) << bad;
  }
  EXPECT_THAT(parse_bytes("99999999TiB").error().detail(), HasSubstr("too large"));
}

TEST(Sizes, are_shown_shortest_and_read_back_the_same) {
  const std::pair<std::uint64_t, const char*> cases[] = {{0, "0B"},     {512, "512B"},       {65536, "64KiB"},
                                                         {1000, "1kB"}, {10485760, "10MiB"}, {1025, "1025B"}};
  for (const auto& [count, text] : cases) {
    EXPECT_EQ(format_bytes(Bytes{count}), text);
    EXPECT_EQ(parse_bytes(text)->count, count);
  }
}

TEST(Rates, are_a_count_per_period) {
  const std::pair<const char*, Rate> cases[] = {{"50/s", {50, 1s}},  {"1000/min", {1000, 1min}},
                                                {"10/h", {10, 1h}},  {"1000/d", {1000, 24h}},
                                                {"5/10s", {5, 10s}}, {"1000000/month", {1000000, 720h}}};
  for (const auto& [text, expected] : cases) {
    const Result<Rate> parsed = parse_rate(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(*parsed, expected) << text;
    EXPECT_EQ(format_rate(*parsed), text);
  }
}

TEST(Rates, others_are_refused_with_an_example) {
  for (const char* bad :
       {"", "50", "/s", "50/", "50/m", "50 / s", "50/0s", "0/s", "-1/s", "1.5/s", "50/year"}) {
    const Result<Rate> parsed = parse_rate(bad);
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_THAT(parsed.error().detail(), HasSubstr("such as")) << bad;
  }
}

TEST(Percentages, go_from_0_to_100) {
  EXPECT_DOUBLE_EQ(parse_percentage("20%")->fraction(), 0.2);
  EXPECT_DOUBLE_EQ(parse_percentage("0.5%")->percent, 0.5);
  EXPECT_EQ(format_percentage(Percentage{0.5}), "0.5%");
  EXPECT_EQ(format_percentage(Percentage{100}), "100%");
  for (const char* bad :
       {"", "%", "20", "0.2", "101%", "-1%", "20 %", "nan%", "inf%", "1e1%", ".5%", "5.%"}) {
    ASSERT_FALSE(parse_percentage(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace linkspan
