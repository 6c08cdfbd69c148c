#include "gateway/decide.h"

#include "gateway/decide_testing.h"

namespace linkspan::gateway {
namespace {

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
