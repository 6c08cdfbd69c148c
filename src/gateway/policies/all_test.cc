#include "gateway/policies/all.h"

#include "gateway/decide_testing.h"

namespace linkspan::gateway {
namespace {

using PolicyChainTest = DecideTest;

TEST_F(PolicyChainTest, policies_that_do_not_apply_are_not_in_the_chain) {
  open().max_body_bytes = config::kUnlimited;
  build();
  EXPECT_TRUE(snapshot_->endpoints[0].chain.all().empty());
}

TEST_F(PolicyChainTest, callers_are_identified_before_they_are_counted) {
  closed().rate = config::RateLimitConfig{{1, std::chrono::minutes(1)}, 1, config::RatePer::consumer};
  config_->consumers[0].rate =
      config::RateLimitConfig{{1, std::chrono::seconds(2)}, 1, config::RatePer::consumer};
  build();
  std::vector<std::string_view> names;
  for (const Policy* policy : snapshot_->endpoints[1].chain.all()) names.push_back(policy->name());
  EXPECT_EQ(names,
            (std::vector<std::string_view>{"authenticate", "consumer_rate", "rate_limit", "body_limit"}));
}

}  // namespace
}  // namespace linkspan::gateway
