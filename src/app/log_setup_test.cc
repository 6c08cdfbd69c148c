#include "app/log_setup.h"

#include <gtest/gtest.h>

namespace linkspan::app {
namespace {

TEST(LogSetup, outputs_are_streams_or_files) {
  config::LogConfig log;
  log.output = "linkspan.log";
  const LogSinkOptions options = log_sink_options(log);
  EXPECT_EQ(options.general.kind, LogOutput::Kind::file);
  EXPECT_EQ(options.general.path, "linkspan.log");
  EXPECT_EQ(options.access.kind, LogOutput::Kind::standard_output);
}

TEST(LogSetup, a_disabled_access_log_opens_no_file) {
  config::LogConfig log;
  log.access = {.enabled = false, .output = "access.log", .fields = {}};
  EXPECT_EQ(log_sink_options(log).access.kind, LogOutput::Kind::discard);
}

TEST(LogSetup, only_what_is_written_elsewhere_needs_a_restart) {
  config::LogConfig opened;
  config::LogConfig next;
  EXPECT_FALSE(wants_other_outputs(opened, next));
  next.level = Level::debug;
  next.access.fields = {"status"};
  EXPECT_FALSE(wants_other_outputs(opened, next));
  next.access = {.enabled = false, .output = "access.log", .fields = {}};
  EXPECT_FALSE(wants_other_outputs(opened, next)) << "nothing is written to it";
  next.access.enabled = true;
  EXPECT_TRUE(wants_other_outputs(opened, next));
  next = opened;
  next.format = LogFormat::human;
  EXPECT_TRUE(wants_other_outputs(opened, next));
}

TEST(LogSetup, an_access_log_that_was_off_at_the_start_needs_a_restart_for_its_file) {
  config::LogConfig opened;
  opened.access = {.enabled = false, .output = "access.log", .fields = {}};
  config::LogConfig next = opened;
  EXPECT_FALSE(wants_other_outputs(opened, next));
  next.access.enabled = true;
  EXPECT_TRUE(wants_other_outputs(opened, next));
}

}  // namespace
}  // namespace linkspan::app
