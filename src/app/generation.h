// All that is made from one config before any of it is used: if this succeeds, taking it into use cannot fail
// except for sockets. Immutable; shared by the control thread and the workers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/flows/flow_set.h"
#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "gateway/server/server.h"
#include "gateway/snapshot.h"
#include "io/socket_address.h"
#include "io/tls_tickets.h"
#include "upstream/shared_cluster.h"

namespace linkspan::app {

struct ListenerPlan {
  std::string key;  // "127.0.0.1:8080": the same over reloads, and no other listener's
  io::SocketAddress address;
  bool address_is_secret = false;  // it came from a reference: the listener goes by its place in the config
  std::shared_ptr<const gateway::ListenerOptions> options;
};

struct Generation {
  std::uint64_t number = 0;
  WallNs loaded_at = 0;
  std::shared_ptr<const config::Config> config;
  std::shared_ptr<const FlowSet> flows;
  std::shared_ptr<const gateway::Snapshot> snapshot;
  std::shared_ptr<const upstream::ClusterList> clusters;
  std::vector<ListenerPlan> listeners;  // as Config::listen
  std::vector<ListenerPlan> admin;      // at most one
  gateway::ServerLimits worker_limits;
};

struct GenerationInput {
  std::shared_ptr<const config::Config> config;
  gateway::GatewayState& state;
  std::shared_ptr<io::TlsTickets> tickets;
  const Generation* previous = nullptr;  // whose unchanged upstream state is taken over
  std::size_t workers = 1;
  WallNs now = 0;
};

// Errors: config_invalid, tls_material_invalid; the detail says what and where ("linkspan.yaml:3:5: ..."), a
// line for each problem.
Result<std::shared_ptr<const Generation>> build_generation(const GenerationInput& input);

// Raises the soft limit on open files to the hard one, and returns it.
std::uint64_t raise_descriptor_limit();

}  // namespace linkspan::app
