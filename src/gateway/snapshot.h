// Everything compiled from one config, immutable and shared by all workers behind one atomic pointer. A
// request holds the snapshot it began with; the last holder frees it. Metrics and rate cells are in
// GatewayState, which outlives snapshots, so that counters and limits survive reloads.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "auth/api_key_method.h"
#include "auth/api_key_table.h"
#include "auth/consumer.h"
#include "base/huge_pages.h"
#include "config/config.h"
#include "gateway/cluster_settings.h"
#include "gateway/endpoint.h"
#include "gateway/limits/rate_limit_state.h"
#include "gateway/request_metrics.h"
#include "gateway/router.h"
#include "http/forwarded.h"
#include "http/ip_address.h"
#include "upstream/settings.h"

namespace linkspan::gateway {

// What lasts from config to config. Made once by app.
struct GatewayState {
  explicit GatewayState(MetricsRegistry& registry) : metrics(registry), upstream_metrics(registry) {}
  RateLimitState rates;
  RequestMetrics metrics;
  UpstreamMetrics upstream_metrics;
};

struct Snapshot {
  std::shared_ptr<const config::Config> config;  // what views below point into
  std::uint64_t generation = 0;                  // counts configs taken into use, from 1

  Router router;
  std::vector<Endpoint, HugePageAllocator<Endpoint>> endpoints;      // in the config's order
  std::vector<ProxyTarget, HugePageAllocator<ProxyTarget>> targets;  // the different ones
  std::vector<auth::ApiKeyMethod> auth_methods;                      // as Config::auth
  std::deque<auth::Consumer> consumers;                              // as Config::consumers
  std::vector<auth::RateLimit> consumer_rates;  // the different ones, by RateKey::rate_class less one
  auth::ApiKeyTable keys;
  std::vector<upstream::ClusterSettings> apis;    // as Config::apis
  std::vector<http::NetworkSet> trusted_proxies;  // by listener, as Config::listen
  StaticResponse options_response;                // 204; its Allow is in the context's response fields

  std::vector<std::unique_ptr<const Policy>> policies;  // those that endpoints share
  RateLimitState::Cells rate_cells;
  std::shared_ptr<EndpointMetrics> unmatched_metrics;  // of requests without an endpoint

  // Metrics of a request: the endpoint's, or unmatched_metrics for none.
  EndpointMetrics& metrics_of(const Endpoint* endpoint) const {
    return endpoint != nullptr ? *endpoint->metrics : *unmatched_metrics;
  }
};

// Compiles `config`, between MetricsRegistry::begin_generation() and retire_before(). Takes under a second
// for 10,000 endpoints and 100,000 keys. `state` must outlive the snapshot. Fails with config-invalid, naming
// the endpoint, for header fields that would break a message.
Result<std::shared_ptr<const Snapshot>> build_snapshot(std::shared_ptr<const config::Config> config,
                                                       GatewayState& state, std::uint64_t generation);

// Once `in_use` serves all new requests: frees what `state` keeps for other configs, built or refused.
void forget_others(const Snapshot& in_use, GatewayState& state);

}  // namespace linkspan::gateway
