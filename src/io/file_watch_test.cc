#include "io/file_watch.h"

#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/io_testing.h"
#include "io/tls_testing.h"

namespace linkspan::io {
namespace {

namespace fs = std::filesystem;
using testing::write_file;

struct FileWatchTest : ::testing::Test, testing::LoopFixture {
  void watch(std::vector<std::string> paths) {
    Result<std::unique_ptr<FileWatch>> made = FileWatch::create(*loop, std::move(paths), [this] { ++told; });
    ASSERT_TRUE(made.ok()) << made.error().to_string();
    file_watch = *std::move(made);
  }
  bool told_within_time() {
    const int before = told;
    const bool came = run_until([&] { return told > before; });
    return came;
  }
  // Longer than a change takes to be told.
  bool stays_quiet() {
    const int before = told;
    const MonotonicNs until = in_ms(FileWatch::kQuietMs + 100);
    run_until([&] { return clock.monotonic_ns() > until; });
    return told == before;
  }

  testing::TempDirectory directory;
  std::string file = directory / "linkspan.yaml";
  int told = 0;
  std::unique_ptr<FileWatch> file_watch;
};

TEST_F(FileWatchTest, writing_in_place_is_noticed_once) {
  write_file(file, "a");
  watch({file});
  EXPECT_TRUE(stays_quiet());
  for (int i = 0; i < 5; ++i) write_file(file, "b" + std::to_string(i));
  EXPECT_TRUE(told_within_time());
  EXPECT_TRUE(stays_quiet());
}

TEST_F(FileWatchTest, replacing_by_rename_is_noticed_again_and_again) {
  write_file(file, "a");
  watch({file});
  for (int i = 0; i < 3; ++i) {
    write_file(directory / "new", "version " + std::to_string(i));
    fs::rename(directory / "new", file);
    EXPECT_TRUE(told_within_time()) << i;
  }
}

TEST_F(FileWatchTest, other_files_of_the_directory_do_not_matter) {
  write_file(file, "a");
  watch({file});
  write_file(directory / "other", "x");
  fs::remove(directory / "other");
  EXPECT_TRUE(stays_quiet());
}

TEST_F(FileWatchTest, removal_and_return_are_noticed) {
  write_file(file, "a");
  watch({file});
  fs::remove(file);
  EXPECT_TRUE(told_within_time());
  write_file(file, "b");
  EXPECT_TRUE(told_within_time());
}

TEST_F(FileWatchTest, swapped_directory_link_is_noticed_as_of_a_config_map) {
  // As Kubernetes lays out a volume: linkspan.yaml -> ..data/linkspan.yaml, ..data -> ..v1, swapped by
  // rename.
  fs::create_directory(directory / "..v1");
  write_file(directory / "..v1/linkspan.yaml", "one");
  fs::create_symlink("..v1", directory / "..data");
  fs::create_symlink("..data/linkspan.yaml", file);
  watch({file});
  for (const char* next : {"..v2", "..v3"}) {
    fs::create_directory(directory / next);
    write_file(directory / std::string(next) + "/linkspan.yaml", std::string("content of ") + next);
    fs::create_symlink(next, directory / "..data_tmp");
    fs::rename(directory / "..data_tmp", directory / "..data");
    EXPECT_TRUE(told_within_time()) << next;
  }
  write_file(directory / "..v3/linkspan.yaml", "edited behind the links");
  EXPECT_TRUE(told_within_time());
}

TEST_F(FileWatchTest, file_in_a_directory_that_does_not_exist_yet_is_noticed_when_it_appears) {
  const std::string deep = directory / "later/deeper/file";
  watch({deep});
  fs::create_directory(directory / "later");
  EXPECT_TRUE(stays_quiet()) << "a directory alone is no change of the file";
  fs::create_directory(directory / "later/deeper");
  write_file(deep, "x");
  EXPECT_TRUE(told_within_time());
}

TEST_F(FileWatchTest, replaced_directory_is_followed) {
  fs::create_directory(directory / "conf");
  write_file(directory / "conf/file", "a");
  watch({directory / "conf/file"});
  fs::rename(directory / "conf", directory / "old");
  EXPECT_TRUE(told_within_time());
  fs::create_directory(directory / "conf");
  write_file(directory / "conf/file", "b");
  EXPECT_TRUE(told_within_time());
  write_file(directory / "conf/file", "c");
  EXPECT_TRUE(told_within_time());
}

TEST_F(FileWatchTest, paths_may_be_changed) {
  write_file(file, "a");
  watch({file});
  const std::string other = directory / "other";
  write_file(other, "a");
  ASSERT_TRUE(file_watch->set_paths({other}));
  write_file(file, "changed but no longer watched");
  EXPECT_TRUE(stays_quiet());
  write_file(other, "changed");
  EXPECT_TRUE(told_within_time());
}

TEST_F(FileWatchTest, change_that_was_not_yet_told_survives_new_paths) {
  write_file(file, "a");
  watch({file});
  write_file(file, "bb");
  loop->run_once(0);  // the change is seen, and its quiet time begins
  ASSERT_EQ(told, 0);
  ASSERT_TRUE(file_watch->set_paths({file, directory / "other"}));
  EXPECT_TRUE(told_within_time());
}

TEST_F(FileWatchTest, circular_links_do_no_harm) {
  fs::create_symlink("b", directory / "a");
  fs::create_symlink("a", directory / "b");
  watch({directory / "a"});
  fs::remove(directory / "b");
  write_file(directory / "b", "x");
  EXPECT_TRUE(told_within_time());
}

TEST_F(FileWatchTest, callback_may_destroy_the_watch) {
  write_file(file, "a");
  Result<std::unique_ptr<FileWatch>> made = FileWatch::create(*loop, {file}, [this] {
    ++told;
    file_watch.reset();
  });
  file_watch = *std::move(made);
  write_file(file, "bb");
  EXPECT_TRUE(told_within_time());
}

}  // namespace
}  // namespace linkspan::io
