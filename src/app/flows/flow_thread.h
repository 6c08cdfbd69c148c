// What the thread of the flows has: resolver, clusters, store, engine, and the timer that wakes the engine.
// Made, used and destroyed on that thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/flows/flow_host.h"
#include "app/flows/flow_metrics.h"
#include "app/generation.h"
#include "base/log.h"
#include "base/log_sink.h"
#include "base/metrics.h"
#include "base/random.h"
#include "flow/calls/upstream_caller.h"
#include "flow/engine.h"
#include "flow/triggers/poller.h"
#include "flow/triggers/scheduler.h"
#include "io/loop.h"
#include "io/resolver.h"
#include "store/sqlite_store.h"
#include "upstream/cluster.h"

namespace linkspan::app {

class FlowThread {
 public:
  // `log` and `shard` are its own. Errors: those of the store; system_error.
  static Result<std::unique_ptr<FlowThread>> create(io::Loop& loop, LogProducer& log, MetricShard& shard,
                                                    const FlowMetrics& metrics, const Generation& generation);
  FlowThread(const FlowThread&) = delete;
  FlowThread& operator=(const FlowThread&) = delete;
  ~FlowThread();

  void adopt(const Generation& generation);
  void run(const std::function<void(FlowWork&)>& work);
  void drain(std::function<void()> done);
  // The secret by which ids of runs are proven, the same for as long as the store lives.
  const std::string& status_key() const { return status_key_; }

 private:
  FlowThread(io::Loop& loop, Logger log, std::unique_ptr<io::Resolver> resolver, MetricShard& shard,
             const FlowMetrics& metrics, std::unique_ptr<store::SqliteStore> store,
             const Generation& generation);
  Result<void> recover();
  Result<void> take_values();
  Result<std::string> take_key(const std::vector<store::NamedValue>& values, const char* name);
  void link_approvals();
  void adopt_triggers();
  WallNs next_wake() const;
  void after_batch();
  void record_counts();
  void record_polls();
  static void on_wake(io::Timer& timer);
  static void on_expire(io::Timer& timer);

  struct OwnTimer : io::Timer {
    OwnTimer(FlowThread& t, Callback callback) : Timer(callback), thread(&t) {}
    FlowThread* thread;
  };

  io::Loop& loop_;
  Logger log_;
  MetricShard& shard_;
  const FlowMetrics& metrics_;
  std::unique_ptr<io::Resolver> resolver_;
  upstream::ClusterSet clusters_;
  Random random_;
  std::shared_ptr<const FlowSet> flows_;
  store::Retention retention_;
  std::string status_key_;
  std::string approval_key_;
  std::shared_ptr<const flow::ApprovalLinks> approvals_;
  OwnTimer wake_timer_;
  OwnTimer expire_timer_;
  WallNs armed_for_ = 0;
  bool draining_ = false;
  flow::EngineCounts recorded_;
  flow::PollCounts recorded_polls_;
  // The engine goes first: what it has under way is of no use any more. The store then commits what it was
  // given.
  std::unique_ptr<store::SqliteStore> store_;
  flow::UpstreamCaller caller_;
  std::unique_ptr<flow::Engine> engine_;
  std::unique_ptr<flow::Scheduler> scheduler_;
  std::unique_ptr<flow::Poller> poller_;
};

}  // namespace linkspan::app
