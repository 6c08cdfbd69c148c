#include "store/maintenance.h"

#include <atomic>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/error_kinds.h"
#include "store/sqlite_schema.h"
#include "store/store_testing.h"

namespace linkspan::store {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class Maintenance : public testing::Test {
 protected:
  std::unique_ptr<SqliteStore> open(const std::string& path) {
    auto opened = SqliteStore::open(sqlite_options(path, messages_), clock_);
    return opened ? std::move(*opened) : nullptr;
  }
  void commit(SqliteStore& store, Write write) {
    bool done = false;
    store.commit(std::move(write), [&](Result<Committed> outcome) { done = outcome.ok(); });
    ASSERT_TRUE(messages_.run_until([&] { return done; }));
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("linkspan.db");
  VirtualClock clock_;
  Messages messages_;
};

TEST_F(Maintenance, a_backup_taken_while_runs_are_written_is_a_whole_store) {
  auto store = open(path_);
  RunNo next = 1;
  RunNo answered = 0;
  const std::function<void()> keep_writing = [&] {
    if (next > 400) return;
    store->commit(begin_write(next++), [&](Result<Committed> outcome) {
      answered += outcome.ok() ? 1 : 0;
      keep_writing();
    });
  };
  for (int i = 0; i < 8; ++i) keep_writing();
  ASSERT_TRUE(messages_.run_until([&] { return answered >= 50; }));
  const RunNo before = answered;
  Result<void> copied = backup_store(path_, folder_.file("copy.db"));
  ASSERT_TRUE(copied) << copied.error().to_string();
  ASSERT_TRUE(messages_.run_until([&] { return answered == 400; }));

  struct stat status {};
  ASSERT_EQ(::stat(folder_.file("copy.db").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const auto report = check_store(folder_.file("copy.db"));
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_THAT(report->problems, IsEmpty());
  EXPECT_GE(report->runs, static_cast<std::uint64_t>(before));
  auto restored = open(folder_.file("copy.db"));
  ASSERT_NE(restored, nullptr);
  EXPECT_EQ(restored->id(), store->id());
}

// A system that honours idempotency keys takes a run of the same number for one that it knows.
TEST_F(Maintenance, a_backup_that_is_brought_back_gives_no_number_a_second_time) {
  auto store = open(path_);
  commit(*store, begin_write(1));
  ASSERT_TRUE(backup_store(path_, folder_.file("monday.db")));
  commit(*store, begin_write(2));
  store.reset();
  EXPECT_EQ(open(path_)->last_run().value(), 2) << "a store that is no backup counts on";

  std::filesystem::copy_file(folder_.file("monday.db"), folder_.file("tuesday.db"));
  const auto brought_back = open(folder_.file("monday.db"));
  EXPECT_TRUE(brought_back->opened().restored);
  const RunNo last = brought_back->last_run().value();
  EXPECT_GT(last, kRunsAfterCopy);
  const auto brought_back_again = open(folder_.file("tuesday.db"));
  EXPECT_NE(brought_back_again->last_run().value(), last) << "of two that come of one backup";
}

TEST_F(Maintenance, a_backup_that_is_brought_back_is_an_ordinary_store_from_then_on) {
  auto store = open(path_);
  commit(*store, begin_write(1));
  ASSERT_TRUE(backup_store(path_, folder_.file("monday.db")));
  store = open(folder_.file("monday.db"));
  const RunNo next = store->last_run().value() + 1;
  commit(*store, begin_write(next));
  store = nullptr;
  store = open(folder_.file("monday.db"));
  EXPECT_FALSE(store->opened().restored);
  EXPECT_EQ(store->last_run().value(), next);
  EXPECT_THAT(check_store(folder_.file("monday.db"))->problems, IsEmpty());
}

TEST_F(Maintenance, a_backup_does_not_replace_a_file) {
  auto store = open(path_);
  std::ofstream(folder_.file("copy.db")) << "precious";
  const Result<void> copied = backup_store(path_, folder_.file("copy.db"));
  ASSERT_FALSE(copied);
  EXPECT_THAT(copied.error().detail(), HasSubstr("is there already"));
}

TEST_F(Maintenance, a_check_counts_and_finds_what_is_missing) {
  auto store = open(path_);
  Write write = begin_write(1, std::string(200'000, 'x'));
  write.records.push_back({1, 1, "b"});
  write.claims.push_back({"keys", "k", 1, 5});
  write.version = FlowVersion{1, "intake", "d", "x"};
  commit(*store, std::move(write));
  auto report = check_store(path_);
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_THAT(report->problems, IsEmpty());
  EXPECT_EQ(report->runs, 1u);
  EXPECT_EQ(report->open_runs, 1u);
  EXPECT_EQ(report->records, 2u);
  EXPECT_EQ(report->claims, 1u);
  EXPECT_EQ(report->versions, 1u);
  store.reset();

  auto database = Database::open(path_, Database::Mode::read_write);
  ASSERT_TRUE(database->run("DELETE FROM chunk WHERE part = 1; CREATE TABLE other(x); DELETE FROM name"));
  report = check_store(path_);
  ASSERT_TRUE(report);
  EXPECT_THAT(report->problems,
              testing::UnorderedElementsAre("unknown table or index other", "record 0 of run 1 is not whole",
                                            "run 1 is of a flow without a name"));
}

TEST_F(Maintenance, what_is_no_store_is_refused) {
  std::ofstream(folder_.file("text")) << std::string(5000, 't');
  EXPECT_EQ(check_store(folder_.file("text")).error().slug(), "store-invalid");
  EXPECT_EQ(check_store(folder_.file("missing")).error().slug(), "store-invalid");
  EXPECT_EQ(backup_store(folder_.file("missing"), folder_.file("copy")).error().slug(), "store-invalid");
  EXPECT_FALSE(std::filesystem::exists(folder_.file("missing")));
}

TEST_F(Maintenance, vacuum_needs_the_store_for_itself_and_drops_versions_that_nobody_has) {
  auto store = open(path_);
  for (VersionNo version = 1; version <= 3; ++version) {
    Write write;
    write.version = FlowVersion{version, "intake", "d" + std::to_string(version), "x"};
    commit(*store, std::move(write));
  }
  commit(*store, begin_write(1));  // of version 1
  EXPECT_EQ(vacuum_store(path_).error().slug(), "store-in-use");
  store.reset();
  const Result<void> done = vacuum_store(path_);
  ASSERT_TRUE(done) << done.error().to_string();
  store = open(path_);
  ASSERT_NE(store, nullptr);
  std::vector<VersionNo> left;
  const auto versions = store->versions();
  for (const FlowVersion& version : *versions) left.push_back(version.version);
  EXPECT_THAT(left, testing::ElementsAre(1, 3));
  EXPECT_TRUE(store->read(1));
}

}  // namespace
}  // namespace linkspan::store
