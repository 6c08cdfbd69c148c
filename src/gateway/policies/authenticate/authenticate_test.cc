#include "gateway/policies/authenticate/authenticate.h"

#include "gateway/decide_testing.h"

namespace linkspan::gateway {
namespace {

using AuthenticateTest = DecideTest;

TEST_F(AuthenticateTest, a_key_identifies_its_consumer_by_either_way) {
  build();
  TestRequest header("GET", "/closed", "X-Api-Key: second\r\n");
  EXPECT_EQ(decide_on(header), "respond 200");
  EXPECT_EQ(header.context.consumer->name, "shop");
  EXPECT_EQ(header.context.key_id, "k2");
  EXPECT_EQ(decide_on("GET", "/closed?api_key=others"), "respond 200");
}

TEST_F(AuthenticateTest, without_a_key_the_caller_learns_where_it_belongs) {
  build();
  TestRequest request("GET", "/closed");
  EXPECT_EQ(decide_on(request), "credentials-missing");
  EXPECT_EQ(
      request.context.refusal.detail,
      "This endpoint needs an API key in header X-Api-Key or query parameter api_key, and there is none.");
  EXPECT_EQ(request.field("WWW-Authenticate"),
            "ApiKey realm=\"linkspan\", header=\"X-Api-Key\" | ApiKey realm=\"linkspan\", query=\"api_key\"");
}

TEST_F(AuthenticateTest, a_wrong_key_is_refused_and_never_shown) {
  build();
  TestRequest request("GET", "/closed", "X-Api-Key: guess-4711\r\n");
  EXPECT_EQ(decide_on(request), "credentials-invalid");
  EXPECT_EQ(request.context.refusal.detail.find("4711"), std::string_view::npos);
  EXPECT_NE(request.field("WWW-Authenticate"), "");
  EXPECT_EQ(request.context.consumer, nullptr);
}

TEST_F(AuthenticateTest, a_valid_key_counts_even_beside_one_that_is_wrong) {
  build();
  EXPECT_EQ(decide_on("GET", "/closed?api_key=secret", "X-Api-Key: wrong\r\n"), "respond 200");
}

TEST_F(AuthenticateTest, a_key_that_cannot_be_one_or_comes_twice_is_told_apart) {
  build();
  TestRequest twice("GET", "/closed", "X-Api-Key: secret\r\nX-Api-Key: secret\r\n");
  EXPECT_EQ(decide_on(twice), "credentials-invalid");
  EXPECT_EQ(twice.context.refusal.detail, "There is more than one API key in header X-Api-Key; send one.");
  TestRequest long_key("GET", "/closed",
                       "X-Api-Key: " + std::string(auth::kMaxApiKeyBytes + 1, 'k') + "\r\n");
  EXPECT_EQ(decide_on(long_key), "credentials-invalid");
  EXPECT_NE(long_key.context.refusal.detail.find("longer than"), std::string_view::npos);
}

}  // namespace
}  // namespace linkspan::gateway
