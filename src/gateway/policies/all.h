// The list of policies, and with it their order: identify (authenticate), admit (consumer_rate, rate_limit,
// body_limit). A new policy is a folder here and a line in all.cc.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "gateway/limits/rate_fields.h"
#include "gateway/snapshot.h"

namespace linkspan::gateway {

// Makes the chains of one snapshot's endpoints. Endpoints with equal settings share a policy; all are owned
// by the snapshot, whose keys, consumers, auth methods and rate cells must be complete.
class ChainCompiler {
 public:
  ChainCompiler(Snapshot& snapshot, RateLimitState& rates) : snapshot_(snapshot), rates_(rates) {}

  // The policies that apply to the endpoint, in order.
  PolicyChain compile(const config::EndpointConfig& endpoint, std::uint32_t index);

 private:
  // Null: does not apply.
  using Make = const Policy* (ChainCompiler::*)(const config::EndpointConfig& endpoint, std::uint32_t index);
  static const Make kAll[];

  const Policy* authenticate(const config::EndpointConfig& endpoint, std::uint32_t index);
  const Policy* consumer_rate(const config::EndpointConfig& endpoint, std::uint32_t index);
  const Policy* rate_limit(const config::EndpointConfig& endpoint, std::uint32_t index);
  const Policy* body_limit(const config::EndpointConfig& endpoint, std::uint32_t index);
  template <typename T, typename... Arguments>
  const Policy* make(Arguments&&... arguments);

  Snapshot& snapshot_;
  RateLimitState& rates_;
  std::map<std::vector<std::uint32_t>, const Policy*> authenticate_;
  std::map<std::uint64_t, const Policy*> body_limit_;
  const Policy* consumer_rate_ = nullptr;
  std::map<std::tuple<std::uint64_t, Duration, std::uint64_t>, std::shared_ptr<const RateFields>>
      rate_fields_;
};

}  // namespace linkspan::gateway
