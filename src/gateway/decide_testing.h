// A config with a consumer, endpoints and what decide() makes of a request: for the tests of decide() and of
// the policies.
#pragma once

#include <gtest/gtest.h>

#include "gateway/config_testing.h"
#include "gateway/decide.h"
#include "gateway/request_testing.h"

namespace linkspan::gateway {

Digest hash(std::string_view key);

// A config with one consumer ("shop", key "secret"), and endpoints for tests to change before build().
class DecideTest : public testing::Test {
 protected:
  DecideTest();
  ~DecideTest() override;

  config::EndpointConfig& open() { return config_->endpoints[0]; }
  config::EndpointConfig& closed() { return config_->endpoints[1]; }

  void build();
  // "respond 200", "proxy", "flow", or the slug of a refusal.
  std::string decide_on(TestRequest& request);
  std::string decide_on(std::string_view method, std::string_view target, std::string_view lines = "",
                        std::string_view client = "192.0.2.1");

  std::shared_ptr<config::Config> config_ = std::make_shared<config::Config>();
  MetricsRegistry registry_;
  GatewayState state_{registry_};
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace linkspan::gateway
