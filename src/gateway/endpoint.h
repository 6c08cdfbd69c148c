// An endpoint as the request path uses it: compiled from config::EndpointConfig, immutable, any thread.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>

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
  using Policies = std::span<const Policy* const>;

  // At most kCapacity; those that identify the caller come first.
  void push_back(const Policy* policy, Phase phase) {
    if (consumer_cells_ == nullptr) consumer_cells_ = policy->consumer_cells();
    policies_[size_++] = policy;
    if (phase == Phase::identify) identifying_ = size_;
  }
  Policies all() const { return {policies_.data(), size_}; }
  Policies identifying() const { return {policies_.data(), identifying_}; }
  Policies admitting() const { return {policies_.data() + identifying_, policies_.data() + size_}; }
  // Of the first policy that has some, or null.
  const RateCells::Nearby* consumer_cells() const { return consumer_cells_; }

 private:
  std::array<const Policy*, kCapacity> policies_{};
  std::uint8_t size_ = 0;
  std::uint8_t identifying_ = 0;
  const RateCells::Nearby* consumer_cells_ = nullptr;
};

// Room for a policy that is one endpoint's alone: beside what else a request needs of the endpoint, so that
// all of it can be asked from memory at once.
class OwnPolicy {
 public:
  static constexpr std::size_t kBytes = 192;

  OwnPolicy() = default;
  // Only an empty one may move: what points to a policy does not follow it.
  OwnPolicy(OwnPolicy&& other) noexcept { assert(other.policy_ == nullptr); }
  OwnPolicy& operator=(OwnPolicy&&) = delete;
  ~OwnPolicy() {
    if (policy_ != nullptr) policy_->~Policy();
  }
  // Once.
  template <typename T, typename... Arguments>
  const Policy* emplace(Arguments&&... arguments) {
    static_assert(sizeof(T) <= kBytes && alignof(T) <= 64);
    policy_ = new (bytes_) T(std::forward<Arguments>(arguments)...);
    return policy_;
  }

 private:
  alignas(64) std::byte bytes_[kBytes];
  const Policy* policy_ = nullptr;
};

// What a request reads of it is in the first four cache lines.
struct alignas(64) Endpoint {
  static constexpr std::size_t kHotBytes = 256;

  PolicyChain chain;  // owned by the snapshot
  // At most one of these two; with neither its requests start runs of a flow (config->flow).
  const ProxyTarget* proxy = nullptr;  // owned by the snapshot
  std::unique_ptr<const StaticResponse> respond;
  std::shared_ptr<EndpointMetrics> metrics;
  // config::kUnlimited possible; the declared length is checked by the chain.
  std::uint64_t max_body_bytes = 0;
  std::string_view name;
  const config::EndpointConfig* config = nullptr;
  std::uint32_t index = 0;  // in the config's order
  OwnPolicy own_policy;
};
static_assert(offsetof(Endpoint, own_policy) == 128);

}  // namespace linkspan::gateway
