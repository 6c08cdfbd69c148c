#include "gateway/policies/rate_limit/rate_limit.h"

#include "gateway/decide_testing.h"

namespace linkspan::gateway {
namespace {

using RateLimitTest = DecideTest;

TEST_F(RateLimitTest, a_limit_per_address_is_told_and_kept) {
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

TEST_F(RateLimitTest, a_limit_per_endpoint_counts_all_callers_together) {
  open().rate = config::RateLimitConfig{{1, std::chrono::minutes(1)}, 1, config::RatePer::endpoint};
  build();
  EXPECT_EQ(decide_on("GET", "/open", "", "192.0.2.1"), "respond 200");
  EXPECT_EQ(decide_on("GET", "/open", "", "192.0.2.2"), "rate-limited");
}

TEST_F(RateLimitTest, a_limit_per_consumer_counts_each_consumer_by_all_its_keys) {
  closed().rate = config::RateLimitConfig{{1, std::chrono::minutes(1)}, 1, config::RatePer::consumer};
  build();
  EXPECT_EQ(decide_on("GET", "/closed", "X-Api-Key: secret\r\n"), "respond 200");
  EXPECT_EQ(decide_on("GET", "/closed", "X-Api-Key: second\r\n"), "rate-limited");
  EXPECT_EQ(decide_on("GET", "/closed", "X-Api-Key: others\r\n"), "respond 200");
}

TEST_F(RateLimitTest, limits_survive_a_reload) {
  open().rate = config::RateLimitConfig{{1, std::chrono::minutes(1)}, 1, config::RatePer::endpoint};
  build();
  EXPECT_EQ(decide_on("GET", "/open"), "respond 200");
  config_ = std::make_shared<config::Config>(*config_);
  config_->endpoints.insert(config_->endpoints.begin(), test_endpoint("new", "/new"));
  build();
  EXPECT_EQ(decide_on("GET", "/open"), "rate-limited");
}

TEST_F(RateLimitTest, an_unidentified_caller_is_not_counted_against_a_limit) {
  closed().rate = config::RateLimitConfig{{1, std::chrono::minutes(1)}, 1, config::RatePer::endpoint};
  build();
  EXPECT_EQ(decide_on("GET", "/closed"), "credentials-missing");
  EXPECT_EQ(decide_on("GET", "/closed", "X-Api-Key: secret\r\n"), "respond 200");
}

}  // namespace
}  // namespace linkspan::gateway
