// Active health checks: asks each server of each API that has `health` for a page at jittered intervals, over
// a fresh connection that does not count towards max_connections, and writes the verdict into ServerState for
// all workers. Runs on one loop (the control loop, or one worker's) with a ClusterSet of that loop. Used by
// that loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "io/task.h"
#include "upstream/cluster.h"

namespace linkspan::upstream {

class HealthChecker {
 public:
  // `why` is what the last check found; empty when healthy. Called on the loop's thread; must not call
  // adopt() or destroy the checker.
  using StateChange =
      std::function<void(std::string_view api, std::string_view server, bool healthy, std::string_view why)>;

  // Logs changes to `log` besides calling `on_change` (may be empty). `clusters` must outlive the checker.
  HealthChecker(ClusterSet& clusters, Logger log, StateChange on_change = {});
  HealthChecker(const HealthChecker&) = delete;
  HealthChecker& operator=(const HealthChecker&) = delete;
  ~HealthChecker();

  // Follows the set: to be called after each ClusterSet::adopt, also the first. Servers that stay keep their
  // counts, those that are checked no longer count as healthy; the first check of a new one is soon, at a
  // random time within its interval and one second.
  void adopt();

 private:
  struct Probe;

  static io::Task<void> watch(HealthChecker& checker, Probe& probe);
  static io::Task<void> check(HealthChecker& checker, Probe& probe);
  void judge(Probe& probe, std::string_view failure);
  void announce(const Probe& probe, bool healthy, std::string_view why);

  ClusterSet& clusters_;
  Logger log_;
  StateChange on_change_;
  Random random_;
  std::vector<std::unique_ptr<Probe>> probes_;
};

}  // namespace linkspan::upstream
