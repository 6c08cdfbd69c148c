#include "auth/api_key_method.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace linkspan::auth {
namespace {

class ApiKeyMethodTest : public testing::Test {
 protected:
  // The finding for a request with this target and these field lines.
  PresentedKey find(const ApiKeyMethod& method, std::string_view target, std::string_view lines = "") {
    text_ = "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(lines) + "\r\n";
    const http::ParseStatus status = http::parse_request_head(text_, {}, 0, head_);
    EXPECT_EQ(status.state, http::ParseState::complete);
    return find_presented_key(method, head_, scratch_);
  }

  ApiKeyMethod header_ = make_api_key_method(KeyPlace::header, "X-Api-Key");
  ApiKeyMethod odd_header_ = make_api_key_method(KeyPlace::header, "X-Partner-Token");
  ApiKeyMethod query_ = make_api_key_method(KeyPlace::query, "api_key");

 private:
  std::string text_;
  http::FieldStorage<> storage_;
  http::RequestHead head_{storage_};
  std::array<char, kMaxApiKeyBytes> scratch_;
};

TEST_F(ApiKeyMethodTest, a_header_is_found_in_any_case) {
  const PresentedKey key = find(header_, "/", "x-api-KEY: abc\r\n");
  EXPECT_EQ(key.finding, KeyFinding::present);
  EXPECT_EQ(key.key, "abc");
  EXPECT_EQ(find(odd_header_, "/", "x-partner-TOKEN:  t \r\n").key, "t");
}

TEST_F(ApiKeyMethodTest, an_absent_or_empty_header_is_missing) {
  EXPECT_EQ(find(header_, "/").finding, KeyFinding::missing);
  EXPECT_EQ(find(header_, "/", "X-Api-Key:\r\n").finding, KeyFinding::missing);
  EXPECT_EQ(find(odd_header_, "/", "X-Other: a\r\n").finding, KeyFinding::missing);
}

TEST_F(ApiKeyMethodTest, two_keys_are_not_guessed_between) {
  EXPECT_EQ(find(header_, "/", "X-Api-Key: a\r\nX-Api-Key: b\r\n").finding, KeyFinding::repeated);
  EXPECT_EQ(find(odd_header_, "/", "X-Partner-Token: a\r\nX-Partner-Token: a\r\n").finding,
            KeyFinding::repeated);
  EXPECT_EQ(find(query_, "/?api_key=a&b=1&api_key=c").finding, KeyFinding::repeated);
}

TEST_F(ApiKeyMethodTest, a_query_parameter_is_decoded) {
  EXPECT_EQ(find(query_, "/x?a=1&api_key=abc").key, "abc");
  EXPECT_EQ(find(query_, "/x?api_key=a%2Bb%20c").key, "a+b c");
  EXPECT_EQ(find(query_, "/x?api_key=%zz").finding, KeyFinding::malformed);
  EXPECT_EQ(find(query_, "/x?api_key=").finding, KeyFinding::missing);
  EXPECT_EQ(find(query_, "/x").finding, KeyFinding::missing);
}

TEST_F(ApiKeyMethodTest, an_overlong_key_is_not_hashed) {
  EXPECT_EQ(find(header_, "/", "X-Api-Key: " + std::string(kMaxApiKeyBytes + 1, 'a') + "\r\n").finding,
            KeyFinding::malformed);
  EXPECT_EQ(find(query_, "/?api_key=%41" + std::string(kMaxApiKeyBytes, 'a')).finding, KeyFinding::malformed);
}

TEST_F(ApiKeyMethodTest, the_challenge_says_where_the_key_belongs) {
  EXPECT_EQ(header_.challenge, R"(ApiKey realm="linkspan", header="X-Api-Key")");
  EXPECT_EQ(query_.challenge, R"(ApiKey realm="linkspan", query="api_key")");
  EXPECT_EQ(make_api_key_method(KeyPlace::query, "a\"b").challenge,
            R"(ApiKey realm="linkspan", query="a\"b")");
}

}  // namespace
}  // namespace linkspan::auth
