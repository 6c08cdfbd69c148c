// Several workers at once: what they share must be safe to share, and the limit on connections holds for all
// of them.
#include <atomic>
#include <thread>

#include "upstream/upstream_testing.h"

namespace linkspan::upstream::testing {
namespace {

constexpr int kWorkers = 3;
constexpr int kRequestsEach = 60;

struct Tally {
  std::atomic<int> answered{0};
  std::atomic<int> failed{0};
  std::atomic<int> finished{0};
};

io::Task<void> ask(Cluster& cluster, Tally& tally) {
  for (int i = 0; i < kRequestsEach; ++i) {
    auto sending = send(cluster, {}, cluster.loop().now() + 20 * kNsPerSecond);
    Result<Response> response = co_await sending;
    ++(response ? tally.answered : tally.failed);
  }
}

void work(Clock& clock, MetricShard& shard, const ClusterList& list, Tally& tally) {
  auto loop = std::move(*io::Loop::create(clock));
  FakeResolver resolver;
  ClusterSet set(*loop, resolver, shard, Logger());
  set.adopt(list);
  {
    std::vector<Job> jobs;
    for (int i = 0; i < 2; ++i) jobs.push_back(start(ask(*set.clusters().front(), tally)));
    const auto done = [&] { return std::ranges::all_of(jobs, [](const Job& job) { return job.done(); }); };
    while (!done()) loop->run_once(10);
  }
  ++tally.finished;
}

TEST(Workers, share_servers_limits_and_verdicts) {
  RealClock clock;
  auto loop = std::move(*io::Loop::create(clock));
  std::atomic<std::size_t> most_open{0};
  TestServer one(*loop);
  TestServer two(*loop);
  one.script([&, calls = 0](const std::string&) mutable {
    most_open = std::max(most_open.load(), one.open_connections());
    return ++calls % 7 < 5 ? Reply{} : Reply{.bytes = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"};
  });
  ClusterSettings settings = api_of({server_at(one.port()), server_at(two.port())});
  settings.pool.max_connections = 2;
  settings.timeouts.connect_ns = 15 * kNsPerSecond;
  settings.retry.budget = 1;
  auto list = *build_clusters({settings}, nullptr, clock.wall_ns());
  MetricsRegistry registry;
  Tally tally;
  std::vector<std::thread> workers;
  for (int i = 0; i < kWorkers; ++i) {
    MetricShard& shard = registry.add_shard();
    workers.emplace_back([&, list] { work(clock, shard, *list, tally); });
  }
  while (tally.finished < kWorkers) loop->run_once(10);
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(tally.answered, kWorkers * kRequestsEach * 2);
  EXPECT_EQ(tally.failed, 0);
  EXPECT_LE(most_open, 2U + 1U) << "one more may be seen while its predecessor's end is not";
  EXPECT_EQ(list->clusters.front()->state(0)->connections.load(), 0U);
  EXPECT_EQ(list->clusters.front()->state(0)->waiting.load(), 0U);
}

}  // namespace
}  // namespace linkspan::upstream::testing
