// Metrics of the process and its listeners; those of requests are in gateway/request_metrics.h, those of
// upstreams come with the snapshot.
#pragma once

#include "base/clock.h"
#include "base/log_sink.h"
#include "base/metrics.h"
#include "gateway/server/server.h"

namespace linkspan::app {

struct ProcessMetrics {
  gateway::ServerMetrics server;
  CounterId reloads_ok;
  CounterId reloads_failed;
  GaugeId config_generation;
  GaugeId config_loaded_at;  // seconds since 1970
  MetricShard* control_shard = nullptr;
};

// Declares them all, and makes the control thread's shard.
ProcessMetrics make_process_metrics(MetricsRegistry& registry);
// Those that are read from elsewhere at scrape: log drops, memory, descriptors, start time.
void add_process_callbacks(MetricsRegistry& registry, const LogSink& log_sink, WallNs started_at);

}  // namespace linkspan::app
