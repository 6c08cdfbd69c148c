#include "gateway/decide.h"

#include <gtest/gtest.h>

#include "gateway/test_config.h"
#include "gateway/test_request.h"

namespace linkspan::gateway {
namespace {

Digest hash(std::string_view key) {
  return Sha256().digest(key);
}

// A config with one consumer ("shop", key "secret"), and endpoints for tests to change before build().
class DecideTest : public testing::Test {
 protected:
  DecideTest() {
    config_->auth.push_back(
        {.origin = {}, .name = "key", .api_key = config::ApiKeyAuthConfig{"X-Api-Key", ""}});
    config_->auth.push_back(
        {.origin = {}, .name = "url", .api_key = config::ApiKeyAuthConfig{"", "api_key"}});
    config::ConsumerConfig consumer;
    consumer.name = "shop";
    consumer.keys = {{"k1", hash("secret")}, {"k2", hash("second")}};
    config_->consumers.push_back(consumer);
    consumer.name = "other";
    consumer.keys = {{"o1", hash("others")}};
    config_->consumers.push_back(consumer);
    config_->endpoints = {test_endpoint("open", "/open", {"GET", "POST"}), test_endpoint("closed", "/closed"),
                          test_endpoint("one", "/one/{id}")};
    closed().auth_indices = {0, 1};
    closed().auth = {"key", "url"};
  }

  config::EndpointConfig& open() { return config_->endpoints[0]; }
  config::EndpointConfig& closed() { return config_->endpoints[1]; }

  void build() {
    auto built = build_snapshot(config_, state_, 1);
    ASSERT_TRUE(built.ok()) << built.error().to_string();
    snapshot_ = std::move(built).value();
  }
  // "respond 200", "proxy", or the slug of a refusal.
  std::string decide_on(TestRequest& request) {
    const Decision decision = decide(*snapshot_, request.context);
    switch (decision.kind) {
      case Decision::Kind::respond:
        return "respond " + std::to_string(decision.response->status);
      case Decision::Kind::proxy:
        return "proxy";
      case Decision::Kind::refuse:
        break;
    }
    return std::string(request.context.refusal.kind->slug);
  }
  std::string decide_on(std::string_view method, std::string_view target, std::string_view lines = "",
                        std::string_view client = "192.0.2.1") {
    TestRequest request(method, target, lines, client);
    return decide_on(request);
  }

  std::shared_ptr<config::Config> config_ = std::make_shared<config::Config>();
  MetricsRegistry registry_;
  GatewayState state_{registry_};
  std::shared_ptr<const Snapshot> snapshot_;
};

TEST_F(DecideTest, an_open_endpoint_is_answered) {
  build();
  EXPECT_EQ(decide_on("GET", "/open"), "respond 200");
  EXPECT_EQ(decide_on("HEAD", "/open"), "respond 200");
}

TEST_F(DecideTest, an_unknown_path_is_a_404_that_says_what_was_looked_for) {
  build();
  TestRequest request("GET", "/nowhere");
  EXPECT_EQ(decide_on(request), "endpoint-not-found");
  EXPECT_EQ(request.context.refusal.detail, "No endpoint matches GET /nowhere at host shop.example.");
  EXPECT_EQ(request.context.endpoint, nullptr);
}

TEST_F(DecideTest, a_wrong_method_is_a_405_with_allow) {
  build();
  TestRequest request("DELETE", "/open");
  EXPECT_EQ(decide_on(request), "method-not-allowed");
  EXPECT_EQ(request.field("Allow"), "GET, HEAD, POST, OPTIONS");
}

TEST_F(DecideTest, options_is_answered_with_allow) {
  build();
  TestRequest request("OPTIONS", "/open");
  EXPECT_EQ(decide_on(request), "respond 204");
  EXPECT_EQ(request.field("Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(decide_on("OPTIONS", "*"), "respond 204");
}

TEST_F(DecideTest, the_path_is_normalised_before_it_is_routed_and_kept_for_the_request) {
  build();
  TestRequest dotted("GET", "/one/../one/%61%20b");
  EXPECT_EQ(decide_on(dotted), "respond 200");
  decide_on("GET", "/x/../y/../a-longer-path-that-needs-normalising-too");
  EXPECT_EQ(dotted.context.path, "/one/a%20b");
  EXPECT_EQ(dotted.context.params[0], "a%20b");
}

TEST_F(DecideTest, a_path_that_could_slip_past_the_router_is_refused) {
  build();
  EXPECT_EQ(decide_on("GET", "/open%2F..%2Fclosed"), "target-invalid");
  EXPECT_EQ(decide_on("GET", "/../closed"), "target-invalid");
}

TEST_F(DecideTest, a_key_identifies_its_consumer_by_either_way) {
  build();
  TestRequest header("GET", "/closed", "X-Api-Key: second\r\n");
  EXPECT_EQ(decide_on(header), "respond 200");
  EXPECT_EQ(header.context.consumer->name, "shop");
  EXPECT_EQ(header.context.key_id, "k2");
  EXPECT_EQ(decide_on("GET", "/closed?api_key=others"), "respond 200");
}

TEST_F(DecideTest, without_a_key_the_caller_learns_where_it_belongs) {
  build();
  TestRequest request("GET", "/closed");
  EXPECT_EQ(decide_on(request), "credentials-missing");
  EXPECT_EQ(
      request.context.refusal.detail,
      "This endpoint needs an API key in header X-Api-Key or query parameter api_key, and there is none.");
  EXPECT_EQ(request.field("WWW-Authenticate"),
            "ApiKey realm=\"linkspan\", header=\"X-Api-Key\" | ApiKey realm=\"linkspan\", query=\"api_key\"");
}

TEST_F(DecideTest, a_wrong_key_is_refused_and_never_shown) {
  build();
  TestRequest request("GET", "/closed", "X-Api-Key: guess-4711\r\n");
  EXPECT_EQ(decide_on(request), "credentials-invalid");
  EXPECT_EQ(request.context.refusal.detail.find("4711"), std::string_view::npos);
  EXPECT_NE(request.field("WWW-Authenticate"), "");
  EXPECT_EQ(request.context.consumer, nullptr);
}

TEST_F(DecideTest, a_valid_key_counts_even_beside_one_that_is_wrong) {
  build();
  EXPECT_EQ(decide_on("GET", "/closed?api_key=secret", "X-Api-Key: wrong\r\n"), "respond 200");
}

TEST_F(DecideTest, a_limit_per_address_is_told_and_kept) {
  open().rate = config::RateLimitConfig{{2, std::chrono::minutes(1)}, 2, config::RatePer::address};
  build();
  TestRequest first("GET", "/open");
  EXPECT_EQ(decide_on(first), "respond 200");
  EXPECT_EQ(first.field("RateLimit-Policy"), "\"endpoint\";q=2;w=60");
  EXPECT_EQ(first.field("RateLimit"), "\"endpoint\";r=1;t=30");
  EXPECT_EQ(first.field("Retry-After"), "");
  EXPECT_EQ(decide_on("GET", "/open"), "respond 200");
  TestRequest third("GET", "/open");
  EXPECT_EQ(decide_on(third), "rate-limited");
  EXPECT_EQ(third.field("RateLimit"), "\"endpoint\";r=0;t=30");
  EXPECT_EQ(third.field("Retry-After"), "30");
  EXPECT_EQ(
      third.context.refusal.detail,
      "Too many requests of this address to this endpoint: the limit is 2/min, burst 2. Try again in 30 s.");
  EXPECT_EQ(decide_on("GET", "/open", "", "192.0.2.2"), "respond 200");
}

TEST_F(DecideTest, a_limit_per_endpoint_counts_all_callers_together) {
  open().rate = config::RateLimitConfig{{1, std::chrono::minutes(1)}, 1, config::RatePer::endpoint};
  build();
  EXPECT_EQ(decide_on("GET", "/open", "", "192.0.2.1"), "respond 200");
  EXPECT_EQ(decide_on("GET", "/open", "", "192.0.2.2"), "rate-limited");
}

TEST_F(DecideTest, a_limit_per_consumer_counts_each_consumer_by_all_its_keys) {
  closed().rate = config::RateLimitConfig{{1, std::chrono::minutes(1)}, 1, config::RatePer::consumer};
  build();
  EXPECT_EQ(decide_on("GET", "/closed", "X-Api-Key: secret\r\n"), "respond 200");
  EXPECT_EQ(decide_on("GET", "/closed", "X-Api-Key: second\r\n"), "rate-limited");
  EXPECT_EQ(decide_on("GET", "/closed", "X-Api-Key: others\r\n"), "respond 200");
}

TEST_F(DecideTest, a_consumers_own_rate_counts_over_all_endpoints) {
  config_->consumers[0].rate =
      config::RateLimitConfig{{1, std::chrono::seconds(2)}, 1, config::RatePer::consumer};
  config_->endpoints[2].auth_indices = {0};
  build();
  EXPECT_EQ(decide_on("GET", "/closed", "X-Api-Key: secret\r\n"), "respond 200");
  TestRequest second("GET", "/one/7", "X-Api-Key: secret\r\n");
  EXPECT_EQ(decide_on(second), "rate-limited");
  EXPECT_EQ(second.field("RateLimit-Policy"), "\"consumer\";q=1;w=2");
  EXPECT_EQ(second.field("Retry-After"), "2");
  EXPECT_EQ(decide_on("GET", "/one/7", "X-Api-Key: others\r\n"), "respond 200");
}

TEST_F(DecideTest, limits_survive_a_reload) {
  open().rate = config::RateLimitConfig{{1, std::chrono::minutes(1)}, 1, config::RatePer::endpoint};
  build();
  EXPECT_EQ(decide_on("GET", "/open"), "respond 200");
  config_ = std::make_shared<config::Config>(*config_);
  config_->endpoints.insert(config_->endpoints.begin(), test_endpoint("new", "/new"));
  build();
  EXPECT_EQ(decide_on("GET", "/open"), "rate-limited");
}

TEST_F(DecideTest, an_unidentified_caller_is_not_counted_against_a_limit) {
  closed().rate = config::RateLimitConfig{{1, std::chrono::minutes(1)}, 1, config::RatePer::endpoint};
  build();
  EXPECT_EQ(decide_on("GET", "/closed"), "credentials-missing");
  EXPECT_EQ(decide_on("GET", "/closed", "X-Api-Key: secret\r\n"), "respond 200");
}

TEST_F(DecideTest, a_body_that_is_declared_too_long_is_refused_before_it_is_read) {
  open().max_body_bytes = 10;
  build();
  EXPECT_EQ(decide_on("POST", "/open", "Content-Length: 10\r\n"), "respond 200");
  TestRequest request("POST", "/open", "Content-Length: 11\r\n");
  EXPECT_EQ(decide_on(request), "body-too-large");
  EXPECT_EQ(request.context.refusal.detail, "The body has 11 bytes; at most 10 are accepted here.");
  EXPECT_EQ(decide_on("POST", "/open", "Transfer-Encoding: chunked\r\n"), "respond 200");
}

TEST_F(DecideTest, policies_that_do_not_apply_are_not_in_the_chain) {
  open().max_body_bytes = config::kUnlimited;
  build();
  EXPECT_TRUE(snapshot_->endpoints[0].chain.empty());
}

TEST_F(DecideTest, ten_thousand_endpoints_with_auth_and_limits_are_found) {
  config_->apis.resize(1);
  for (int i = 0; i < 10'000; ++i) {
    config::EndpointConfig endpoint =
        test_endpoint("e" + std::to_string(i), "/s" + std::to_string(i) + "/{id}");
    endpoint.respond.reset();
    endpoint.proxy.emplace();
    endpoint.auth_indices = {0};
    endpoint.rate = config::RateLimitConfig{{100, std::chrono::seconds(1)}, 100, config::RatePer::consumer};
    config_->endpoints.push_back(std::move(endpoint));
  }
  build();
  EXPECT_EQ(decide_on("GET", "/s9999/1", "X-Api-Key: secret\r\n"), "proxy");
}

}  // namespace
}  // namespace linkspan::gateway
