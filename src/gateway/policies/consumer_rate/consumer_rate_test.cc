#include "gateway/policies/consumer_rate/consumer_rate.h"

#include "gateway/decide_testing.h"

namespace linkspan::gateway {
namespace {

using ConsumerRateTest = DecideTest;

TEST_F(ConsumerRateTest, a_consumers_own_rate_counts_over_all_endpoints) {
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

TEST_F(ConsumerRateTest, a_consumer_without_a_rate_of_its_own_is_told_none) {
  config_->consumers[0].rate =
      config::RateLimitConfig{{1, std::chrono::seconds(2)}, 1, config::RatePer::consumer};
  build();
  TestRequest request("GET", "/closed", "X-Api-Key: others\r\n");
  EXPECT_EQ(decide_on(request), "respond 200");
  EXPECT_EQ(request.field("RateLimit-Policy"), "");
}

}  // namespace
}  // namespace linkspan::gateway
