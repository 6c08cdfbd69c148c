#include "flow/simulated_stores_testing.h"

namespace linkspan::flow::testing {

void FailingMemory::make_trouble(Random& random) {
  store_->fail_next(random.below(2) == 0 ? errors::store_failed : errors::store_full);
}

std::size_t FailingDisk::pump(std::size_t max) {
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

void FailingDisk::kill() {
  close();
  disk_.crash(random_.next_u64());
  open();
}

void FailingDisk::make_trouble(Random& random) {
  using Failure = store::SimDisk::Failure;
  constexpr Failure kFailures[] = {Failure::full, Failure::write_error, Failure::sync_error};
  disk_.fail_after(random.below(12), kFailures[random.below(3)]);
}

void FailingDisk::fail_after(std::uint64_t operations, store::SimDisk::Failure failure) {
  disk_.fail_after(operations, failure);
}

void FailingDisk::keep_house() {
  store_->expire({.keep_ended_ns = std::int64_t{3650} * 24 * 3600 * kNsPerSecond, .max_bytes = 1ull << 40});
}

void FailingDisk::open() {
  store::SqliteOptions options = store::sim_options(disk_, random_, 6);
  options.post = [this](std::function<void()> message) { messages_.push_back(std::move(message)); };
  auto opened = store::SqliteStore::open(std::move(options), clock_);
  ASSERT_TRUE(opened) << opened.error().to_string();
  store_ = std::move(*opened);
}

void FailingDisk::close() {
  disk_.power_off_after(0);
  store_.reset();
  messages_.clear();
}

}  // namespace linkspan::flow::testing
