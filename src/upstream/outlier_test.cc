#include "upstream/outlier.h"

#include <gtest/gtest.h>

namespace linkspan::upstream {
namespace {

constexpr MonotonicNs kStart = 1000 * kNsPerSecond;

std::shared_ptr<const SharedCluster> cluster_of(std::size_t servers) {
  ClusterSettings settings;
  settings.name = "stock";
  for (std::size_t i = 0; i < servers; ++i) {
    ServerSettings server;
    server.host = "10.0.0." + std::to_string(i);
    settings.servers.push_back(server);
  }
  return (*build_clusters({settings}, nullptr, 0))->clusters.front();
}

MonotonicNs fail(const SharedCluster& cluster, std::size_t server, int times, MonotonicNs now) {
  MonotonicNs ejected = 0;
  for (int i = 0; i < times; ++i) {
    ejected = note_failure(*cluster.state(server), cluster.settings().ejection, cluster, now);
  }
  return ejected;
}

TEST(Ejection, consecutive_failures_eject_for_the_configured_time) {
  const auto cluster = cluster_of(3);
  EXPECT_EQ(fail(*cluster, 0, 4, kStart), 0);
  EXPECT_EQ(fail(*cluster, 0, 1, kStart), 10 * kNsPerSecond);
  EXPECT_TRUE(cluster->state(0)->is_ejected(kStart + 9 * kNsPerSecond));
  EXPECT_FALSE(cluster->state(0)->is_ejected(kStart + 10 * kNsPerSecond));
}

TEST(Ejection, a_success_forgets_failures) {
  const auto cluster = cluster_of(3);
  fail(*cluster, 0, 4, kStart);
  note_success(*cluster->state(0), kStart);
  EXPECT_EQ(fail(*cluster, 0, 4, kStart), 0);
}

TEST(Ejection, one_failure_after_the_return_ejects_again_and_longer) {
  const auto cluster = cluster_of(3);
  fail(*cluster, 0, 5, kStart);
  EXPECT_EQ(fail(*cluster, 0, 1, kStart + 11 * kNsPerSecond), 20 * kNsPerSecond);
  EXPECT_EQ(fail(*cluster, 0, 1, kStart + 32 * kNsPerSecond), 30 * kNsPerSecond);
}

TEST(Ejection, does_not_last_longer_than_five_minutes) {
  const auto cluster = cluster_of(3);
  MonotonicNs now = kStart;
  MonotonicNs ejected = fail(*cluster, 0, 5, now);
  for (int i = 0; i < 100; ++i) {
    now += ejected;
    ejected = fail(*cluster, 0, 1, now);
  }
  EXPECT_EQ(ejected, 300 * kNsPerSecond);
}

TEST(Ejection, a_server_that_stayed_in_long_enough_starts_anew) {
  const auto cluster = cluster_of(3);
  fail(*cluster, 0, 5, kStart);
  note_success(*cluster->state(0), kStart + 11 * kNsPerSecond);
  EXPECT_EQ(fail(*cluster, 0, 5, kStart + 200 * kNsPerSecond), 10 * kNsPerSecond);
}

TEST(Ejection, a_success_of_an_ejected_server_ends_it) {
  const auto cluster = cluster_of(3);
  fail(*cluster, 0, 5, kStart);
  EXPECT_TRUE(note_success(*cluster->state(0), kStart + kNsPerSecond));
  EXPECT_FALSE(cluster->state(0)->is_ejected(kStart + kNsPerSecond));
}

TEST(Ejection, failures_of_requests_still_under_way_do_not_prolong_it) {
  const auto cluster = cluster_of(3);
  fail(*cluster, 0, 5, kStart);
  EXPECT_EQ(fail(*cluster, 0, 50, kStart + kNsPerSecond), 0);
  EXPECT_FALSE(cluster->state(0)->is_ejected(kStart + 10 * kNsPerSecond));
}

TEST(Ejection, keeps_to_the_share_of_servers) {
  const auto cluster = cluster_of(4);
  EXPECT_NE(fail(*cluster, 0, 5, kStart), 0);
  EXPECT_NE(fail(*cluster, 1, 5, kStart), 0);
  EXPECT_EQ(fail(*cluster, 2, 50, kStart), 0);
}

TEST(Ejection, the_only_server_is_never_ejected) {
  const auto cluster = cluster_of(1);
  EXPECT_EQ(fail(*cluster, 0, 50, kStart), 0);
}

TEST(Ejection, one_of_two_may_be_ejected_but_not_both) {
  const auto cluster = cluster_of(2);
  EXPECT_NE(fail(*cluster, 1, 5, kStart), 0);
  EXPECT_EQ(fail(*cluster, 0, 50, kStart), 0);
}

TEST(Outcome, statuses_that_speak_of_the_request_do_not_count_against_the_server) {
  EXPECT_EQ(outcome_of_status(500), Outcome::status_5xx);
  EXPECT_EQ(outcome_of_status(503), Outcome::status_5xx);
  for (const int status : {200, 404, 429, 501, 505}) EXPECT_EQ(outcome_of_status(status), Outcome::success);
}

}  // namespace
}  // namespace linkspan::upstream
