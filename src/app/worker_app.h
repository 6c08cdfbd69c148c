// Everything one worker thread has: its server, the gateway's handler, its upstream pools, its resolver.
// Made, used and destroyed on that thread.
#pragma once

#include <functional>
#include <memory>

#include "app/flows/flow_intake.h"
#include "app/generation.h"
#include "app/listeners.h"
#include "base/log_sink.h"
#include "base/metrics.h"
#include "gateway/proxy/gateway_handler.h"
#include "gateway/server/server.h"
#include "io/loop.h"
#include "io/resolver.h"
#include "upstream/cluster.h"

namespace linkspan::app {

class WorkerApp {
 public:
  // `log` and `shard` are this worker's own; `flows` outlives it. Errors: system_error (no resolver).
  static Result<std::unique_ptr<WorkerApp>> create(io::Loop& loop, LogProducer& log, MetricShard& shard,
                                                   const gateway::ServerMetrics& metrics, GaugeId in_flight,
                                                   FlowHost& flows, const Generation& generation);
  // The loop must not run any more: what is in flight is broken off.
  ~WorkerApp();

  void adopt(const Generation& generation, ListenerChange change);
  // See gateway::Server.
  void drain(std::function<void()> drained);

 private:
  WorkerApp(io::Loop& loop, std::unique_ptr<io::Resolver> resolver, LogProducer& log, MetricShard& shard,
            const gateway::ServerMetrics& metrics, GaugeId in_flight, FlowHost& flows,
            const Generation& generation);

  io::Loop& loop_;
  Logger log_;
  std::unique_ptr<io::Resolver> resolver_;
  upstream::ClusterSet clusters_;
  WorkerFlowIntake flow_intake_;
  gateway::GatewayHandler handler_;
  gateway::Server server_;
};

}  // namespace linkspan::app
