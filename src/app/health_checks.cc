#include "app/health_checks.h"

#include <utility>

namespace linkspan::app {

Result<std::unique_ptr<HealthChecks>> HealthChecks::create(io::Loop& loop, MetricShard& shard,
                                                           const Logger& log) {
  Result<std::unique_ptr<io::DnsResolver>> resolver = io::DnsResolver::create(loop, {});
  if (!resolver) return std::move(resolver).error();
  return std::unique_ptr<HealthChecks>(new HealthChecks(loop, std::move(*resolver), shard, log));
}

HealthChecks::HealthChecks(io::Loop& loop, std::unique_ptr<io::Resolver> resolver, MetricShard& shard,
                           const Logger& log)
    : resolver_(std::move(resolver)),
      clusters_(loop, *resolver_, shard, log.room("upstream")),
      checker_(clusters_, log.room("upstream")) {}

void HealthChecks::adopt(const Generation& generation) {
  clusters_.adopt(*generation.clusters);
  checker_.adopt();
}

}  // namespace linkspan::app
