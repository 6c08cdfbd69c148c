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

  // Fills the endpoint's chain: the policies that apply to it, in order. Its config is set; it will not move.
  void compile(Endpoint& endpoint);

 private:
  // Null: does not apply.
  using Make = const Policy* (ChainCompiler::*)(Endpoint& endpoint);
  struct Entry {
    Phase phase;
    Make make;
  };
  static const Entry kAll[];

  const Policy* authenticate(Endpoint& endpoint);
  const Policy* consumer_rate(Endpoint& endpoint);
  const Policy* rate_limit(Endpoint& endpoint);
  const Policy* body_limit(Endpoint& endpoint);
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
