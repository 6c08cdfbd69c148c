// The worker threads, each with its WorkerApp. Used by the control thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "app/generation.h"
#include "app/listeners.h"
#include "app/worker_app.h"
#include "base/clock.h"
#include "base/log_sink.h"
#include "base/metrics.h"
#include "config/config.h"
#include "io/worker.h"

namespace linkspan::app {

// As configured, or one for each core that this process may use.
std::size_t worker_count(const config::Config& config);

// What workers are made with. All of it outlives them.
struct WorkerParts {
  Clock& clock;
  LogSink& log_sink;
  MetricsRegistry& metrics;
  const gateway::ServerMetrics& server_metrics;
  GaugeId in_flight;
  FlowHost& flows;
};

class Workers {
 public:
  // Threads that serve nothing yet: the first adopt() gives them their sockets. Errors: system_error.
  static Result<std::unique_ptr<Workers>> start(std::size_t count, const WorkerParts& parts,
                                                const Generation& first);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  // Ends them, breaking off what is in flight. Nothing may be asked of them any more.
  ~Workers();

  std::size_t size() const { return slots_.size(); }

  // For requests from now on, as soon as each worker comes to it. One change for each worker.
  void adopt(const std::shared_ptr<const Generation>& generation, std::vector<ListenerChange> changes);

  // No new connections; `drained` is called, on any thread, when the last worker has none left.
  void drain(const std::function<void()>& drained);
  // Workers that are not drained yet.
  std::size_t draining() const { return draining_.load(std::memory_order_relaxed); }

 private:
  struct Slot {
    std::unique_ptr<WorkerApp> app;  // touched on its thread only
    std::unique_ptr<io::Worker> thread;
  };

  explicit Workers(std::size_t count) : slots_(count) {}
  static Result<void> start_one(Slot& slot, std::size_t number, const WorkerParts& parts,
                                const Generation& first);

  std::vector<Slot> slots_;  // never changes its size: threads hold pointers into it
  std::atomic<std::size_t> draining_{0};
};

}  // namespace linkspan::app
