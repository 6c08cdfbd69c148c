#include "gateway/decide_testing.h"

namespace linkspan::gateway {

Digest hash(std::string_view key) {
  return Sha256().digest(key);
}

DecideTest::DecideTest() {
  config_->auth.push_back(
      {.origin = {}, .name = "key", .api_key = config::ApiKeyAuthConfig{"X-Api-Key", ""}});
  config_->auth.push_back({.origin = {}, .name = "url", .api_key = config::ApiKeyAuthConfig{"", "api_key"}});
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

void DecideTest::build() {
  auto built = build_snapshot(config_, state_, 1);
  ASSERT_TRUE(built.ok()) << built.error().to_string();
  snapshot_ = std::move(built).value();
}

std::string DecideTest::decide_on(TestRequest& request) {
  const Decision decision = decide(*snapshot_, request.context);
  switch (decision.kind) {
    case Decision::Kind::respond:
      return "respond " + std::to_string(decision.response->status);
    case Decision::Kind::proxy:
      return "proxy";
    case Decision::Kind::flow:
      return "flow";
    case Decision::Kind::refuse:
      break;
  }
  return std::string(request.context.refusal.kind->slug);
}

std::string DecideTest::decide_on(std::string_view method, std::string_view target, std::string_view lines,
                                  std::string_view client) {
  TestRequest request(method, target, lines, client);
  return decide_on(request);
}

DecideTest::~DecideTest() = default;

}  // namespace linkspan::gateway
