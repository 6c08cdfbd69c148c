// Power cuts at random moments, on a disk that loses and tears what was not synced: what was acknowledged is
// there, no Write is there in part, and those of a run are there in order.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "store/sqlite_store.h"
#include "store/store_testing.h"
#include "store/testing/sim_disk.h"

namespace linkspan::store {
namespace {

constexpr std::uint64_t kSeeds = 300;
constexpr int kCutsPerSeed = 3;
constexpr RunNo kRuns = 12;

// What was handed over, in order: a record for one run or for two, and a value that counts.
struct HandedOver {
  std::uint64_t number;
  std::vector<std::pair<RunNo, std::uint32_t>> records;
  bool acknowledged = false;
};

class CrashRun {
 public:
  explicit CrashRun(std::uint64_t seed) : seed_(seed), random_(seed) {}

  void run() {
    open();
    begin_runs();
    for (int cut = 0; cut < kCutsPerSeed && !testing::Test::HasFailure(); ++cut) {
      disk_.power_off_after(random_.below(400));
      while (!disk_.is_off()) act();
      store_.reset();
      disk_.crash(random_.next_u64());
      open();
      if (testing::Test::HasFailure()) return;
      check();
    }
    store_.reset();
    check_file();
  }

 private:
  void open() {
    SqliteOptions options = sim_options(disk_, random_, 20);
    options.post = [](const std::function<void()>& message) { message(); };
    auto opened = SqliteStore::open(std::move(options), clock_);
    ASSERT_TRUE(opened) << "seed " << seed_ << ": " << opened.error().to_string();
    store_ = std::move(*opened);
  }

  void begin_runs() {
    for (RunNo run = 1; run <= kRuns; ++run) {
      Write write;
      write.run = run_row(run);
      store_->commit(std::move(write), [](const Result<Committed>& outcome) { ASSERT_TRUE(outcome); });
    }
    while (store_->step()) {
    }
  }

  void act() {
    const std::uint64_t choice = random_.below(20);
    if (choice < 12) return hand_over();
    if (choice < 19) {
      (void)store_->step();
      return;
    }
    store_->expire({.keep_ended_ns = 0, .max_bytes = 1ull << 40});  // gives free space back
  }

  void hand_over() {
    const std::size_t place = writes_.size();
    HandedOver made;
    made.number = next_number_++;
    Write write;
    const RunNo first = 1 + static_cast<RunNo>(random_.below(kRuns));
    add_record(first, made, write);
    if (random_.below(4) == 0) add_record(1 + first % kRuns, made, write);
    write.run = run_row(first);
    write.values.push_back({"latest", std::to_string(made.number)});
    writes_.push_back(std::move(made));
    const std::uint64_t life = life_;
    store_->commit(std::move(write), [this, place, life](const Result<Committed>& outcome) {
      if (life == life_ && outcome) writes_[place].acknowledged = true;
    });
  }

  void add_record(RunNo run, HandedOver& made, Write& write) {
    const std::uint32_t seq = next_seq_[run]++;
    made.records.emplace_back(run, seq);
    write.records.push_back({run, seq, content_of(made.number, run)});
  }

  // Some are large enough to lie in a table of their own.
  static std::string content_of(std::uint64_t number, RunNo run) {
    Random random(number * 64 + static_cast<std::uint64_t>(run));
    const std::size_t size = random.below(30) == 0 ? 70'000 + random.below(50'000) : random.below(3'000);
    return "#" + std::to_string(number) + " " + std::string(size, static_cast<char>('a' + random.below(26)));
  }

  void check() {
    std::map<RunNo, std::vector<std::string>> found;
    for (RunNo run = 1; run <= kRuns; ++run) {
      auto stored = store_->read(run);
      if (stored) found[run] = std::move(stored->records);
    }
    std::uint64_t latest = 0;
    std::map<RunNo, bool> lost;  // one of that run is not there: nor may any after it
    std::vector<HandedOver> kept;
    for (const HandedOver& write : writes_) {
      const std::size_t there = count_there(write, found);
      ASSERT_TRUE(there == 0 || there == write.records.size())
          << "seed " << seed_ << ": half of " << write.number;
      ASSERT_TRUE(there > 0 || !write.acknowledged) << "seed " << seed_ << ": lost " << write.number;
      for (const auto& [run, seq] : write.records) {
        ASSERT_FALSE(there > 0 && lost[run]) << "seed " << seed_ << ": out of order " << write.number;
        lost[run] = lost[run] || there == 0;
      }
      if (there == 0) continue;
      latest = write.number;
      kept.push_back(write);
    }
    check_latest(latest);
    start_again(std::move(kept), found);
  }

  std::size_t count_there(const HandedOver& write,
                          const std::map<RunNo, std::vector<std::string>>& found) const {
    std::size_t count = 0;
    for (const auto& [run, seq] : write.records) {
      const auto records = found.find(run);
      if (records == found.end() || records->second.size() <= seq) continue;
      EXPECT_EQ(records->second[seq], content_of(write.number, run)) << "seed " << seed_;
      ++count;
    }
    return count;
  }

  // Writes are committed in the order of handing over, so the value is that of the last one which is there.
  void check_latest(std::uint64_t latest) {
    const auto values = store_->values();
    const std::string value = values->empty() ? "0" : *values->front().value;
    EXPECT_EQ(value, std::to_string(latest)) << "seed " << seed_;
  }

  void start_again(std::vector<HandedOver> kept, const std::map<RunNo, std::vector<std::string>>& found) {
    ++life_;
    writes_ = std::move(kept);
    for (HandedOver& write : writes_) write.acknowledged = true;  // it has been seen on the disk
    next_seq_.clear();
    for (const auto& [run, records] : found) next_seq_[run] = static_cast<std::uint32_t>(records.size());
  }

  void check_file() {
    auto database = Database::open("sim.db", Database::Mode::read_write, disk_.vfs());
    ASSERT_TRUE(database) << "seed " << seed_;
    EXPECT_EQ(database->text("PRAGMA integrity_check").value(), "ok") << "seed " << seed_;
  }

  const std::uint64_t seed_;
  Random random_;
  SimDisk disk_;
  VirtualClock clock_{kNsPerSecond};
  std::unique_ptr<SqliteStore> store_;
  std::vector<HandedOver> writes_;
  std::map<RunNo, std::uint32_t> next_seq_;
  std::uint64_t next_number_ = 1;
  std::uint64_t life_ = 0;
};

// LINKSPAN_CRASH_SEED repeats one seed.
TEST(Crash, acknowledged_writes_survive_power_cuts_whole_and_in_order) {
  const char* one = std::getenv("LINKSPAN_CRASH_SEED");
  const std::uint64_t first = one != nullptr ? std::strtoull(one, nullptr, 10) : 1;
  const std::uint64_t last = one != nullptr ? first : kSeeds;
  for (std::uint64_t seed = first; seed <= last && !HasFailure(); ++seed) CrashRun(seed).run();
}

}  // namespace
}  // namespace linkspan::store
