#include "base/fault_point.h"

#include <gtest/gtest.h>

#ifdef LINKSPAN_FAULTS

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h>

namespace linkspan {
namespace {

// Each test plays in a child.
[[noreturn]] void reach_points(const char* fault, const char* log) {
  ::setenv("LINKSPAN_FAULT", fault, 1);
  if (log != nullptr) ::setenv("LINKSPAN_FAULT_LOG", log, 1);
  read_fault_environment();
  for (int i = 0; i < 3; ++i) {
    LINKSPAN_FAULT_POINT("room:before");
    LINKSPAN_FAULT_POINT("room:after");
  }
  ::_exit(0);
}

TEST(FaultPoint, the_process_ends_at_the_point_and_time_that_the_environment_names) {
  EXPECT_EXIT(reach_points("room:after:3", nullptr), testing::ExitedWithCode(137), "");
  EXPECT_EXIT(reach_points("room:after:4", nullptr), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(reach_points("room:other:1", nullptr), testing::ExitedWithCode(0), "");
}

TEST(FaultPoint, the_log_has_each_point_that_was_reached) {
  std::string folder = (std::filesystem::temp_directory_path() / "linkspan-fault-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string log = folder + "/log";
  EXPECT_EXIT(reach_points("room:after:2", log.c_str()), testing::ExitedWithCode(137), "");
  std::stringstream text;
  text << std::ifstream(log).rdbuf();
  EXPECT_EQ(text.str(), "room:before\nroom:after\nroom:before\nroom:after\n");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace linkspan

#else

namespace linkspan {
namespace {

TEST(FaultPoint, nothing_is_compiled_in) {
  LINKSPAN_FAULT_POINT("room:before");
}

}  // namespace
}  // namespace linkspan

#endif
