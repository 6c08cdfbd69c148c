#include <cmath>
#include <map>

#include "upstream/outlier.h"
#include "upstream/upstream_testing.h"

namespace linkspan::upstream::testing {
namespace {

class Pick : public UpstreamTest {
 protected:
  Cluster& cluster_of(BalancePolicy policy, std::vector<std::uint32_t> weights) {
    std::vector<ServerSettings> servers;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      servers.push_back(server_at(static_cast<std::uint16_t>(7001 + i), weights[i]));
    }
    ClusterSettings settings = api_of(std::move(servers));
    settings.balance = policy;
    settings.ejection.max_share = 1;
    return adopt(std::move(settings));
  }
  static void eject(Cluster& cluster, std::size_t index) {
    cluster.server(index).state().ejected_until_ns = INT64_MAX;
  }
  static void fail_checks(Cluster& cluster, std::size_t index) {
    cluster.server(index).state().healthy = false;
  }

  static std::map<const Server*, int> count(Cluster& cluster, int picks) {
    std::map<const Server*, int> counts;
    for (int i = 0; i < picks; ++i) {
      ++counts[cluster.pick({.hash = hash_key("key " + std::to_string(i)), .tried = {}})];
    }
    return counts;
  }
};

constexpr BalancePolicy kPolicies[] = {BalancePolicy::round_robin, BalancePolicy::least_requests,
                                       BalancePolicy::random, BalancePolicy::consistent_hash};

TEST_F(Pick, round_robin_takes_turns) {
  Cluster& cluster = cluster_of(BalancePolicy::round_robin, {1, 1, 1});
  const Server* first = cluster.pick({});
  const Server* second = cluster.pick({});
  const Server* third = cluster.pick({});
  EXPECT_NE(first, second);
  EXPECT_NE(second, third);
  EXPECT_NE(first, third);
  EXPECT_EQ(cluster.pick({}), first);
}

TEST_F(Pick, round_robin_follows_weights_exactly_and_spreads_turns) {
  Cluster& cluster = cluster_of(BalancePolicy::round_robin, {50, 20, 30});
  for (int period = 0; period < 3; ++period) {
    auto counts = count(cluster, 10);
    EXPECT_EQ(counts[&cluster.server(0)], 5);
    EXPECT_EQ(counts[&cluster.server(1)], 2);
    EXPECT_EQ(counts[&cluster.server(2)], 3);
  }
  int in_a_row = 0;
  for (int i = 0; i < 100; ++i) {
    in_a_row = cluster.pick({}) == &cluster.server(0) ? in_a_row + 1 : 0;
    EXPECT_LE(in_a_row, 2);
  }
}

TEST_F(Pick, random_and_least_requests_follow_weights) {
  for (const BalancePolicy policy : {BalancePolicy::random, BalancePolicy::least_requests}) {
    Cluster& cluster = cluster_of(policy, {1, 2, 5});
    auto counts = count(cluster, 80'000);
    EXPECT_NEAR(counts[&cluster.server(0)], 10'000, 1'000);
    EXPECT_NEAR(counts[&cluster.server(1)], 20'000, 1'000);
    EXPECT_NEAR(counts[&cluster.server(2)], 50'000, 1'000);
  }
}

TEST_F(Pick, consistent_hash_sends_a_key_to_the_same_server_and_spreads_keys) {
  Cluster& cluster = cluster_of(BalancePolicy::consistent_hash, {1, 1, 1, 1});
  const PickInput input{.hash = hash_key("consumer 7"), .tried = {}};
  const Server* server = cluster.pick(input);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(cluster.pick(input), server);
  for (const auto& [_, picks] : count(cluster, 40'000)) EXPECT_NEAR(picks, 10'000, 2'500);
}

TEST_F(Pick, consistent_hash_moves_only_the_keys_of_a_server_that_leaves) {
  std::map<int, std::string> before;
  Cluster& five = cluster_of(BalancePolicy::consistent_hash, {1, 2, 1, 3, 1});
  const std::string leaves = five.server(4).label();
  for (int i = 0; i < 5000; ++i) {
    before[i] = five.pick({.hash = hash_key("key " + std::to_string(i)), .tried = {}})->label();
  }
  Cluster& four = cluster_of(BalancePolicy::consistent_hash, {1, 2, 1, 3});
  for (int i = 0; i < 5000; ++i) {
    const std::string now = four.pick({.hash = hash_key("key " + std::to_string(i)), .tried = {}})->label();
    if (before[i] == leaves) continue;
    ASSERT_EQ(now, before[i]) << "key " << i << " moved though its server stayed";
  }
}

TEST_F(Pick, consistent_hash_spreads_the_keys_of_a_failed_server_over_the_others) {
  Cluster& cluster = cluster_of(BalancePolicy::consistent_hash, {1, 1, 1, 1});
  std::map<int, const Server*> before;
  for (int i = 0; i < 4000; ++i)
    before[i] = cluster.pick({.hash = hash_key("key " + std::to_string(i)), .tried = {}});
  fail_checks(cluster, 0);
  std::map<const Server*, int> moved;
  for (int i = 0; i < 4000; ++i) {
    const Server* now = cluster.pick({.hash = hash_key("key " + std::to_string(i)), .tried = {}});
    if (before[i] == &cluster.server(0)) {
      ++moved[now];
    } else {
      ASSERT_EQ(now, before[i]);
    }
  }
  EXPECT_EQ(moved.size(), 3U);
}

TEST_F(Pick, least_requests_prefers_the_server_with_less_to_do) {
  TestServer busy(*loop);
  TestServer free(*loop);
  ClusterSettings settings = api_of({server_at(busy.port()), server_at(free.port())});
  settings.balance = BalancePolicy::least_requests;
  Cluster& cluster = adopt(std::move(settings));
  io::Waiter waiter(*loop);
  auto held = run(cluster.server(0).open(waiter, loop->now() + kNsPerSecond));
  ASSERT_TRUE(held);
  auto counts = count(cluster, 1000);
  EXPECT_EQ(counts[&cluster.server(1)], 1000);
  cluster.server(0).release(*held, true);
  counts = count(cluster, 1000);
  EXPECT_GT(counts[&cluster.server(0)], 300);
}

TEST_F(Pick, two_choices_keep_the_longest_queue_short) {
  TestServer target(*loop);
  std::vector<ServerSettings> servers;
  for (int i = 1; i <= 20; ++i) {
    ServerSettings server = server_at(target.port());
    server.host = "127.0.0." + std::to_string(i);
    servers.push_back(server);
  }
  ClusterSettings settings = api_of(std::move(servers));
  settings.balance = BalancePolicy::least_requests;
  Cluster& cluster = adopt(std::move(settings));
  // Openings count from their first step; none of them completes while the loop does not run.
  std::list<io::Waiter> waiters;
  std::vector<std::optional<Result<Connection*>>> results(200);
  std::list<Job> jobs;
  for (auto& result : results) {
    waiters.emplace_back(*loop);
    jobs.push_back(start(keep(cluster.pick({})->open(waiters.back(), loop->now() + kNsPerSecond), result)));
  }
  std::uint32_t longest = 0;
  for (std::size_t i = 0; i < cluster.size(); ++i) longest = std::max(longest, cluster.server(i).in_flight());
  EXPECT_LE(longest, 13U);  // 10 on average; random choice alone gives 17 to 20
}

TEST_F(Pick, every_policy_prefers_servers_not_tried_yet) {
  for (const BalancePolicy policy : kPolicies) {
    Cluster& cluster = cluster_of(policy, {1, 1, 1});
    PickInput input{.hash = 42, .tried = {}};
    std::map<const Server*, int> seen;
    for (int attempt = 0; attempt < 3; ++attempt) {
      Server* server = cluster.pick(input);
      ++seen[server];
      input.tried.add(*server);
    }
    EXPECT_EQ(seen.size(), 3U);
    EXPECT_NE(cluster.pick(input), nullptr) << "all tried: better one again than none";
  }
}

TEST_F(Pick, every_policy_leaves_out_ejected_and_unhealthy_servers) {
  for (const BalancePolicy policy : kPolicies) {
    Cluster& cluster = cluster_of(policy, {9, 1, 9, 9});
    eject(cluster, 0);
    fail_checks(cluster, 2);
    eject(cluster, 3);
    const auto counts = count(cluster, 200);
    EXPECT_EQ(counts.size(), 1U);
    EXPECT_EQ(counts.begin()->first, &cluster.server(1));
    for (std::size_t i = 0; i < 4; ++i) cluster.server(i).state().ejected_until_ns = 0;
    cluster.server(2).state().healthy = true;
  }
}

TEST_F(Pick, ejected_servers_are_tried_when_there_are_no_others) {
  for (const BalancePolicy policy : kPolicies) {
    Cluster& cluster = cluster_of(policy, {1, 1, 1});
    for (std::size_t i = 0; i < 3; ++i) eject(cluster, i);
    fail_checks(cluster, 0);
    for (int i = 0; i < 50; ++i) {
      const Server* server = cluster.pick({.hash = static_cast<std::uint64_t>(i) << 58, .tried = {}});
      ASSERT_NE(server, nullptr);
      ASSERT_NE(server, &cluster.server(0)) << "fails its active checks";
    }
    for (std::size_t i = 0; i < 3; ++i) cluster.server(i).state().ejected_until_ns = 0;
    cluster.server(0).state().healthy = true;
  }
}

TEST_F(Pick, an_ejected_server_comes_before_one_that_has_just_failed_this_request) {
  for (const BalancePolicy policy : kPolicies) {
    Cluster& cluster = cluster_of(policy, {1, 1});
    eject(cluster, 1);
    PickInput input;
    input.tried.add(cluster.server(0));
    EXPECT_EQ(cluster.pick(input), &cluster.server(1));
    cluster.server(1).state().ejected_until_ns = 0;
  }
}

TEST_F(Pick, none_when_all_fail_their_checks_and_the_error_says_why) {
  for (const BalancePolicy policy : kPolicies) {
    Cluster& cluster = cluster_of(policy, {1, 1});
    fail_checks(cluster, 0);
    fail_checks(cluster, 1);
    cluster.server(1).state().set_health_detail("GET /healthz: answered 500");
    EXPECT_EQ(cluster.pick({.hash = 7, .tried = {}}), nullptr);
    const Error error = cluster.none_available();
    EXPECT_EQ(error.slug(), "upstream-none-available");
    EXPECT_EQ(
        error.detail(),
        "api \"stock\": no server passes its health checks: http://127.0.0.1:7001, http://127.0.0.1:7002 "
        "(GET /healthz: answered 500)");
  }
}

TEST(BalanceTables, large_unequal_weights_keep_a_bounded_schedule) {
  std::vector<ServerSettings> servers(3000, server_at(80, 1000));
  servers[0].weight = 999;
  const BalanceTables tables(BalancePolicy::round_robin, servers);
  EXPECT_LE(tables.schedule().size(), BalanceTables::kMaxPeriod + servers.size());
}

TEST(HashKey, tells_similar_keys_apart_in_every_bit) {
  std::array<int, 64> ones{};
  for (int i = 0; i < 4000; ++i) {
    const std::uint64_t hash = hash_key(std::to_string(i));
    for (std::size_t bit = 0; bit < 64; ++bit) ones[bit] += static_cast<int>((hash >> bit) & 1);
  }
  for (const int count : ones) EXPECT_NEAR(count, 2000, 250);
  EXPECT_NE(hash_key(std::string_view("a", 1)), hash_key(std::string_view("a\0", 2)));
}

}  // namespace
}  // namespace linkspan::upstream::testing
