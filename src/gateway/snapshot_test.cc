#include "gateway/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config_testing.h"

namespace linkspan::gateway {
namespace {

using testing::HasSubstr;

class SnapshotTest : public testing::Test {
 protected:
  std::string build_error() {
    const auto built = build_snapshot(config_, state_, 1);
    return built ? "" : built.error().to_string();
  }
  std::shared_ptr<config::Config> config_ = std::make_shared<config::Config>();
  MetricsRegistry registry_;
  GatewayState state_{registry_};
};

TEST_F(SnapshotTest, an_answer_with_a_field_that_is_none_refuses_the_config) {
  config_->endpoints = {test_endpoint("a", "/x")};
  config_->endpoints[0].respond->headers = {{"X-A", "1\r\nSet-Cookie: x"}};
  EXPECT_THAT(build_error(), HasSubstr("endpoint \"a\": \"X-A\" is no valid header field"));
}

TEST_F(SnapshotTest, a_listener_may_trust_other_proxies_than_the_rest) {
  config_->trusted_proxies = {"10.0.0.0/8"};
  config_->listen.resize(2);
  config_->listen[1].trusted_proxies = {{"192.0.2.0/24"}};
  const auto built = build_snapshot(config_, state_, 1);
  ASSERT_TRUE(built.ok());
  const auto proxy = http::parse_ip_address("10.1.2.3").value();
  EXPECT_TRUE((*built)->trusted_proxies[0].contains(proxy));
  EXPECT_FALSE((*built)->trusted_proxies[1].contains(proxy));
}

TEST_F(SnapshotTest, an_api_becomes_a_cluster_with_its_metrics_and_credential) {
  config::CredentialConfig credential;
  credential.name = "c";
  credential.bearer = config::Secret("token");
  config_->credentials.push_back(credential);
  config::ApiConfig api;
  api.name = "stock";
  api.credential = "c";
  api.servers.resize(1);
  api.servers[0].host = "10.0.0.5";
  api.servers[0].port = 7001;
  api.servers[0].label = "10.0.0.5:7001";
  api.balance.policy = config::BalancePolicy::least_requests;
  api.timeout.first_byte = std::chrono::seconds(5);
  config_->apis.push_back(api);
  const auto built = build_snapshot(config_, state_, 1);
  ASSERT_TRUE(built.ok());
  const upstream::ClusterSettings& cluster = (*built)->apis[0];
  EXPECT_EQ(cluster.servers[0].host, "10.0.0.5");
  EXPECT_EQ(cluster.balance, upstream::BalancePolicy::least_requests);
  EXPECT_EQ(cluster.timeouts.first_byte_ns, 5 * kNsPerSecond);
  EXPECT_EQ(cluster.credential_lines, "Authorization: Bearer token\r\n");
  EXPECT_THAT(cluster.credential_names, testing::ElementsAre("authorization"));
  MetricShard& shard = registry_.add_shard();
  shard.add(cluster.servers[0].metrics.attempts[0]);
  std::string text;
  registry_.render(MetricsFormat::prometheus, text);
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(linkspan_upstream_attempts_total{api="stock",server="10.0.0.5:7001",outcome="success"} 1)"));
}

TEST_F(SnapshotTest, endpoints_share_what_is_alike_of_where_they_send_requests) {
  config::ApiConfig api;
  api.name = "stock";
  config_->apis.push_back(api);
  for (const char* name : {"plain", "same", "slow", "marked", "elsewhere"}) {
    config::EndpointConfig endpoint = test_endpoint(name, std::string("/") + name);
    endpoint.respond.reset();
    endpoint.proxy.emplace();
    config_->endpoints.push_back(std::move(endpoint));
  }
  config_->endpoints[2].timeout = std::chrono::seconds(90);
  config_->endpoints[3].proxy->headers.set = {{"X-Mark", "1"}};
  config_->endpoints[4].proxy->host = "elsewhere.example";
  const auto built = build_snapshot(config_, state_, 1);
  ASSERT_TRUE(built.ok());
  const auto& endpoints = (*built)->endpoints;
  EXPECT_EQ(endpoints[1].proxy, endpoints[0].proxy);
  EXPECT_EQ((*built)->targets.size(), 4U);
  EXPECT_EQ(endpoints[2].proxy->total_timeout, Duration(std::chrono::seconds(90)));
  EXPECT_EQ(endpoints[3].proxy->request_lines, "X-Mark: 1\r\n");
  EXPECT_EQ(endpoints[4].proxy->host, "elsewhere.example");
  EXPECT_EQ(endpoints[0].proxy->request_lines, "");
}

TEST_F(SnapshotTest, the_same_config_makes_equal_clusters_so_that_a_reload_keeps_their_connections) {
  config::ApiConfig api;
  api.name = "stock";
  api.servers.resize(2);
  api.servers[1].label = "b";
  config_->apis.push_back(api);
  const auto first = build_snapshot(config_, state_, 1);
  const auto second = build_snapshot(std::make_shared<config::Config>(*config_), state_, 2);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ((*first)->apis[0], (*second)->apis[0]);
}

}  // namespace
}  // namespace linkspan::gateway
