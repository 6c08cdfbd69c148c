// An endpoint as the request path uses it: compiled from config::EndpointConfig, immutable, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

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

// The policies of an endpoint in order, in place so that running them takes no detour through memory.
class PolicyChain {
 public:
  static constexpr std::size_t kCapacity = 5;
  // At most kCapacity.
  void push_back(const Policy* policy) {
    policies_[size_++] = policy;
    if (needs_ == nullptr) needs_ = policy->needs();
  }
  const Policy* const* begin() const { return policies_.data(); }
  const Policy* const* end() const { return policies_.data() + size_; }
  bool empty() const { return size_ == 0; }
  const void* needs() const { return needs_; }  // of the first policy that needs something

 private:
  std::array<const Policy*, kCapacity> policies_{};
  std::size_t size_ = 0;
  const void* needs_ = nullptr;
};

// Two cache lines.
struct alignas(64) Endpoint {
  PolicyChain chain;  // owned by the snapshot
  // Exactly one of these two.
  const ProxyTarget* proxy = nullptr;  // owned by the snapshot
  std::unique_ptr<const StaticResponse> respond;
  std::shared_ptr<EndpointMetrics> metrics;
  // config::kUnlimited possible; the declared length is checked by the chain.
  std::uint64_t max_body_bytes = 0;
  std::string_view name;
  const config::EndpointConfig* config = nullptr;
  std::uint32_t index = 0;  // in the config's order
};
static_assert(sizeof(Endpoint) == 128);

}  // namespace linkspan::gateway
