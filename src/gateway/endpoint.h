// An endpoint as the request path uses it: compiled from config::EndpointConfig, immutable, any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "gateway/policy.h"
#include "gateway/proxy_target.h"
#include "gateway/request_metrics.h"

namespace linkspan::gateway {

// A complete answer without an upstream.
struct StaticResponse {
  std::uint16_t status = 200;
  std::string lines;      // complete field lines, without Content-Length
  std::string_view body;  // never sent in answer to HEAD, nor with a status that has none
};

struct Endpoint {
  std::string_view name;
  std::uint32_t index = 0;  // in the config's order
  const config::EndpointConfig* config = nullptr;
  std::vector<const Policy*> chain;  // owned by the snapshot
  std::uint64_t max_body_bytes =
      0;  // config::kUnlimited possible; the declared length is checked by the chain
  // Exactly one of these two.
  std::unique_ptr<const ProxyTarget> proxy;
  std::unique_ptr<const StaticResponse> respond;
  std::shared_ptr<EndpointMetrics> metrics;
};

}  // namespace linkspan::gateway
