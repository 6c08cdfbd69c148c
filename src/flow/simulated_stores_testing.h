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
  void make_trouble(Random& random) override;
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
  std::size_t pump(std::size_t max) override;
  void kill() override;

  void make_trouble(Random& random) override;
  void fail_after(std::uint64_t operations, store::SimDisk::Failure failure);
  void plan_power_cut(Random& random) override { disk_.power_off_after(random.below(80)); }
  bool is_dead() const override { return disk_.is_off(); }
  void keep_house() override;

 private:
  void open();

  // What is not on the disk by now never will be.
  void close();

  const Clock& clock_;
  Random random_;
  store::SimDisk disk_;
  std::deque<std::function<void()>> messages_;  // to the engine, on their way
  std::unique_ptr<store::SqliteStore> store_;
};

}  // namespace linkspan::flow::testing
