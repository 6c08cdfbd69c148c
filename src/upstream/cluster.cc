#include "upstream/cluster.h"

#include <algorithm>
#include <utility>

#include "base/error_kinds.h"
#include "upstream/outlier.h"

namespace linkspan::upstream {

Cluster::Cluster(WorkerContext& context, Random& random, const Logger& log,
                 std::shared_ptr<const SharedCluster> shared, std::vector<Ref<Server>> servers)
    : context_(context),
      random_(random),
      log_(log),
      shared_(std::move(shared)),
      servers_(std::move(servers)),
      budget_(settings().retry.budget, settings().retry.min_retries_per_second, context.loop.now()),
      // Workers begin at different places, or the first server would get the first request of each.
      cursor_(random.below(std::max<std::size_t>(shared_->tables().schedule().size(), 1))) {}

Error Cluster::none_available() const {
  constexpr std::size_t kMaxNamed = 3;
  std::string detail = "api \"" + name() + "\": no server passes its health checks";
  for (std::size_t i = 0; i < servers_.size() && i < kMaxNamed; ++i) {
    const std::string why = servers_[i]->state().health_detail();
    detail.append(i == 0 ? ": " : ", ").append(servers_[i]->label());
    if (!why.empty()) detail.append(" (").append(why).append(")");
  }
  if (servers_.size() > kMaxNamed) detail += " and " + std::to_string(servers_.size() - kMaxNamed) + " more";
  return {errors::upstream_none_available, std::move(detail)};
}

void Cluster::report(Server& server, Outcome outcome) {
  context_.metrics.add(server.metrics().attempts[static_cast<std::size_t>(outcome)]);
  if (outcome == Outcome::cancelled) return;
  const MonotonicNs now = context_.loop.now();
  if (outcome == Outcome::success) {
    if (note_success(server.state(), now)) {
      log_.info("server answers again, ejection ended", {{"api", name()}, {"server", server.label()}});
    }
    return;
  }
  const MonotonicNs ejected_ns = note_failure(server.state(), settings().ejection, *shared_, now);
  if (ejected_ns == 0) return;
  context_.metrics.add(server.metrics().ejections);
  log_.warn("server ejected after repeated failures", {{"api", name()},
                                                       {"server", server.label()},
                                                       {"last_failure", to_string(outcome)},
                                                       {"ejected_ms", ejected_ns / kNsPerMs}});
}

bool Cluster::may_retry(AttemptFacts& facts) {
  const ClusterMetrics& metrics = settings().metrics;
  if (facts.failure == Failure::stale) context_.metrics.add(metrics.stale_connections);
  const RetryVerdict verdict = retry_verdict(settings().retry, facts);
  if (verdict == RetryVerdict::give_up) return false;
  if (verdict == RetryVerdict::retry_free) {
    facts.free_retry_used = true;
    return true;
  }
  const bool granted = budget_.withdraw(context_.loop.now());
  context_.metrics.add(granted ? metrics.retries : metrics.retries_over_budget);
  return granted;
}

}  // namespace linkspan::upstream
