#include "base/log_sink.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strings.h"

namespace linkspan {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A directory of its own for each test, gone afterwards.
class LogSinkTest : public ::testing::Test {
 protected:
  LogSinkTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "linkspan-log-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    options_.general = {LogOutput::Kind::file, path("general.log")};
    options_.access = {LogOutput::Kind::file, path("access.log")};
  }
  ~LogSinkTest() override { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  std::string content(const std::string& name) const {
    std::ifstream file(path(name));
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::unique_ptr<LogSink> open() {
    auto sink = LogSink::open(options_, clock_);
    if (!sink) ADD_FAILURE() << sink.error().to_string();
    return std::move(sink).value();
  }

  std::string directory_;
  LogSinkOptions options_;
  VirtualClock clock_{1'795'333'651 * kNsPerSecond};
};

void put_access(LogProducer& producer, std::string_view line) {
  if (char* out = producer.access().reserve(256)) {
    std::memcpy(out, line.data(), line.size());
    producer.access().commit(line.size());
  }
}

TEST_F(LogSinkTest, what_was_logged_is_in_the_file_after_an_orderly_end) {
  {
    const auto sink = open();
    sink->shared().room("app").info("started", {{"workers", 2}});
    sink->add_producer().room("gateway").warn("slow");
  }
  EXPECT_EQ(
      content("general.log"),
      "{\"time\":\"2026-11-22T07:47:31.000000Z\",\"level\":\"info\",\"room\":\"app\",\"message\":\"started\","
      "\"workers\":2}\n"
      "{\"time\":\"2026-11-22T07:47:31.000000Z\",\"level\":\"warn\",\"room\":\"gateway\",\"message\":"
      "\"slow\"}\n");
}

TEST_F(LogSinkTest, flush_makes_earlier_records_readable) {
  const auto sink = open();
  Logger log = sink->add_producer().room("io");
  log.info("first");
  sink->flush();
  EXPECT_THAT(content("general.log"), HasSubstr("first"));
}

TEST_F(LogSinkTest, access_lines_go_to_their_own_output) {
  {
    const auto sink = open();
    LogProducer& producer = sink->add_producer();
    put_access(producer, "GET / 200\n");
    producer.room("gateway").info("general");
  }
  EXPECT_EQ(content("access.log"), "GET / 200\n");
  EXPECT_THAT(content("general.log"), Not(HasSubstr("GET")));
}

TEST_F(LogSinkTest, access_lines_may_share_the_general_output) {
  options_.access = options_.general;
  {
    const auto sink = open();
    LogProducer& producer = sink->add_producer();
    producer.room("gateway").info("general");
    put_access(producer, "GET / 200\n");
  }
  EXPECT_THAT(content("general.log"), HasSubstr("general"));
  EXPECT_THAT(content("general.log"), HasSubstr("\nGET / 200\n"));
}

TEST_F(LogSinkTest, levels_hold_for_each_room_and_change_while_running) {
  const auto sink = open();
  LogProducer& producer = sink->add_producer();
  const Logger io = producer.room("io");
  const Logger auth = io.room("auth");
  EXPECT_TRUE(io.enabled(Level::info));
  EXPECT_FALSE(io.enabled(Level::debug));
  sink->set_room_level("auth", Level::trace);
  EXPECT_TRUE(auth.enabled(Level::trace));
  EXPECT_FALSE(io.enabled(Level::debug));
  sink->set_default_level(Level::error);
  EXPECT_FALSE(io.enabled(Level::warn));
  EXPECT_TRUE(auth.enabled(Level::trace));
  EXPECT_FALSE(producer.room("made-later").enabled(Level::warn));
  sink->clear_room_levels();
  EXPECT_FALSE(auth.enabled(Level::warn));
  io.warn("not shown");
  io.error("shown");
  sink->flush();
  EXPECT_THAT(content("general.log"), Not(HasSubstr("not shown")));
  EXPECT_THAT(content("general.log"), HasSubstr("\"shown\""));
}

TEST_F(LogSinkTest, a_rotated_file_is_opened_anew_on_request) {
  const auto sink = open();
  const Logger log = sink->shared().room("app");
  log.info("before");
  sink->flush();
  std::filesystem::rename(path("general.log"), path("general.log.1"));
  sink->request_reopen();
  log.info("after");
  sink->flush();
  EXPECT_THAT(content("general.log.1"), Not(HasSubstr("after")));
  EXPECT_THAT(content("general.log"), HasSubstr("after"));
}

TEST_F(LogSinkTest, a_file_that_cannot_be_opened_anew_leaves_the_old_one_in_use) {
  const auto sink = open();
  const Logger log = sink->shared().room("app");
  sink->flush();
  std::filesystem::rename(path("general.log"), path("moved.log"));
  std::filesystem::create_directory(path("general.log"));
  sink->request_reopen();
  log.info("after");
  sink->flush();
  EXPECT_THAT(content("moved.log"), HasSubstr("after"));
  EXPECT_THAT(content("moved.log"), HasSubstr("log not reopened"));
}

TEST_F(LogSinkTest, an_unwritable_path_is_an_error_that_names_it) {
  options_.general.path = path("no/such/directory.log");
  const auto sink = LogSink::open(options_, clock_);
  ASSERT_FALSE(sink.ok());
  EXPECT_EQ(sink.error().slug(), "system-error");
  EXPECT_THAT(sink.error().detail(), HasSubstr("no/such/directory.log"));
}

TEST_F(LogSinkTest, files_are_not_readable_by_everybody) {
  const auto sink = open();
  struct stat info {};
  ASSERT_EQ(stat(path("general.log").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0007, 0U);
}

TEST_F(LogSinkTest, an_output_that_nobody_reads_drops_records_and_never_blocks) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  const int reader = ::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  options_.general.path = path("pipe");
  options_.ring_bytes = 64 * 1024;
  auto sink = open();
  const Logger log = sink->add_producer().room("io");
  for (int i = 0; i < 20'000; ++i) log.info("filling", {{"number", i}});
  EXPECT_GT(sink->dropped_records(), 0U);

  // The reader comes back: the records that were kept arrive, and then how many were not.
  std::string received;
  std::thread drain([&received, reader] {
    char buffer[4096];
    while (received.find("log records: the output is too slow") == std::string::npos) {
      const ssize_t size = read(reader, buffer, sizeof buffer);
      if (size > 0) received.append(buffer, static_cast<std::size_t>(size));
      if (size <= 0) std::this_thread::yield();
    }
  });
  drain.join();
  EXPECT_THAT(received, HasSubstr("\"number\":0}"));
  close(reader);
}

TEST_F(LogSinkTest, lines_that_a_full_disk_does_not_take_are_counted_and_told) {
  options_.access = {LogOutput::Kind::file, "/dev/full"};
  const auto sink = open();
  LogProducer& producer = sink->add_producer();
  put_access(producer, "GET / 200\n");
  put_access(producer, "GET / 200\n");
  sink->flush();
  EXPECT_EQ(sink->failed_bytes(), 20U);
  EXPECT_EQ(sink->dropped_records(), 0U);
  EXPECT_THAT(content("general.log"), HasSubstr("bytes of the logs: an output cannot be written"));
}

TEST_F(LogSinkTest, a_full_disk_under_the_general_log_is_not_told_to_itself_for_ever) {
  options_.general = {LogOutput::Kind::file, "/dev/full"};
  const auto sink = open();
  sink->shared().room("app").info("lost");
  sink->flush();
  const std::uint64_t failed = sink->failed_bytes();
  EXPECT_GT(failed, 0U);
  sink->flush();
  EXPECT_EQ(sink->failed_bytes(), failed);
}

TEST_F(LogSinkTest, what_the_log_says_of_itself_obeys_levels) {
  options_.level = Level::off;
  const auto sink = open();
  std::filesystem::rename(path("general.log"), path("moved.log"));
  std::filesystem::create_directory(path("general.log"));
  sink->request_reopen();
  sink->flush();
  EXPECT_EQ(content("moved.log"), "");
  sink->set_room_level("log", Level::error);
  sink->request_reopen();
  sink->flush();
  EXPECT_THAT(content("moved.log"), HasSubstr("log not reopened"));
}

TEST_F(LogSinkTest, records_of_many_threads_arrive_whole_and_in_each_threads_order) {
  constexpr int kThreads = 4;
  constexpr int kRecords = 3000;
  {
    const auto sink = open();
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      // The last two threads share a producer.
      LogProducer& producer = t < 2 ? sink->add_producer() : sink->shared();
      threads.emplace_back([&producer, t] {
        const Logger log = producer.room("room" + std::to_string(t));
        for (int i = 0; i < kRecords; ++i) log.info("record", {{"number", i}});
      });
    }
    // Levels and rotation go on meanwhile.
    for (int i = 0; i < 20; ++i) {
      sink->set_default_level(i % 2 == 0 ? Level::debug : Level::info);
      sink->request_reopen();
      sink->flush();
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(sink->dropped_records(), 0U);
  }
  const std::string text = content("general.log");
  std::vector<int> next(kThreads, 0);
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    const std::size_t room = line.find("\"room\":\"room");
    ASSERT_NE(room, std::string_view::npos) << line;
    const auto thread = static_cast<std::size_t>(line[room + 12] - '0');
    EXPECT_TRUE(line.ends_with("\"number\":" + std::to_string(next.at(thread)) + "}")) << line;
    ++next.at(thread);
  }
  EXPECT_EQ(next, std::vector<int>(kThreads, kRecords));
}

TEST(Logger, without_a_sink_discards) {
  const Logger log;
  EXPECT_FALSE(log.enabled(Level::error));
  log.error("nobody hears this", {{"key", "value"}});
  log.room("other").error("nor this");
}

}  // namespace
}  // namespace linkspan
