#include "app/worker_app.h"

#include "app/break_off.h"

namespace linkspan::app {

Result<std::unique_ptr<WorkerApp>> WorkerApp::create(io::Loop& loop, LogProducer& log, MetricShard& shard,
                                                     const gateway::ServerMetrics& metrics, GaugeId in_flight,
                                                     FlowHost& flows, const Generation& generation) {
  Result<std::unique_ptr<io::DnsResolver>> resolver = io::DnsResolver::create(loop, {});
  if (!resolver) return std::move(resolver).error();
  return std::unique_ptr<WorkerApp>(
      new WorkerApp(loop, std::move(*resolver), log, shard, metrics, in_flight, flows, generation));
}

WorkerApp::WorkerApp(io::Loop& loop, std::unique_ptr<io::Resolver> resolver, LogProducer& log,
                     MetricShard& shard, const gateway::ServerMetrics& metrics, GaugeId in_flight,
                     FlowHost& flows, const Generation& generation)
    : loop_(loop),
      log_(log.room("gateway")),
      resolver_(std::move(resolver)),
      clusters_(loop, *resolver_, shard, log.room("upstream")),
      flow_intake_(flows, loop.clock()),
      handler_(clusters_, shard, in_flight, log.access(), flow_intake_, log_),
      server_(loop, handler_, generation.worker_limits, log_, shard, metrics) {
  flow_intake_.adopt(generation.flows);
  handler_.adopt(generation.snapshot, *generation.clusters);
}

WorkerApp::~WorkerApp() {
  break_off(server_, loop_);
}

void WorkerApp::adopt(const Generation& generation, ListenerChange change) {
  flow_intake_.adopt(generation.flows);
  handler_.adopt(generation.snapshot, *generation.clusters);
  server_.set_limits(generation.worker_limits);
  change.apply(server_, log_);
}

void WorkerApp::drain(std::function<void()> drained) {
  server_.drain(std::move(drained));
}

}  // namespace linkspan::app
