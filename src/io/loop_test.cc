#include "io/loop.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include "io/io_testing.h"

namespace linkspan::io {
namespace {

struct LoopTest : ::testing::Test, testing::LoopFixture {};

TEST_F(LoopTest, messages_of_one_thread_run_in_order_on_the_loop) {
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) loop->post([&order, i] { order.push_back(i); });
  EXPECT_TRUE(order.empty());
  ASSERT_TRUE(run_until([&] { return order.size() == 100; }));
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(LoopTest, what_comes_after_a_batch_is_done_once_for_all_of_its_messages) {
  int messages = 0;
  int batches = 0;
  loop->set_after_batch([&] { batches += messages > 0 ? 1 : 0; });
  for (int i = 0; i < 100; ++i) loop->post([&messages] { ++messages; });
  loop->run_once(1000);
  EXPECT_EQ(messages, 100);
  EXPECT_EQ(batches, 1);
}

TEST_F(LoopTest, messages_from_many_threads_all_arrive_on_the_loop_s_thread) {
  constexpr int kThreads = 4;
  constexpr int kMessages = 2000;
  int count = 0;
  bool foreign = false;
  const std::thread::id here = std::this_thread::get_id();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kMessages; ++j) {
        loop->post([&] {
          ++count;
          foreign |= std::this_thread::get_id() != here;
        });
      }
    });
  }
  EXPECT_TRUE(run_until([&] { return count == kThreads * kMessages; }));
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(foreign);
}

TEST_F(LoopTest, message_may_post_another) {
  int count = 0;
  loop->post([&] {
    ++count;
    loop->post([&] { ++count; });
  });
  EXPECT_TRUE(run_until([&] { return count == 2; }));
}

TEST_F(LoopTest, unrun_messages_are_destroyed_with_the_loop) {
  const auto token = std::make_shared<int>(1);
  loop->post([token] { FAIL() << "must not run"; });
  EXPECT_EQ(token.use_count(), 2);
  loop.reset();
  EXPECT_EQ(token.use_count(), 1);
}

TEST_F(LoopTest, stop_ends_run_after_earlier_messages) {
  bool ran = false;
  std::thread stopper([&] {
    loop->post([&] { ran = true; });
    loop->stop();
  });
  loop->run();
  stopper.join();
  EXPECT_TRUE(ran);
}

TEST_F(LoopTest, loop_may_run_again_after_stop) {
  loop->stop();
  loop->run();
  bool ran = false;
  loop->post([&] {
    ran = true;
    loop->stop();
  });
  loop->run();
  EXPECT_TRUE(ran);
}

struct Ticker : Timer {
  Ticker() : Timer([](Timer& t) { static_cast<Ticker&>(t).fired = true; }) {}
  bool fired = false;
};

TEST_F(LoopTest, timer_fires_at_its_time_while_nothing_else_happens) {
  Ticker ticker;
  const MonotonicNs due = in_ms(20);
  loop->arm(ticker, due);
  ASSERT_TRUE(run_until([&] { return ticker.fired; }));
  EXPECT_GE(clock.monotonic_ns(), due);
}

TEST_F(LoopTest, virtual_clock_drives_the_timers) {
  VirtualClock time;
  std::unique_ptr<Loop> virtual_loop = std::move(*Loop::create(time));
  Ticker ticker;
  virtual_loop->arm(ticker, 3600 * kNsPerSecond);
  virtual_loop->run_once(0);
  EXPECT_FALSE(ticker.fired);
  time.advance(3601 * kNsPerSecond);
  virtual_loop->run_once(0);
  EXPECT_TRUE(ticker.fired);
}

struct Counter : Watcher {
  Counter() : Watcher([](Watcher& w, std::uint32_t) { ++static_cast<Counter&>(w).count; }) {}
  int count = 0;
};

TEST_F(LoopTest, edge_is_told_once_and_level_again_and_again) {
  const UniqueFd edge(::eventfd(1, EFD_NONBLOCK));
  const UniqueFd level(::eventfd(1, EFD_NONBLOCK));
  Counter edge_watcher;
  Counter level_watcher;
  ASSERT_TRUE(loop->add(edge.get(), edge_watcher));
  ASSERT_TRUE(loop->add(level.get(), level_watcher, Loop::kLevelRead));
  for (int i = 0; i < 3; ++i) loop->run_once(0);
  EXPECT_EQ(edge_watcher.count, 1);
  EXPECT_EQ(level_watcher.count, 3);
  loop->remove(edge.get());
  loop->remove(level.get());
}

TEST_F(LoopTest, rebinding_moves_the_events_to_another_watcher) {
  const UniqueFd fd(::eventfd(1, EFD_NONBLOCK));
  Counter before;
  Counter after;
  ASSERT_TRUE(loop->add(fd.get(), before, Loop::kLevelRead));
  loop->rebind(fd.get(), after);
  loop->run_once(0);
  EXPECT_EQ(before.count, 0);
  EXPECT_EQ(after.count, 1);
  loop->remove(fd.get());
}

TEST_F(LoopTest, removed_descriptor_is_silent_and_may_be_added_again) {
  const UniqueFd fd(::eventfd(1, EFD_NONBLOCK));
  Counter watcher;
  ASSERT_TRUE(loop->add(fd.get(), watcher));
  loop->remove(fd.get());
  loop->run_once(0);
  EXPECT_EQ(watcher.count, 0);
  ASSERT_TRUE(loop->add(fd.get(), watcher));
  loop->run_once(0);
  EXPECT_EQ(watcher.count, 1);
  loop->remove(fd.get());
}

TEST(LoopClocks, a_wall_clock_that_is_set_shows_from_the_next_batch_on) {
  VirtualClock clock(1'000'000, 50);
  const std::unique_ptr<Loop> loop = std::move(*Loop::create(clock));
  EXPECT_EQ(loop->wall_ns_at(80), 1'000'030);
  clock.set_wall(5'000'000);
  EXPECT_EQ(loop->wall_ns_at(50), 1'000'000);
  loop->run_once(0);
  EXPECT_EQ(loop->wall_ns_at(50), 5'000'000);
  clock.advance(7);
  loop->run_once(0);
  EXPECT_EQ(loop->wall_ns_at(loop->now()), 5'000'007);
}

TEST_F(LoopTest, adding_what_cannot_be_watched_is_an_error) {
  Counter watcher;
  const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Result<void> added = loop->add(file.get(), watcher);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().slug(), "system-error");
}

}  // namespace
}  // namespace linkspan::io
