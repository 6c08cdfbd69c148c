#include "store/sqlite_store.h"

#include <csignal>
#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error_kinds.h"
#include "base/fault_point.h"
#include "store/store_testing.h"
#include "store/testing/sim_disk.h"

namespace linkspan::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Sqlite : public testing::Test {
 protected:
  SqliteOptions options() { return sqlite_options(path_, messages_); }
  // On the simulated disk and without threads.
  SqliteOptions simulated(SimDisk& disk) {
    SqliteOptions all = options();
    all.file.path = "sim.db";
    all.file.vfs = disk.vfs();
    all.file.max_check_ms = 0;
    all.threads = false;
    all.post = [](const std::function<void()>& message) { message(); };
    return all;
  }
  std::unique_ptr<SqliteStore> open(SqliteOptions all) {
    auto opened = SqliteStore::open(std::move(all), clock_);
    EXPECT_TRUE(opened) << opened.error().to_string();
    return opened ? std::move(*opened) : nullptr;
  }
  void hand_over(SqliteStore& store, Write write) {
    ++handed_over_;
    store.commit(std::move(write), [this](Result<Committed> outcome) {
      answers_.push_back(outcome ? "committed" : std::string(outcome.error().slug()));
    });
  }
  std::vector<std::string> answers() {
    EXPECT_TRUE(messages_.run_until([this] { return answers_.size() == handed_over_; }));
    handed_over_ = 0;
    return std::exchange(answers_, {});
  }
  void step_all(SqliteStore& store) {
    while (store.step()) {
    }
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("linkspan.db");
  VirtualClock clock_{1'000'000 * kNsPerSecond};
  Messages messages_;
  std::vector<std::string> answers_;
  std::size_t handed_over_ = 0;
};

TEST_F(Sqlite, many_writes_are_answered_in_one_message) {
  auto store = open(options());
  for (RunNo run = 1; run <= 2000; ++run) hand_over(*store, begin_write(run));
  EXPECT_THAT(answers(), testing::Each("committed"));
  EXPECT_LT(messages_.count(), 1000u);
}

TEST_F(Sqlite, only_its_owner_may_read_the_files) {
  auto store = open(options());
  hand_over(*store, begin_write(1));
  answers();
  for (const char* end : {"", "-wal", "-shm", ".lock"}) {
    struct stat status {};
    ASSERT_EQ(::stat((path_ + end).c_str(), &status), 0) << end;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << end;
  }
}

TEST_F(Sqlite, a_second_writer_is_refused_and_told_who_has_it) {
  auto store = open(options());
  const auto second = SqliteStore::open(options(), clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().slug(), "store-in-use");
  EXPECT_THAT(second.error().detail(), HasSubstr("process " + std::to_string(::getpid())));
  store.reset();
  EXPECT_NE(open(options()), nullptr);
}

TEST_F(Sqlite, what_is_no_store_is_refused_and_left_alone) {
  std::ofstream(path_) << std::string(5000, 't');
  const auto refused = SqliteStore::open(options(), clock_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().slug(), "store-invalid");
  EXPECT_EQ(std::filesystem::file_size(path_), 5000u);
}

TEST_F(Sqlite, closing_commits_what_was_handed_over_and_says_that_it_ended_well) {
  auto store = open(options());
  EXPECT_TRUE(store->opened().created);
  for (RunNo run = 1; run <= 500; ++run) hand_over(*store, begin_write(run));
  store.reset();
  store = open(options());
  EXPECT_EQ(store->last_run().value(), 500);
  EXPECT_TRUE(store->opened().ended_cleanly);
  EXPECT_FALSE(store->opened().created);
}

TEST_F(Sqlite, after_an_unclean_end_the_file_is_checked) {
  SimDisk disk;
  auto store = open(simulated(disk));
  hand_over(*store, begin_write(1));
  step_all(*store);
  disk.power_off_after(0);
  store.reset();
  disk.crash(1);
  store = open(simulated(disk));
  EXPECT_FALSE(store->opened().ended_cleanly);
  EXPECT_TRUE(store->opened().checked);
  EXPECT_TRUE(store->read(1));
}

TEST_F(Sqlite, a_large_store_is_open_after_a_while_checked_or_not) {
  auto store = open(options());
  for (RunNo run = 1; run <= 200; ++run) hand_over(*store, begin_write(run, std::string(60'000, 'x')));
  answers();
  store.reset();
  auto database = Database::open(path_, Database::Mode::read_write);
  ASSERT_TRUE(database->run("UPDATE meta SET value = 0 WHERE name = 'clean'"));
  SqliteOptions hurried = options();
  hurried.file.max_check_ms = 1;
  store = open(std::move(hurried));
  ASSERT_NE(store, nullptr);
  EXPECT_FALSE(store->opened().ended_cleanly);
  EXPECT_EQ(store->last_run().value(), 200);
}

TEST_F(Sqlite, a_damaged_store_is_refused) {
  auto store = open(options());
  for (RunNo run = 1; run <= 50; ++run) hand_over(*store, begin_write(run, std::string(5'000, 'x')));
  answers();
  store.reset();
  {
    auto database = Database::open(path_, Database::Mode::read_write);
    ASSERT_TRUE(database->run("UPDATE meta SET value = 0 WHERE name = 'clean'"));
  }
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(20 * 4096);
  file << std::string(30 * 4096, '\xff');
  file.close();
  const auto refused = SqliteStore::open(options(), clock_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().slug(), "store-invalid");
}

TEST_F(Sqlite, a_full_store_refuses_and_works_again_once_there_is_room) {
  SqliteOptions small = options();
  small.file.max_pages = 60;
  auto store = open(std::move(small));
  hand_over(*store, begin_write(1));
  hand_over(*store, begin_write(2, std::string(400'000, 'x')));
  hand_over(*store, record_write(2, 1, "after it"));
  const std::vector<std::string> outcome = answers();
  EXPECT_EQ(outcome[1], "store-full");
  EXPECT_EQ(outcome[2], "store-full");
  hand_over(*store, begin_write(3));
  EXPECT_THAT(answers(), ElementsAre("committed"));
  EXPECT_FALSE(store->read(2));
}

TEST_F(Sqlite, a_disk_that_fails_once_costs_one_group) {
  for (const SimDisk::Failure failure :
       {SimDisk::Failure::full, SimDisk::Failure::write_error, SimDisk::Failure::sync_error}) {
    SimDisk disk;
    auto store = open(simulated(disk));
    hand_over(*store, begin_write(1));
    step_all(*store);
    disk.fail_after(0, failure);
    hand_over(*store, begin_write(2));
    hand_over(*store, record_write(1, 1, "b"));
    step_all(*store);
    hand_over(*store, record_write(1, 1, "again"));
    step_all(*store);
    const char* slug = failure == SimDisk::Failure::full ? "store-full" : "store-failed";
    EXPECT_THAT(std::exchange(answers_, {}), ElementsAre("committed", slug, slug, "committed"));
    EXPECT_FALSE(store->read(2));
    EXPECT_THAT(store->read(1)->records, ElementsAre("started", "again"));
  }
}

TEST_F(Sqlite, numbers_past_what_the_journal_can_hold_are_refused) {
  auto store = open(options());
  hand_over(*store, record_write(RunNo{1} << 60, 0, "a"));
  hand_over(*store, record_write(1, 0xffffffff, "b"));
  hand_over(*store, begin_write(2));
  EXPECT_THAT(answers(), ElementsAre("store-failed", "store-failed", "committed"));
}

TEST_F(Sqlite, the_log_stays_short_while_much_is_written) {
  SimDisk disk;
  SqliteOptions all = simulated(disk);
  all.checkpoint.log_pages = 64;
  auto store = open(std::move(all));
  for (RunNo run = 1; run <= 100; ++run) {
    hand_over(*store, begin_write(run, std::string(20'000, 'x')));
    step_all(*store);
  }
  // Without checkpoints it would hold more than 100 * 20,000 bytes.
  EXPECT_LT(disk.file_bytes("sim.db-wal"), 500'000u);
  EXPECT_GT(disk.file_bytes("sim.db"), 1'500'000u);
}

TEST_F(Sqlite, an_idle_store_empties_its_log) {
  SqliteOptions all = options();
  all.checkpoint.idle_ms = 1;
  auto store = open(std::move(all));
  hand_over(*store, begin_write(1));
  answers();
  for (int i = 0; i < 6000 && std::filesystem::file_size(path_ + "-wal") > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(std::filesystem::file_size(path_ + "-wal"), 0u);
}

TEST_F(Sqlite, old_runs_and_expired_claims_are_forgotten_and_their_space_given_back) {
  SimDisk disk;
  auto store = open(simulated(disk));
  for (RunNo run = 1; run <= 100; ++run) {
    Write write;
    write.run = run == 50 ? run_row(run) : ended_row(run);
    write.records.push_back({run, 0, std::string(run % 10 == 0 ? 100'000 : 2'000, 'x')});
    write.claims.push_back({"keys", std::to_string(run), run, run < 90 ? clock_.wall_ns() : 1LL << 60});
    hand_over(*store, std::move(write));
  }
  step_all(*store);
  const std::uint64_t before = store->counts()->bytes;
  // Run n ended n + 1 seconds after the epoch: those that ended before 81 s go.
  store->expire({.keep_ended_ns = clock_.wall_ns() - 81 * kNsPerSecond, .max_bytes = 0});
  step_all(*store);
  EXPECT_FALSE(store->read(79));
  EXPECT_TRUE(store->read(80));
  EXPECT_TRUE(store->read(50)) << "it has not ended";
  EXPECT_EQ(store->counts()->runs, 22u);
  EXPECT_LT(store->counts()->bytes, before - 400'000);
  answers_.clear();
  Write again = begin_write(101);
  again.claims.push_back({"keys", "95", 101, 1LL << 60});
  hand_over(*store, std::move(again));
  step_all(*store);
  EXPECT_FALSE(store->read(101)) << "a claim that has not expired is still there";
}

TEST_F(Sqlite, a_store_over_its_size_forgets_the_oldest_ended_runs) {
  SimDisk disk;
  auto store = open(simulated(disk));
  for (RunNo run = 1; run <= 100; ++run) {
    Write write;
    write.run = run == 1 ? run_row(run) : ended_row(run);
    write.records.push_back({run, 0, std::string(10'000, 'x')});
    hand_over(*store, std::move(write));
  }
  step_all(*store);
  store->expire({.keep_ended_ns = 0, .max_bytes = 500'000});
  step_all(*store);
  EXPECT_TRUE(store->read(1));
  EXPECT_FALSE(store->read(2));
  EXPECT_TRUE(store->read(100));
  const std::uint64_t left = store->counts()->runs;
  EXPECT_GT(left, 25u);
  EXPECT_LT(left, 50u);
  EXPECT_LT(store->counts()->bytes, 900'000u);
}

TEST_F(Sqlite, asking_again_does_not_keep_a_round_of_forgetting_from_its_end) {
  SimDisk disk;
  auto store = open(simulated(disk));
  for (RunNo run = 1; run <= 200; ++run) {
    Write write;
    write.run = ended_row(run);
    write.claims.push_back({"keys", std::to_string(run), run, 1});
    hand_over(*store, std::move(write));
  }
  step_all(*store);
  for (int i = 0; i < 10; ++i) {
    store->expire({.keep_ended_ns = 1, .max_bytes = 0});
    store->step();
  }
  auto database = Database::open("sim.db", Database::Mode::read_only, disk.vfs());
  EXPECT_EQ(database->number("SELECT count(*) FROM claim").value(), 0);
}

TEST_F(Sqlite, the_greatest_run_number_survives_retention) {
  SimDisk disk;
  auto store = open(simulated(disk));
  Write write;
  write.run = ended_row(7);
  hand_over(*store, std::move(write));
  step_all(*store);
  store->expire({.keep_ended_ns = 1, .max_bytes = 0});
  step_all(*store);
  EXPECT_EQ(store->last_run().value(), 7);
}

// What the child does until it is killed: commits, and tells the pipe of each commit that it was told of.
[[noreturn]] void commit_until_killed(const std::string& path, int pipe) {
  RealClock clock;
  Messages messages;
  auto store = SqliteStore::open(sqlite_options(path, messages), clock);
  if (!store) ::_exit(1);
  RunNo next = 1;
  std::function<void()> keep_writing = [&] {
    const RunNo run = next++;
    (*store)->commit(begin_write(run, "record of " + std::to_string(run)),
                     [&, run](Result<Committed> outcome) {
                       if (!outcome || ::write(pipe, &run, sizeof run) != sizeof run) ::_exit(1);
                       keep_writing();
                     });
  };
  for (int i = 0; i < 16; ++i) keep_writing();
  messages.run_until([] { return false; });
  ::_exit(1);
}

// The runs that a child was told of before it ended. `fault`: where it ends itself; else it is killed.
std::vector<RunNo> acknowledged_by_child(const std::string& path, const char* fault) {
  int pipe[2];
  if (::pipe(pipe) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
#ifdef LINKSPAN_FAULTS
    ::setenv("LINKSPAN_FAULT", fault == nullptr ? "" : fault, 1);
    read_fault_environment();
#endif
    commit_until_killed(path, pipe[1]);
  }
  ::close(pipe[1]);
  std::vector<RunNo> acknowledged;
  RunNo run = 0;
  while (::read(pipe[0], &run, sizeof run) == sizeof run) {
    acknowledged.push_back(run);
    if (acknowledged.size() == 300 && fault == nullptr) ::kill(child, SIGKILL);
  }
  ::close(pipe[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  if (fault != nullptr) {
    EXPECT_EQ(WEXITSTATUS(status), 137) << fault;
  }
  return acknowledged;
}

void expect_all(SqliteStore& store, const std::vector<RunNo>& acknowledged) {
  for (const RunNo run : acknowledged) {
    const auto stored = store.read(run);
    ASSERT_TRUE(stored) << run;
    EXPECT_THAT(stored->records, ElementsAre("record of " + std::to_string(run)));
  }
}

TEST_F(Sqlite, a_killed_process_leaves_all_that_was_acknowledged) {
  const std::vector<RunNo> acknowledged = acknowledged_by_child(path_, nullptr);
  ASSERT_GE(acknowledged.size(), 300u);
  auto store = open(options());
  EXPECT_FALSE(store->opened().ended_cleanly);
  expect_all(*store, acknowledged);
}

#ifdef LINKSPAN_FAULTS
TEST_F(Sqlite, a_process_that_ends_at_any_fault_point_leaves_all_that_was_acknowledged) {
  for (const char* fault :
       {"store:before-write:9", "store:after-write:9", "store:before-sync:20", "store:after-sync:20"}) {
    const std::string path = folder_.file(fault);
    const std::vector<RunNo> acknowledged = acknowledged_by_child(path, fault);
    EXPECT_FALSE(acknowledged.empty()) << fault;
    auto store = open(sqlite_options(path, messages_));
    EXPECT_FALSE(store->opened().ended_cleanly) << fault;
    expect_all(*store, acknowledged);
    // What was synced is there although nobody was told.
    const bool synced = std::string_view(fault).starts_with("store:after-sync");
    if (synced) {
      EXPECT_GT(store->last_run().value(), acknowledged.back());
    }
  }
}
#endif

}  // namespace
}  // namespace linkspan::store
