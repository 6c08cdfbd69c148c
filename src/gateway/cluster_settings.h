// From the config's words about an api to those of the upstream room, with the metrics that count there:
//   linkspan_upstream_attempts_total{api,server,outcome}
//   linkspan_upstream_ejections_total{api,server}
//   linkspan_upstream_connects_total{api,server}
//   linkspan_upstream_connect_duration_seconds{api,server}
//   linkspan_upstream_connections{api,server}, linkspan_upstream_idle_connections{api,server}
//   linkspan_upstream_retries_total{api}, linkspan_upstream_retries_over_budget_total{api}
//   linkspan_upstream_stale_connections_total{api}
#pragma once

#include <string_view>

#include "base/metrics.h"
#include "config/config.h"
#include "upstream/settings.h"

namespace linkspan::gateway {

// The families; made once, outlives all snapshots. Any thread.
class UpstreamMetrics {
 public:
  explicit UpstreamMetrics(MetricsRegistry& registry);

  upstream::ServerMetrics server(std::string_view api, std::string_view label) const;
  upstream::ClusterMetrics cluster(std::string_view api) const;

 private:
  MetricsRegistry& registry_;
  CounterFamily attempts_;
  CounterFamily ejections_;
  CounterFamily connects_;
  HistogramFamily connect_duration_;
  GaugeFamily connections_;
  GaugeFamily idle_connections_;
  CounterFamily retries_;
  CounterFamily retries_over_budget_;
  CounterFamily stale_connections_;
};

upstream::ClusterSettings make_cluster_settings(const config::Config& config, const config::ApiConfig& api,
                                                const UpstreamMetrics& metrics);

}  // namespace linkspan::gateway
