// Metrics of flows.
#pragma once

#include "base/metrics.h"

namespace linkspan::app {

// linkspan_flow_runs{state="active|waiting|queued"}, linkspan_flow_runs_started_total, ..._ended_total,
// ..._parked_total, linkspan_flow_calls_total.
// To be made before the first config, so that no reload forgets them.
struct FlowMetrics {
  explicit FlowMetrics(MetricsRegistry& registry);

  GaugeId active;
  GaugeId waiting;
  GaugeId queued;
  CounterId started;
  CounterId ended;
  CounterId parked;
  CounterId calls;
};

}  // namespace linkspan::app
