#include "io/task.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "io/io_testing.h"
#include "io/waiter.h"

namespace linkspan::io {
namespace {

using testing::LoopFixture;

struct TaskTest : ::testing::Test, LoopFixture {
  Waiter waiter{*loop};
};

// Tells whether what a coroutine owns was destroyed.
struct Token {
  explicit Token(int& count) : live(&count) { ++*live; }
  Token(Token&& other) noexcept : live(std::exchange(other.live, nullptr)) {}
  ~Token() {
    if (live != nullptr) --*live;
  }
  int* live;
};

Task<int> immediate(int value) {
  co_return value;
}

Task<long> sum_of_immediates(int count) {
  long sum = 0;
  for (int i = 0; i < count; ++i) {
    const int value = co_await immediate(i);
    sum += value;
  }
  co_return sum;
}

Task<void> store_sum(int count, long& out) {
  const long sum = co_await sum_of_immediates(count);
  out = sum;
}

TEST_F(TaskTest, a_long_loop_over_tasks_that_end_at_once_needs_no_stack) {
  long sum = 0;
  spawn(store_sum(300'000, sum));
  EXPECT_EQ(sum, 299'999L * 300'000 / 2);
}

Task<int> nested(Waiter& waiter, Token token, int depth) {
  Token own(*token.live);
  if (depth == 0) {
    const Wake wake = co_await waiter.wait(Waiter::kNever);
    co_return wake == Wake::notified ? 1 : 0;
  }
  const int below = co_await nested(waiter, Token(*token.live), depth - 1);
  co_return below + 1;
}

Task<void> run_nested(Waiter& waiter, int& live, int depth, int& out) {
  const int result = co_await nested(waiter, Token(live), depth);
  out = result;
}

TEST_F(TaskTest, a_deep_chain_returns_through_all_its_levels) {
  int live = 0;
  int result = 0;
  spawn(run_nested(waiter, live, 1000, result));
  EXPECT_EQ(result, 0);
  EXPECT_GT(live, 1000);
  waiter.notify();
  EXPECT_EQ(result, 1001);
  EXPECT_EQ(live, 0);
}

TEST_F(TaskTest, destroying_a_suspended_task_frees_the_whole_chain) {
  int live = 0;
  {
    Task<int> task = nested(waiter, Token(live), 50);
    (void)task.await_suspend(std::noop_coroutine());
    EXPECT_GT(live, 50);
  }
  EXPECT_EQ(live, 0);
  waiter.notify();
}

TEST_F(TaskTest, destroying_a_task_that_never_ran_frees_its_arguments) {
  int live = 0;
  { const Task<int> task = nested(waiter, Token(live), 3); }
  EXPECT_EQ(live, 0);
}

TEST_F(TaskTest, moving_a_suspended_task_keeps_it_running) {
  int live = 0;
  Task<int> task = nested(waiter, Token(live), 2);
  (void)task.await_suspend(std::noop_coroutine());
  Task<int> moved = std::move(task);
  waiter.notify();
  EXPECT_EQ(moved.await_resume(), 3);
}

Task<std::unique_ptr<std::string>> make_string(Waiter& waiter) {
  auto text = std::make_unique<std::string>("moved out");
  co_await waiter.wait(Waiter::kNever);
  co_return text;
}

Task<void> take_string(Waiter& waiter, std::string& out) {
  const std::unique_ptr<std::string> text = co_await make_string(waiter);
  out = *text;
}

TEST_F(TaskTest, results_that_can_only_be_moved_are_handed_over) {
  std::string out;
  spawn(take_string(waiter, out));
  waiter.notify();
  EXPECT_EQ(out, "moved out");
}

Task<void> alternate(Waiter& waiter, int rounds, int& done) {
  for (int i = 0; i < rounds; ++i) {
    if (i % 3 == 0) co_await waiter.wait(Waiter::kNever);
    const int value = co_await immediate(i);
    done += value == i ? 1 : 0;
  }
}

TEST_F(TaskTest, suspended_and_immediate_awaits_mix) {
  int done = 0;
  spawn(alternate(waiter, 300, done));
  for (int i = 0; i < 100; ++i) waiter.notify();
  EXPECT_EQ(done, 300);
}

TEST_F(TaskTest, spawn_runs_up_to_the_first_suspension) {
  int done = 0;
  spawn(alternate(waiter, 4, done));
  EXPECT_EQ(done, 0);
  waiter.notify();
  EXPECT_EQ(done, 3);
  waiter.notify();
  EXPECT_EQ(done, 4);
}

}  // namespace
}  // namespace linkspan::io
