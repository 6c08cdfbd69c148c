#include "app/flows/flow_metrics.h"

namespace linkspan::app {

FlowMetrics::FlowMetrics(MetricsRegistry& registry) {
  const GaugeFamily runs = registry.gauge({.name = "linkspan_flow_runs",
                                           .help = "Runs that have not ended: at work (active), on disk "
                                                   "until something happens (waiting), behind others.",
                                           .labels = {"state"}});
  active = registry.series(runs, {"active"});
  waiting = registry.series(runs, {"waiting"});
  queued = registry.series(runs, {"queued"});
  started = registry.series(
      registry.counter({.name = "linkspan_flow_runs_started", .help = "Runs that began in this process."}));
  ended = registry.series(
      registry.counter({.name = "linkspan_flow_runs_ended", .help = "Runs that ended in this process."}));
  parked = registry.series(registry.counter(
      {.name = "linkspan_flow_runs_parked", .help = "Times that a run had to wait for a person."}));
  calls = registry.series(
      registry.counter({.name = "linkspan_flow_calls", .help = "Calls of flows to other systems."}));
  const CounterFamily polls = registry.counter(
      {.name = "linkspan_flow_polls", .help = "Polls for new items.", .labels = {"outcome"}});
  polls_succeeded = registry.series(polls, {"success"});
  polls_failed = registry.series(polls, {"failure"});
  const CounterFamily items = registry.counter(
      {.name = "linkspan_flow_poll_items",
       .help = "Items that polls gave: those whose runs began, those that were there before, and those that "
               "are not what their flow takes.",
       .labels = {"outcome"}});
  items_started = registry.series(items, {"started"});
  items_known = registry.series(items, {"known"});
  items_refused = registry.series(items, {"refused"});
  polls_failing = registry.series(
      registry.gauge({.name = "linkspan_flow_polls_failing", .help = "Flows whose last poll failed."}));
}

}  // namespace linkspan::app
