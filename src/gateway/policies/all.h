// The list of policies, and with it their order: identify (authenticate), admit (consumer_rate, rate_limit,
// body_limit). A new policy is a folder here and a line in all.cc.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "gateway/snapshot.h"

namespace linkspan::gateway {

// What a policy may use while it is made. The snapshot is being built: its keys, consumers, auth methods and
// rate cells are complete and stay where they are.
struct PolicyInputs {
  Snapshot& snapshot;
  GatewayState& state;
};

// Appends the policies that apply to the endpoint; they are owned by the snapshot, and endpoints with equal
// settings share them.
void compile_chain(const config::EndpointConfig& endpoint, std::uint32_t endpoint_index, PolicyInputs& inputs,
                   std::vector<const Policy*>& chain);

}  // namespace linkspan::gateway
