#include "gateway/policies/body_limit/body_limit.h"

#include "gateway/decide_testing.h"

namespace linkspan::gateway {
namespace {

using BodyLimitTest = DecideTest;

TEST_F(BodyLimitTest, a_body_that_is_declared_too_long_is_refused_before_it_is_read) {
  open().max_body_bytes = 10;
  build();
  EXPECT_EQ(decide_on("POST", "/open", "Content-Length: 10\r\n"), "respond 200");
  TestRequest request("POST", "/open", "Content-Length: 11\r\n");
  EXPECT_EQ(decide_on(request), "body-too-large");
  EXPECT_EQ(request.context.refusal.detail, "The body has 11 bytes; at most 10 are accepted here.");
  EXPECT_EQ(decide_on("POST", "/open", "Transfer-Encoding: chunked\r\n"), "respond 200");
}

TEST_F(BodyLimitTest, endpoints_without_a_limit_of_their_own_have_that_of_all) {
  config_->limits.max_body_bytes = 20;
  open().max_body_bytes = 10;
  closed().auth_indices.clear();
  build();
  EXPECT_EQ(decide_on("POST", "/open", "Content-Length: 11\r\n"), "body-too-large");
  EXPECT_EQ(decide_on("POST", "/closed", "Content-Length: 20\r\n"), "respond 200");
  EXPECT_EQ(decide_on("POST", "/closed", "Content-Length: 21\r\n"), "body-too-large");
}

}  // namespace
}  // namespace linkspan::gateway
