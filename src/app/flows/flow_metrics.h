// Metrics of flows.
#pragma once

#include "base/metrics.h"

namespace linkspan::app {

// linkspan_flow_runs{state="active|waiting|queued"}, linkspan_flow_runs_started_total, ..._ended_total,
// ..._parked_total, linkspan_flow_calls_total, linkspan_flow_polls_total{outcome="success|failure"},
// linkspan_flow_poll_items_total{outcome="started|known|refused"}, linkspan_flow_polls_failing.
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
  CounterId polls_succeeded;
  CounterId polls_failed;
  CounterId items_started;
  CounterId items_known;
  CounterId items_refused;
  GaugeId polls_failing;
};

}  // namespace linkspan::app
