// Hosts the flows of the process: one thread with its own loop, resolver, connections to other systems, the
// store and the engine. It comes into being with the first config that has flows; without flows there is no
// thread and no file.
//
//   FlowHost flows(parts);                           // control thread
//   Result<void> used = flows.take_into_use(*generation);
//   flows.post([](FlowWork& work) { work.engine.start(...); });   // any thread
//   flows.drain([] { ... }); flows.stop();
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "app/flows/flow_metrics.h"
#include "app/flows/flow_set.h"
#include "app/generation.h"
#include "base/clock.h"
#include "base/hmac.h"
#include "base/log_sink.h"
#include "base/metrics.h"
#include "flow/engine.h"
#include "flow/triggers/poller.h"
#include "io/worker.h"
#include "store/store.h"

namespace linkspan::app {

class FlowThread;

// What work on the thread of the flows may use, while it runs.
struct FlowWork {
  flow::Engine& engine;
  store::Store& store;
  const FlowSet& flows;  // of the config in use
  const flow::Poller& polls;
  const flow::ApprovalLinks* approvals;  // null: the config has none
};

class FlowHost {
 public:
  struct Parts {
    Clock& clock;
    LogSink& log_sink;
    MetricsRegistry& metrics;
  };

  // Before the first config is built (flow_metrics.h).
  explicit FlowHost(const Parts& parts);
  FlowHost(const FlowHost&) = delete;
  FlowHost& operator=(const FlowHost&) = delete;
  // Nobody posts any more.
  ~FlowHost();

  // Starts the thread if there are flows and it does not run: opens the store and takes up all runs that have
  // not ended. Nothing is changed if that fails: store_*, system_error. Control thread.
  Result<void> open(const Generation& generation);
  // From now on runs begin with the flows of this generation. After open(). Control thread.
  void adopt(std::shared_ptr<const Generation> generation);

  // Runs `work` on the thread of the flows, soon. False: there is no such thread; else it may be destroyed
  // unrun if the process ends before. Any thread.
  bool post(std::function<void(FlowWork&)> work);

  // Begins nothing new; `done` is called on any thread once nothing is under way, and at once if nothing
  // runs.
  void drain(std::function<void()> done);
  // Ends the thread; the store is closed in good order. What is posted from now on is never run. Control
  // thread.
  void stop();

  // Control thread, and any other after open().
  bool is_open() const { return open_.load(std::memory_order_acquire); }
  // Of the store that is open, as the config named it; empty: none is. Control thread.
  const std::string& store_path() const { return store_path_; }
  // Only if it is open. Ids of runs with a proof that this store gave them out, so that nobody can guess the
  // id of somebody else's: "abcd2345-17-9f86d081884c7d659a2feaa0c55ad015".
  std::string status_id(std::string_view run_id) const;
  // The id of the run; empty if the proof is wrong.
  std::string_view run_of_status_id(std::string_view status_id) const;

 private:
  const Parts parts_;
  const FlowMetrics metrics_;
  std::unique_ptr<io::Worker> worker_;  // its loop outlives its thread
  std::unique_ptr<FlowThread> thread_;  // touched on its thread only
  std::unique_ptr<const Hmac> status_key_;
  std::string store_path_;
  std::atomic<bool> open_{false};
};

}  // namespace linkspan::app
