#include "base/log_format.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace linkspan {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kTime = "2026-11-22T07:47:31.123456Z";

std::string as_json(Level level, std::string_view message, LogFields fields) {
  char line[kMaxLogRecordBytes];
  return {line, format_log_json({kTime, level, "gateway", message, {fields.begin(), fields.size()}}, line)};
}

std::string as_human(Level level, std::string_view message, LogFields fields, bool coloured = false) {
  char line[kMaxLogRecordBytes];
  return {line, format_log_human({kTime, level, "gateway", message, {fields.begin(), fields.size()}},
                                 coloured, line)};
}

TEST(LogJson, is_one_object_a_line_with_fields_in_order) {
  EXPECT_EQ(
      as_json(Level::warn, "slow \"server\"",
              {{"api", "stock"}, {"tries", 3}, {"bytes", std::size_t{9}}, {"ratio", 0.5}, {"retry", true}}),
      R"({"time":"2026-11-22T07:47:31.123456Z","level":"warn","room":"gateway","message":"slow \"server\"",)"
      R"("api":"stock","tries":3,"bytes":9,"ratio":0.5,"retry":true})"
      "\n");
}

TEST(LogJson, line_breaks_in_logged_input_cannot_forge_a_record) {
  const std::string line = as_json(Level::info, "x", {{"path", "/\n{\"level\":\"error\"}"}});
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST(LogJson, oversized_records_are_cut_and_stay_valid) {
  const std::string huge(100'000, '\x01');
  const std::string line = as_json(Level::info, huge, {{"first", 1}, {"second", huge}, {"third", 3}});
  EXPECT_LE(line.size(), kMaxLogRecordBytes);
  EXPECT_THAT(line, HasSubstr("\"first\":1"));
  EXPECT_THAT(line, EndsWith("}\n"));
}

TEST(LogHuman, reads_in_columns) {
  EXPECT_EQ(as_human(Level::info, "listening",
                     {{"address", "127.0.0.1:8080"}, {"workers", 2}, {"note", "two words"}}),
            "07:47:31.123 info  gateway   listening  address=127.0.0.1:8080 workers=2 note=\"two words\"\n");
  EXPECT_EQ(as_human(Level::error, "plain", {}), "07:47:31.123 error gateway   plain\n");
}

TEST(LogHuman, has_colours_only_where_asked) {
  EXPECT_EQ(as_human(Level::error, "m", {{"k", "v"}}).find('\x1b'), std::string::npos);
  EXPECT_THAT(as_human(Level::error, "m", {{"k", "v"}}, true), HasSubstr("\x1b[31merror"));
}

TEST(LogHuman, control_characters_cannot_reach_the_terminal) {
  const std::string line = as_human(Level::info, "a\x1b[2Jb\nc", {{"k", "\x1b[31m"}, {"empty", ""}});
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_THAT(line, HasSubstr("empty=\"\""));
}

TEST(LogHuman, oversized_records_are_cut) {
  const std::string huge(100'000, '\n');
  const std::string line =
      as_human(Level::info, huge, {{"a", huge}, {"b", huge}, {"c", huge}, {"d", huge}}, true);
  EXPECT_LE(line.size(), kMaxLogRecordBytes);
  EXPECT_THAT(line, StartsWith("\x1b[2m07:47:31.123"));
  EXPECT_THAT(line, EndsWith("\n"));
}

}  // namespace
}  // namespace linkspan
