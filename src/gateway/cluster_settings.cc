#include "gateway/cluster_settings.h"

#include <algorithm>
#include <limits>

#include "base/strings.h"

namespace linkspan::gateway {
namespace {

// Each as the other room names it; the enumerators are the same, and a switch says so to the compiler.
upstream::BalancePolicy balance_policy(config::BalancePolicy policy) {
  switch (policy) {
    case config::BalancePolicy::round_robin:
      return upstream::BalancePolicy::round_robin;
    case config::BalancePolicy::least_requests:
      return upstream::BalancePolicy::least_requests;
    case config::BalancePolicy::random:
      return upstream::BalancePolicy::random;
    case config::BalancePolicy::consistent_hash:
      return upstream::BalancePolicy::consistent_hash;
  }
  return upstream::BalancePolicy::round_robin;
}

std::vector<upstream::StatusRange> ranges(const std::vector<config::StatusRange>& statuses) {
  std::vector<upstream::StatusRange> result;
  for (const config::StatusRange& range : statuses) result.push_back({range.first, range.last});
  return result;
}

upstream::RetryPolicy retry_policy(const config::RetryConfig& config) {
  upstream::RetryPolicy retry;
  retry.attempts = config.attempts;
  retry.on_connect = config.on_connect;
  retry.on_reset = config.on_reset;
  retry.on_timeout = config.on_timeout;
  retry.on_statuses = ranges(config.on_statuses);
  retry.budget = config.budget.fraction();
  return retry;
}

upstream::HealthSettings health_settings(const config::HealthConfig& config) {
  upstream::HealthSettings health;
  health.path = config.path;
  health.every_ns = config.every.count();
  health.timeout_ns = config.timeout.count();
  health.unhealthy_after = config.unhealthy_after;
  health.healthy_after = config.healthy_after;
  health.expect = ranges(config.expect);
  return health;
}

upstream::ServerSettings server_settings(const config::Config& config, const config::ApiConfig& api,
                                         std::size_t index, const UpstreamMetrics& metrics) {
  const config::ServerConfig& source = api.servers[index];
  upstream::ServerSettings server;
  server.label = source.label;
  server.https = source.tls;
  server.host = source.host;
  server.port = source.port;
  server.address_is_secret =
      config::is_secret(config, "apis." + api.name + ".servers[" + std::to_string(index) + "].url");
  server.weight = source.weight;
  server.metrics = metrics.server(api.name, source.label);
  return server;
}

}  // namespace

UpstreamMetrics::UpstreamMetrics(MetricsRegistry& registry)
    : registry_(registry),
      attempts_(registry.counter({.name = "linkspan_upstream_attempts",
                                  .help = "Attempts at servers of an API, by how they ended.",
                                  .labels = {"api", "server", "outcome"},
                                  .max_series = 20'000})),
      ejections_(registry.counter({.name = "linkspan_upstream_ejections",
                                   .help = "Times that a server was taken out after failed requests.",
                                   .labels = {"api", "server"},
                                   .max_series = 5'000})),
      connects_(registry.counter({.name = "linkspan_upstream_connects",
                                  .help = "Connections opened to servers.",
                                  .labels = {"api", "server"},
                                  .max_series = 5'000})),
      connect_duration_(registry.histogram({.name = "linkspan_upstream_connect_duration_seconds",
                                            .help = "Time to open a connection: name lookup, TCP, TLS.",
                                            .unit = "seconds",
                                            .labels = {"api", "server"},
                                            .max_series = 5'000})),
      connections_(registry.gauge({.name = "linkspan_upstream_connections",
                                   .help = "Open connections to servers, idle ones included.",
                                   .labels = {"api", "server"},
                                   .max_series = 5'000})),
      idle_connections_(registry.gauge({.name = "linkspan_upstream_idle_connections",
                                        .help = "Pooled connections to servers that wait for a request.",
                                        .labels = {"api", "server"},
                                        .max_series = 5'000})),
      retries_(registry.counter({.name = "linkspan_upstream_retries",
                                 .help = "Attempts after the first of a request.",
                                 .labels = {"api"}})),
      retries_over_budget_(registry.counter({.name = "linkspan_upstream_retries_over_budget",
                                             .help = "Retries that the retry budget forbade.",
                                             .labels = {"api"}})),
      stale_connections_(registry.counter({.name = "linkspan_upstream_stale_connections",
                                           .help = "Pooled connections that turned out to be closed.",
                                           .labels = {"api"}})) {}

upstream::ServerMetrics UpstreamMetrics::server(std::string_view api, std::string_view label) const {
  upstream::ServerMetrics metrics;
  for (std::size_t i = 0; i < upstream::kOutcomeCount; ++i) {
    metrics.attempts[i] =
        registry_.series(attempts_, {api, label, upstream::to_string(static_cast<upstream::Outcome>(i))});
  }
  metrics.ejections = registry_.series(ejections_, {api, label});
  metrics.connects = registry_.series(connects_, {api, label});
  metrics.connect_duration = registry_.series(connect_duration_, {api, label});
  metrics.connections = registry_.series(connections_, {api, label});
  metrics.idle_connections = registry_.series(idle_connections_, {api, label});
  return metrics;
}

upstream::ClusterMetrics UpstreamMetrics::cluster(std::string_view api) const {
  upstream::ClusterMetrics metrics;
  metrics.retries = registry_.series(retries_, {api});
  metrics.retries_over_budget = registry_.series(retries_over_budget_, {api});
  metrics.stale_connections = registry_.series(stale_connections_, {api});
  return metrics;
}

upstream::ClusterSettings make_cluster_settings(const config::Config& config, const config::ApiConfig& api,
                                                const UpstreamMetrics& metrics) {
  upstream::ClusterSettings cluster;
  cluster.name = api.name;
  for (std::size_t i = 0; i < api.servers.size(); ++i) {
    cluster.servers.push_back(server_settings(config, api, i, metrics));
  }
  cluster.balance = balance_policy(api.balance.policy);
  cluster.timeouts = {.connect_ns = api.timeout.connect.count(),
                      .first_byte_ns = api.timeout.first_byte.count(),
                      .idle_ns = api.timeout.idle.count(),
                      .total_ns = api.timeout.total.count()};
  cluster.retry = retry_policy(api.retry);
  if (api.health) cluster.health = health_settings(*api.health);
  cluster.ejection = {.enabled = api.ejection.enabled,
                      .after = api.ejection.after,
                      .duration_ns = api.ejection.duration.count(),
                      .max_share = api.ejection.max.fraction()};
  cluster.pool.max_idle_per_worker = api.pool.max_idle_per_worker;
  cluster.pool.idle_timeout_ns = api.pool.idle_timeout.count();
  cluster.pool.max_connections = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(api.pool.max_connections, std::numeric_limits<std::uint32_t>::max()));
  cluster.rate = api.rate;
  cluster.tls = {.verify = api.tls.verify,
                 .ca_file = api.tls.ca,
                 .server_name = api.tls.server_name,
                 .certificate_file = api.tls.certificate,
                 .key_file = api.tls.key};
  cluster.host_policy = api.host_header == config::HostHeader::preserve ? upstream::HostPolicy::preserve
                                                                        : upstream::HostPolicy::upstream;
  cluster.path_prefix = api.path_prefix;
  if (const config::CredentialConfig* credential = config::find_credential(config, api.credential)) {
    for (const config::SecretHeader& field : config::credential_headers(*credential)) {
      cluster.credential_lines.append(field.name).append(": ").append(field.value.reveal()).append("\r\n");
      cluster.credential_names.push_back(to_lower_ascii(field.name));
    }
  }
  cluster.metrics = metrics.cluster(api.name);
  return cluster;
}

}  // namespace linkspan::gateway
