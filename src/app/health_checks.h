// The active health checks of the process, made by the control thread for all workers: they share the
// verdicts through upstream::ServerState.
#pragma once

#include <memory>

#include "app/generation.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "io/loop.h"
#include "io/resolver.h"
#include "upstream/cluster.h"
#include "upstream/health_checker.h"

namespace linkspan::app {

class HealthChecks {
 public:
  // `loop` and `shard` are those of the calling thread, on which everything happens. Errors: system_error (no
  // resolver).
  static Result<std::unique_ptr<HealthChecks>> create(io::Loop& loop, MetricShard& shard, const Logger& log);

  void adopt(const Generation& generation);

 private:
  HealthChecks(io::Loop& loop, std::unique_ptr<io::Resolver> resolver, MetricShard& shard, const Logger& log);

  std::unique_ptr<io::Resolver> resolver_;
  upstream::ClusterSet clusters_;
  upstream::HealthChecker checker_;
};

}  // namespace linkspan::app
