// /status: what an operator wants to know at a glance, as JSON. Made from atomics and metrics alone, so that
// no worker is asked or held up; costs what there are servers, whatever the traffic.
#pragma once

#include <cstddef>
#include <string>

#include "app/generation.h"
#include "app/listeners.h"
#include "app/process_metrics.h"
#include "base/clock.h"
#include "base/metrics.h"

namespace linkspan::app {

// What became of the last reload.
struct ReloadStatus {
  WallNs at = 0;  // 0: there was none
  bool ok = true;
  std::string problem;  // the first, when not ok
};

struct StatusView {
  const Generation& generation;
  const std::string& config_path;
  const Listeners& listeners;
  const ReloadStatus& last_reload;
  const MetricsRegistry& metrics;
  const ProcessMetrics& process;
  GaugeId in_flight;
  std::uint64_t dropped_log_records = 0;
  std::uint64_t failed_log_bytes = 0;
  std::size_t workers = 1;
  bool draining = false;
  WallNs started_at = 0;
  WallNs now = 0;
  MonotonicNs loop_now = 0;  // on which ejections are reckoned
};

// Appends one JSON object and a line end.
void render_status(const StatusView& view, std::string& out);

}  // namespace linkspan::app
