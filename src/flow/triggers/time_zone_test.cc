#include "flow/triggers/time_zone.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "flow/triggers/time_zone_testing.h"

namespace linkspan::flow {
namespace {

using testing::tzif;
using testing::tzif_block;
using testing::zone_of_rules;
using Kind = LocalTime::Kind;

constexpr UnixSeconds kSpring = 1'774'746'000;  // 2026-03-29T01:00:00Z, when Berlin goes from +1 to +2
constexpr UnixSeconds kAutumn = 1'792'890'000;  // 2026-10-25T01:00:00Z, and back
constexpr std::int32_t kHour = 3600;

TimeZone berlin() {
  return zone_of_rules("CET-1CEST,M3.5.0,M10.5.0/3");
}

std::string refusal(const Result<TimeZone>& zone) {
  return zone ? "accepted" : zone.error().to_string();
}

TEST(TimeZone, utc_needs_no_files_and_never_changes) {
  const Result<TimeZone> zone = load_time_zone("UTC", {});
  ASSERT_TRUE(zone);
  EXPECT_EQ(zone->name(), "UTC");
  EXPECT_EQ(zone->to_local(kSpring), kSpring);
  EXPECT_EQ(zone->to_utc(kSpring), (LocalTime{Kind::unique, kSpring, kSpring}));
  EXPECT_EQ(zone->next_change(0), std::nullopt);
}

TEST(TimeZone, local_times_in_the_gap_of_spring_are_told_with_its_end) {
  const LocalSeconds gap = kSpring + kHour;  // 02:00 is not shown, 03:00 is
  EXPECT_EQ(berlin().to_utc(gap - 1), (LocalTime{Kind::unique, kSpring - 1, kSpring - 1}));
  EXPECT_EQ(berlin().to_utc(gap), (LocalTime{Kind::gap, kSpring, kSpring}));
  EXPECT_EQ(berlin().to_utc(gap + kHour - 1), (LocalTime{Kind::gap, kSpring, kSpring}));
  EXPECT_EQ(berlin().to_utc(gap + kHour), (LocalTime{Kind::unique, kSpring, kSpring}));
}

TEST(TimeZone, local_times_in_the_overlap_of_autumn_are_told_with_both_instants) {
  const LocalSeconds overlap = kAutumn + kHour;  // 02:00 is shown an hour before as well
  EXPECT_EQ(berlin().to_utc(overlap - 1).kind, Kind::unique);
  EXPECT_EQ(berlin().to_utc(overlap), (LocalTime{Kind::overlap, kAutumn - kHour, kAutumn}));
  EXPECT_EQ(berlin().to_utc(overlap + kHour - 1),
            (LocalTime{Kind::overlap, kAutumn - 1, kAutumn + kHour - 1}));
  EXPECT_EQ(berlin().to_utc(overlap + kHour), (LocalTime{Kind::unique, kAutumn + kHour, kAutumn + kHour}));
}

TEST(TimeZone, a_whole_day_may_be_a_gap) {
  // As in Samoa, which left out 30 December 2011.
  const UnixSeconds jump = 1'325'239'200;  // 2011-12-30T10:00:00Z
  const auto zone = parse_time_zone(tzif({-10 * kHour, 14 * kHour}, {{jump, 1}}, ""), "Apia");
  ASSERT_TRUE(zone);
  EXPECT_EQ(zone->to_utc(jump).kind, Kind::gap);  // 10:00 of the day left out
  EXPECT_EQ(zone->to_utc(jump).first, jump);
  EXPECT_EQ(zone->to_utc(jump + 14 * kHour).kind, Kind::unique);
}

TEST(TimeZone, the_file_says_what_was_and_its_footer_what_will_be) {
  const auto zone =
      parse_time_zone(tzif({5000, 2 * kHour, kHour}, {{-1'000'000, 1}, {1'000, 2}}, "CET-1"), "X");
  ASSERT_TRUE(zone);
  EXPECT_EQ(zone->offset_at(-1'000'001), 5000);
  EXPECT_EQ(zone->offset_at(-1'000'000), 2 * kHour);
  EXPECT_EQ(zone->offset_at(1'000), kHour);
  EXPECT_EQ(zone->offset_at(kSpring), kHour);
  const auto change = zone->next_change(0);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->at, 1'000);
  EXPECT_EQ(change->before, 2 * kHour);
  EXPECT_EQ(change->after, kHour);
  EXPECT_EQ(zone->next_change(1'000), std::nullopt);
}

TEST(TimeZone, transitions_that_only_change_the_name_are_no_change) {
  const auto zone = parse_time_zone(tzif({kHour, kHour}, {{500, 1}, {900, 0}}, "CET-1"), "X");
  ASSERT_TRUE(zone);
  EXPECT_EQ(zone->next_change(0), std::nullopt);
}

TEST(TimeZone, a_file_of_version_1_is_read_as_far_as_it_goes) {
  const auto zone = parse_time_zone(tzif_block('\0', 4, {0, kHour}, {{-5, 1}}), "X");
  ASSERT_TRUE(zone);
  EXPECT_EQ(zone->offset_at(-6), 0);
  EXPECT_EQ(zone->offset_at(kSpring), kHour);
}

TEST(TimeZone, broken_files_are_refused_with_a_reason) {
  const std::string good = tzif({0, kHour}, {{5, 1}}, "CET-1");
  ASSERT_TRUE(parse_time_zone(good, "X"));
  EXPECT_EQ(refusal(parse_time_zone("# tzdata", "X")),
            "config-invalid: the file of the time zone \"X\" is not a TZif file");
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(parse_time_zone(good.substr(0, size), "X")) << size;
  EXPECT_FALSE(parse_time_zone(tzif({0}, {{5, 1}}, ""), "X")) << "a type that is not there";
  EXPECT_FALSE(parse_time_zone(tzif({0, kHour}, {{5, 1}, {5, 0}}, ""), "X")) << "not rising";
  EXPECT_FALSE(parse_time_zone(tzif({100'000}, {}, ""), "X")) << "more than a day from UTC";
  EXPECT_FALSE(parse_time_zone(tzif({}, {}, ""), "X")) << "no types";
  EXPECT_FALSE(parse_time_zone(tzif({0, kHour}, {{5, 1}}, "EST5"), "X"))
      << "a footer that says something else";
  EXPECT_FALSE(parse_time_zone(tzif({0}, {}, "nonsense"), "X"));
  EXPECT_NE(
      refusal(parse_time_zone(tzif_block('2', 4, {0}, {}) + tzif_block('2', 8, {0}, {}, 1) + "\n\n", "X"))
          .find("leap seconds"),
      std::string::npos);
}

TEST(TimeZone, names_cannot_lead_out_of_the_directory) {
  for (const char* name : {"Europe/Berlin", "Etc/GMT+3", "America/Argentina/Buenos_Aires", "EST5EDT"})
    EXPECT_TRUE(is_time_zone_name(name)) << name;
  for (const char* name : {"", "/etc/passwd", "../passwd", "Europe/../../passwd", "Europe//Berlin", "Europe/",
                           ".", "Europe/Ber lin", "a\\b", "leap-seconds.list"}) {
    EXPECT_FALSE(is_time_zone_name(name)) << name;
    EXPECT_FALSE(load_time_zone(name)) << name;
  }
}

class Zoneinfo : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "zoneinfoXXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
    std::filesystem::create_directories(path_ + "/Etc");
    std::ofstream(path_ + "/Etc/UTC") << tzif({0}, {}, "UTC0");
    std::ofstream(path_ + "/Here") << tzif({0}, {}, "CET-1");
  }
  void TearDown() override { std::filesystem::remove_all(path_); }

  std::string path_;
};

TEST_F(Zoneinfo, zones_are_looked_up_in_the_directories_in_turn) {
  const std::string_view directories[] = {"/nonexistent", path_};
  const auto zone = load_time_zone("Here", directories);
  ASSERT_TRUE(zone);
  EXPECT_EQ(zone->name(), "Here");
  EXPECT_EQ(zone->offset_at(0), kHour);
}

TEST_F(Zoneinfo, says_whether_the_zone_or_all_zones_are_missing) {
  const std::string_view directories[] = {path_};
  EXPECT_EQ(refusal(load_time_zone("Mars/Olympus", directories)),
            "config-invalid: there is no time zone \"Mars/Olympus\" on this system; names are like "
            "Europe/Berlin or UTC");
  EXPECT_FALSE(load_time_zone("Etc", directories)) << "a directory";
  const std::string_view nothing[] = {"/nonexistent"};
  EXPECT_NE(refusal(load_time_zone("Europe/Berlin", nothing)).find("Install the package tzdata"),
            std::string::npos);
}

TEST(TimeZone, reads_what_the_system_has) {
  const auto zone = load_time_zone("Europe/Berlin");
  ASSERT_TRUE(zone) << refusal(zone) << " (the tests need Debian's package tzdata)";
  for (const UnixSeconds at : {kSpring - 1, kSpring, kAutumn - 1, kAutumn})
    EXPECT_EQ(zone->offset_at(at), berlin().offset_at(at)) << at;
  const auto howe = load_time_zone("Australia/Lord_Howe");
  ASSERT_TRUE(howe);
  EXPECT_EQ(howe->offset_at(kSpring), 11 * kHour);
  EXPECT_EQ(howe->next_change(kSpring)->after, 37'800);
}

}  // namespace
}  // namespace linkspan::flow
