// For simulations: where runs lie, and what goes wrong there. In memory, or in SQLite on a disk that loses
// and tears what was not synced when the power goes (store/testing/sim_disk.h). The same seed gives the same
// instants: SQLite, too, does nothing but when it is told to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "base/random.h"
#include "flow/testing/simulated_engine.h"
#include "store/memory_store.h"
#include "store/sqlite_store.h"
#include "store/testing/sim_disk.h"

namespace linkspan::flow::testing {

class FailingStore : public SteppedStore {
 public:
  // A write that is to come fails.
  virtual void make_trouble(Random& random) = 0;
  // The power may go somewhere in what is to come; is_dead() from then on, until kill().
  virtual void plan_power_cut(Random& random) = 0;
  virtual bool is_dead() const { return false; }
  // Work beside that of runs.
  virtual void keep_house() {}
};

class FailingMemory final : public FailingStore {
 public:
  explicit FailingMemory(const Clock& clock)
      : clock_(clock), store_(std::make_unique<store::MemoryStore>(clock)) {}

  store::Store& store() override { return *store_; }
  std::size_t pump(std::size_t max) override { return store_->pump(max); }
  void kill() override { store_ = std::make_unique<store::MemoryStore>(clock_, store_->state()); }
  void make_trouble(Random& random) override {
    store_->fail_next(random.below(2) == 0 ? errors::store_failed : errors::store_full);
  }
  void plan_power_cut(Random&) override {}

 private:
  const Clock& clock_;
  std::unique_ptr<store::MemoryStore> store_;
};

class FailingDisk final : public FailingStore {
 public:
  FailingDisk(const Clock& clock, std::uint64_t seed) : clock_(clock), random_(seed) { open(); }
  ~FailingDisk() override { close(); }

  store::Store& store() override { return *store_; }
  std::size_t pump(std::size_t max) override {
    std::size_t done = 0;
    for (; done < max && !is_dead(); ++done) {
      if (messages_.empty()) {
        if (!store_->step()) break;
      } else {
        const std::function<void()> message = std::move(messages_.front());
        messages_.pop_front();
        message();
      }
    }
    return done;
  }
  void kill() override {
    close();
    disk_.crash(random_.next_u64());
    open();
  }

  void make_trouble(Random& random) override {
    using Failure = store::SimDisk::Failure;
    constexpr Failure kFailures[] = {Failure::full, Failure::write_error, Failure::sync_error};
    disk_.fail_after(random.below(12), kFailures[random.below(3)]);
  }
  void fail_after(std::uint64_t operations, store::SimDisk::Failure failure) {
    disk_.fail_after(operations, failure);
  }
  void plan_power_cut(Random& random) override { disk_.power_off_after(random.below(80)); }
  bool is_dead() const override { return disk_.is_off(); }
  void keep_house() override {
    store_->expire({.keep_ended_ns = std::int64_t{3650} * 24 * 3600 * kNsPerSecond, .max_bytes = 1ull << 40});
  }

 private:
  void open() {
    store::SqliteOptions options;
    options.file.path = "sim.db";
    options.file.vfs = disk_.vfs();
    options.file.max_check_ms = 0;
    options.threads = false;
    options.checkpoint.log_pages = static_cast<std::uint32_t>(8 + random_.below(60));
    options.group.max_writes = 1 + random_.below(6);
    options.post = [this](std::function<void()> message) { messages_.push_back(std::move(message)); };
    auto opened = store::SqliteStore::open(std::move(options), clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    store_ = std::move(*opened);
  }

  // What is not on the disk by now never will be.
  void close() {
    disk_.power_off_after(0);
    store_.reset();
    messages_.clear();
  }

  const Clock& clock_;
  Random random_;
  store::SimDisk disk_;
  std::deque<std::function<void()>> messages_;  // to the engine, on their way
  std::unique_ptr<store::SqliteStore> store_;
};

}  // namespace linkspan::flow::testing
