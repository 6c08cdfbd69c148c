#include "gateway/proxy_target.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/names.h"
#include "gateway/proxy/request_writer.h"
#include "gateway/proxy/response_writer.h"
#include "gateway/config_testing.h"
#include "gateway/request_testing.h"

namespace linkspan::gateway {
namespace {

using testing::HasSubstr;

class ProxyTargetTest : public testing::Test {
 protected:
  ProxyTargetTest() {
    config_.apis.resize(1);
    config_.apis[0].name = "stock";
    endpoint_ = test_endpoint("e", "/customers/{id}/{rest...}");
    endpoint_.respond.reset();
    endpoint_.proxy.emplace();
  }

  ProxyTarget make() {
    Result<ProxyTarget> target = make_proxy_target(config_, endpoint_);
    EXPECT_TRUE(target.ok()) << target.error().to_string();
    return target ? std::move(target).value() : ProxyTarget{};
  }
  // The target sent upstream for a request whose parameters are given.
  std::string rewritten(std::string_view target, std::vector<std::string_view> params = {},
                        std::size_t space = 4096) {
    TestRequest request("GET", target);
    request.context.path = request.context.head->path;
    for (std::string_view param : params) request.context.params.push(param);
    std::string out(space, '\0');
    return std::string(write_upstream_target(make(), request.context, out));
  }
  std::string error() {
    Result<ProxyTarget> target = make_proxy_target(config_, endpoint_);
    return target ? "" : target.error().to_string();
  }

  config::Config config_;
  config::EndpointConfig endpoint_;
};

TEST_F(ProxyTargetTest, a_request_that_need_not_change_is_passed_on_as_it_came) {
  TestRequest request("GET", "/customers/7/a?x=%20&y");
  request.context.path = request.context.head->path;
  std::array<char, 64> space;
  const std::string_view target = write_upstream_target(make(), request.context, space);
  EXPECT_EQ(target, "/customers/7/a?x=%20&y");
  EXPECT_EQ(target.data(), request.context.head->target.data());
}

TEST_F(ProxyTargetTest, an_absolute_target_becomes_a_path) {
  EXPECT_EQ(rewritten("http://shop.example/customers/7?x"), "/customers/7?x");
}

TEST_F(ProxyTargetTest, a_template_takes_parameters_by_name_in_any_order) {
  endpoint_.proxy->path = test_pattern("/c/{rest...}");
  EXPECT_EQ(rewritten("/customers/7/a/b?q=1", {"7", "a/b"}), "/c/a/b?q=1");
  endpoint_.proxy->path = test_pattern("/c/{id}/x");
  EXPECT_EQ(rewritten("/customers/a%20b/", {"a%20b", ""}), "/c/a%20b/x");
  endpoint_.proxy->path = test_pattern("/");
  EXPECT_EQ(rewritten("/customers/7/", {"7", ""}), "/");
}

TEST_F(ProxyTargetTest, the_prefix_of_the_api_stands_before_every_path) {
  config_.apis[0].path_prefix = "/v2";
  EXPECT_EQ(rewritten("/customers/7"), "/v2/customers/7");
  endpoint_.proxy->path = test_pattern("/c/{id}");
  EXPECT_EQ(rewritten("/customers/7/", {"7", ""}), "/v2/c/7");
}

TEST_F(ProxyTargetTest, a_prefix_is_stripped_at_a_segment_only) {
  endpoint_.proxy->strip_prefix = "/v1";
  EXPECT_EQ(rewritten("/v1/items?x"), "/items?x");
  EXPECT_EQ(rewritten("/v1"), "/");
  EXPECT_EQ(rewritten("/v1x/items"), "/v1x/items");
}

TEST_F(ProxyTargetTest, a_key_in_the_query_stays_behind) {
  config_.auth.push_back({.origin = {}, .name = "url", .api_key = config::ApiKeyAuthConfig{"", "api_key"}});
  endpoint_.auth_indices = {0};
  EXPECT_EQ(rewritten("/a?api_key=s&x=1"), "/a?x=1");
  EXPECT_EQ(rewritten("/a?x=1&api_key=s&y"), "/a?x=1&y");
  EXPECT_EQ(rewritten("/a?api_key=s"), "/a");
  EXPECT_EQ(rewritten("/a?api_keys=s"), "/a?api_keys=s");
}

TEST_F(ProxyTargetTest, a_path_that_is_cut_or_rewritten_never_begins_with_two_slashes) {
  endpoint_.proxy->strip_prefix = "/s";
  EXPECT_EQ(rewritten("/s//evil.example/x"), "/evil.example/x");
  EXPECT_EQ(rewritten("/s///evil.example"), "/evil.example");
  endpoint_.proxy->strip_prefix.clear();
  endpoint_.proxy->path = test_pattern("/{rest...}");
  EXPECT_EQ(rewritten("/customers/7//evil.example", {"7", "/evil.example"}), "/evil.example");
}

TEST_F(ProxyTargetTest, what_does_not_fit_is_not_sent_cut_off) {
  config_.apis[0].path_prefix = "/v2";
  EXPECT_EQ(rewritten("/customers/7?x", {}, 17), "/v2/customers/7?x");
  EXPECT_EQ(rewritten("/customers/7?x", {}, 16), "");
}

TEST_F(ProxyTargetTest, key_and_forwarded_fields_and_what_is_set_or_removed_stay_behind) {
  config_.auth.push_back({.origin = {}, .name = "key", .api_key = config::ApiKeyAuthConfig{"X-Api-Key", ""}});
  endpoint_.auth_indices = {0};
  endpoint_.proxy->headers.remove = {"Cookie", "X-Debug"};
  endpoint_.proxy->headers.set = {{"X-Source", "linkspan"}, {"Accept", "application/json"}};
  const ProxyTarget target = make();
  EXPECT_TRUE(target.request_drop.contains(http::HeaderId::x_api_key));
  EXPECT_TRUE(target.request_drop.contains(http::HeaderId::cookie));
  EXPECT_TRUE(target.request_drop.contains(http::HeaderId::accept));
  EXPECT_TRUE(target.request_drop.contains(http::HeaderId::x_forwarded_for));
  EXPECT_THAT(target.request_drop_names, testing::ElementsAre("X-Debug", "X-Source"));
  EXPECT_EQ(target.request_lines, "X-Source: linkspan\r\nAccept: application/json\r\n");
}

TEST_F(ProxyTargetTest, a_credential_cannot_be_overridden_by_endpoint_or_caller) {
  config::CredentialConfig credential;
  credential.name = "c";
  credential.bearer = config::Secret("token");
  config_.credentials.push_back(credential);
  config_.apis[0].credential = "c";
  endpoint_.proxy->headers.set = {{"authorization", "mine"}};
  const ProxyTarget target = make();
  EXPECT_EQ(target.request_lines, "Authorization: Bearer token\r\n");
  EXPECT_TRUE(target.request_drop.contains(http::HeaderId::authorization));
}

TEST_F(ProxyTargetTest, fields_that_would_break_the_message_are_refused) {
  endpoint_.proxy->headers.set = {{"X-A", "a\r\nX-B: b"}};
  EXPECT_THAT(error(), HasSubstr("endpoint \"e\": header \"X-A\" cannot be set: its value"));
  endpoint_.proxy->headers.set = {{"X A", "a"}};
  EXPECT_THAT(error(), HasSubstr("no valid name"));
}

TEST(OwnHeaders, the_config_refuses_every_field_that_is_written_anew) {
  using config::HeaderOf;
  for (std::size_t i = 1; i < http::kHeaderIdCount; ++i) {
    const auto id = static_cast<http::HeaderId>(i);
    const std::string_view name = http::to_string(id);
    const auto refused = [name](HeaderOf message) {
      return config::is_own_header(name, message) || !config::forwarded_key(name, message).empty();
    };
    if (http::kHopByHop.contains(id)) {
      EXPECT_TRUE(refused(HeaderOf::request) && refused(HeaderOf::answer)) << name;
    }
    if (kOwnResponseFields.contains(id)) {
      EXPECT_TRUE(refused(HeaderOf::answer)) << name;
    }
    if (kOwnRequestFields.contains(id)) {
      EXPECT_TRUE(refused(HeaderOf::request)) << name;
    }
  }
}

TEST_F(ProxyTargetTest, the_endpoints_timeout_wins_over_the_apis) {
  config_.apis[0].timeout.total = std::chrono::seconds(60);
  EXPECT_EQ(make().total_timeout, std::chrono::seconds(60));
  endpoint_.timeout = std::chrono::seconds(2);
  EXPECT_EQ(make().total_timeout, std::chrono::seconds(2));
}

TEST_F(ProxyTargetTest, requests_are_spread_by_what_the_api_names) {
  TestRequest request("GET", "/customers/7/x?tenant=acme", "X-Session: s1\r\n");
  request.context.params.push("7");
  std::array<char, 16> scratch;
  const auto key = [&](config::HashInput input, std::string name) {
    config_.apis[0].balance = {config::BalancePolicy::consistent_hash, input, std::move(name)};
    return std::string(balance_key(config_.apis[0], make(), request.context, scratch));
  };
  EXPECT_EQ(key(config::HashInput::header, "x-session"), "s1");
  EXPECT_EQ(key(config::HashInput::query, "tenant"), "acme");
  EXPECT_EQ(key(config::HashInput::path, "id"), "7");
  EXPECT_EQ(key(config::HashInput::path, "other"), "");
  EXPECT_EQ(key(config::HashInput::consumer, ""), "");
  EXPECT_EQ(key(config::HashInput::address, "").size(), 16U);
}

}  // namespace
}  // namespace linkspan::gateway
