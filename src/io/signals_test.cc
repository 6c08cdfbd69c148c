#include "io/signals.h"

#include <algorithm>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/io_testing.h"

namespace linkspan::io {
namespace {

// Signals are a matter of the whole process, so each test has one of its own. Returns what the child exits
// with.
int in_child(int (*test)()) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(test());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

int all_kinds_arrive() {
  block_signals();
  testing::LoopFixture fixture;
  std::vector<int> seen;
  const std::unique_ptr<Signals> signals =
      *Signals::create(*fixture.loop, [&](int signal) { seen.push_back(signal); });
  // Also where another thread is there to be hit by it.
  std::thread idle([] { std::this_thread::sleep_for(std::chrono::milliseconds(50)); });
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) ::kill(::getpid(), signal);
  const bool all = fixture.run_until([&] { return seen.size() == 4; });
  idle.join();
  std::ranges::sort(seen);
  return all && seen == std::vector<int>{SIGHUP, SIGINT, SIGUSR1, SIGTERM} ? 0 : 1;
}

TEST(Signals, are_delivered_on_the_loop) {
  EXPECT_EQ(in_child(&all_kinds_arrive), 0);
}

int broken_pipe_is_ignored() {
  block_signals();
  int ends[2];
  if (::pipe(ends) != 0) return 1;
  ::close(ends[0]);
  return ::write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 2;
}

TEST(Signals, broken_pipe_does_not_end_the_process) {
  EXPECT_EQ(in_child(&broken_pipe_is_ignored), 0);
}

int callback_destroys() {
  block_signals();
  testing::LoopFixture fixture;
  std::unique_ptr<Signals> signals;
  int count = 0;
  signals = *Signals::create(*fixture.loop, [&](int) {
    ++count;
    signals.reset();
  });
  ::kill(::getpid(), SIGHUP);
  ::kill(::getpid(), SIGUSR1);
  const bool came = fixture.run_until([&] { return count > 0; });
  fixture.settle();
  return came && count == 1 ? 0 : 1;
}

TEST(Signals, receiver_may_be_destroyed_by_its_callback) {
  EXPECT_EQ(in_child(&callback_destroys), 0);
}

}  // namespace
}  // namespace linkspan::io
