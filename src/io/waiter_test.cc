#include "io/waiter.h"

#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "io/io_testing.h"
#include "io/task.h"

namespace linkspan::io {
namespace {

using testing::LoopFixture;

Task<void> wait_into(Waiter& waiter, MonotonicNs deadline, std::vector<Wake>& wakes, int times) {
  for (int i = 0; i < times; ++i) {
    const Wake wake = co_await waiter.wait(deadline);
    wakes.push_back(wake);
  }
}

struct WaiterTest : ::testing::Test, LoopFixture {
  std::vector<Wake> wakes;
};

TEST_F(WaiterTest, notification_wakes_on_the_notifier_s_stack) {
  Waiter waiter(*loop);
  spawn(wait_into(waiter, Waiter::kNever, wakes, 1));
  EXPECT_TRUE(wakes.empty());
  waiter.notify();
  EXPECT_EQ(wakes, std::vector{Wake::notified});
}

TEST_F(WaiterTest, notification_before_the_wait_is_not_lost) {
  Waiter waiter(*loop);
  waiter.notify();
  spawn(wait_into(waiter, Waiter::kNever, wakes, 1));
  EXPECT_EQ(wakes, std::vector{Wake::notified});
}

TEST_F(WaiterTest, several_notifications_before_the_wait_count_once) {
  Waiter waiter(*loop);
  waiter.notify();
  waiter.notify();
  spawn(wait_into(waiter, Waiter::kNever, wakes, 2));
  EXPECT_EQ(wakes.size(), 1u);
  waiter.notify();
  EXPECT_EQ(wakes.size(), 2u);
}

TEST_F(WaiterTest, deadline_wakes_with_timeout) {
  Waiter waiter(*loop);
  spawn(wait_into(waiter, in_ms(5), wakes, 1));
  ASSERT_TRUE(run_until([&] { return !wakes.empty(); }));
  EXPECT_EQ(wakes, std::vector{Wake::timeout});
}

TEST_F(WaiterTest, deadline_of_a_notified_wait_does_not_hit_a_later_one) {
  Waiter waiter(*loop);
  spawn(wait_into(waiter, in_ms(5), wakes, 1));
  waiter.notify();
  spawn(wait_into(waiter, Waiter::kNever, wakes, 1));
  const MonotonicNs later = in_ms(30);
  ASSERT_TRUE(run_until([&] { return clock.monotonic_ns() > later; }));
  EXPECT_EQ(wakes, std::vector{Wake::notified});
  waiter.notify();
}

struct IdleWaiter : Waiter {
  explicit IdleWaiter(Loop& loop) : Waiter(loop, [](Waiter& w) { ++static_cast<IdleWaiter&>(w).idle; }) {}
  int idle = 0;
};

TEST_F(WaiterTest, idle_callback_is_told_when_nobody_waits) {
  IdleWaiter waiter(*loop);
  waiter.notify();
  EXPECT_EQ(waiter.idle, 1);
  spawn(wait_into(waiter, Waiter::kNever, wakes, 1));
  EXPECT_TRUE(wakes.empty()) << "what the callback was told must not end the wait";
  waiter.notify();
  EXPECT_EQ(waiter.idle, 1);
  EXPECT_EQ(wakes, std::vector{Wake::notified});
}

TEST_F(WaiterTest, destroyed_coroutine_waits_no_more) {
  Waiter waiter(*loop);
  {
    std::optional<Task<void>> inner;
    // The outer task owns nothing but the inner one, which is destroyed while it waits.
    struct Owner {
      static Task<void> run(Waiter& w, std::vector<Wake>& out) {
        Task<void> task = wait_into(w, Waiter::kNever, out, 1);
        co_await task;
      }
    };
    inner.emplace(Owner::run(waiter, wakes));
    (void)inner->await_suspend(std::noop_coroutine());
    EXPECT_TRUE(wakes.empty());
  }
  waiter.notify();
  EXPECT_TRUE(wakes.empty());
}

TEST_F(WaiterTest, waiter_may_be_destroyed_before_its_coroutine) {
  auto waiter = std::make_unique<Waiter>(*loop);
  Task<void> task = wait_into(*waiter, in_ms(1), wakes, 1);
  (void)task.await_suspend(std::noop_coroutine());
  waiter.reset();
  settle();
  EXPECT_TRUE(wakes.empty());
}

Task<void> destroy_owner(std::unique_ptr<Waiter>& waiter, bool& ended) {
  const Wake wake = co_await waiter->wait(Waiter::kNever);
  EXPECT_EQ(wake, Wake::notified);
  waiter.reset();
  ended = true;
}

TEST_F(WaiterTest, woken_coroutine_may_destroy_the_waiter) {
  auto waiter = std::make_unique<Waiter>(*loop);
  bool ended = false;
  spawn(destroy_owner(waiter, ended));
  waiter->notify();
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace linkspan::io
