#include "io/worker.h"

#include <atomic>
#include <future>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sched.h>

namespace linkspan::io {
namespace {

TEST(Worker, starts_runs_messages_and_ends_on_its_own_thread) {
  RealClock clock;
  std::vector<std::string> order;
  std::vector<std::thread::id> threads;
  const auto note = [&](const char* what) {
    order.emplace_back(what);
    threads.push_back(std::this_thread::get_id());
  };
  Worker::Options options;
  options.on_start = [&](Loop&) { note("start"); };
  options.on_end = [&](Loop&) { note("end"); };
  {
    const std::unique_ptr<Worker> worker = *Worker::start(clock, options);
    worker->post([&] { note("message"); });
  }
  EXPECT_EQ(order, (std::vector<std::string>{"start", "message", "end"}));
  for (const std::thread::id id : threads) {
    EXPECT_EQ(id, threads.front());
    EXPECT_NE(id, std::this_thread::get_id());
  }
}

TEST(Worker, thread_has_the_name_and_the_cpu_it_was_given) {
  RealClock clock;
  cpu_set_t allowed;
  ASSERT_EQ(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
  int cpu = 0;
  while (!CPU_ISSET(static_cast<std::size_t>(cpu), &allowed)) ++cpu;
  Worker::Options options;
  options.name = "linkspan-worker-with-a-long-name";
  options.cpu = cpu;
  const std::unique_ptr<Worker> worker = *Worker::start(clock, options);
  std::promise<std::pair<std::string, int>> seen;
  worker->post([&] {
    char name[16];
    ::pthread_getname_np(::pthread_self(), name, sizeof name);
    seen.set_value({name, ::sched_getcpu()});
  });
  EXPECT_EQ(seen.get_future().get(), std::pair(std::string("linkspan-worker"), cpu));
}

TEST(Worker, may_stop_itself) {
  RealClock clock;
  const std::unique_ptr<Worker> worker = *Worker::start(clock, {});
  worker->post([&] { worker->stop(); });
  worker->join();
}

}  // namespace
}  // namespace linkspan::io
