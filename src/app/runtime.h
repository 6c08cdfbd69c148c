// The running process: a control thread (the one that calls run) with signals, reload, admin and health checks, and the
// workers that serve. Life: start() -> run() -> destroyed.
//
//   SIGHUP, or a change of any file of the config   reload; a bad config is logged and the old one kept
//   SIGTERM, SIGINT                                 drain, then end; a second one ends at once
//   SIGUSR1                                         reopen log files
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/generation.h"
#include "app/listeners.h"
#include "app/process_metrics.h"
#include "app/worker_app.h"
#include "base/clock.h"
#include "base/log_sink.h"
#include "base/metrics.h"
#include "config/loader.h"
#include "gateway/snapshot.h"
#include "io/file_watch.h"
#include "io/loop.h"
#include "io/resolver.h"
#include "io/signals.h"
#include "io/tls_tickets.h"
#include "io/worker.h"
#include "upstream/cluster.h"
#include "upstream/health_checker.h"

namespace linkspan::app {

struct RuntimeOptions {
  std::string config_path;
  bool watch_files = true;
};

// What became of the last reload, for /status and the log.
struct ReloadStatus {
  WallNs at = 0;
  bool ok = true;
  std::string problem;  // the first, when not ok
};

class Runtime {
 public:
  // `loaded` is the outcome of loading options.config_path, without problems. io::block_signals() was called before.
  // Errors: whatever keeps the first generation from serving.
  static Result<std::unique_ptr<Runtime>> start(RuntimeOptions options, const config::LoadResult& loaded, Clock& clock);
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime();

  // Serves until a signal ends it; returns once all is drained (or the drain timeout has passed).
  void run();

  // For the admin API; control thread.
  const Generation& generation() const { return *generation_; }
  bool ready() const { return !draining_; }
  bool draining() const { return draining_; }
  const ReloadStatus& last_reload() const { return last_reload_; }
  const std::map<std::string, std::string>& addresses() const { return listeners_.addresses(); }
  MetricsRegistry& metrics() { return metrics_; }
  const ProcessMetrics& process_metrics() const { return process_metrics_; }
  LogSink& log_sink() { return *log_sink_; }
  Clock& clock() { return clock_; }
  WallNs started_at() const { return started_at_; }
  std::size_t worker_count() const { return workers_.size(); }
  // Reads the config again now. False: kept the old one; last_reload() tells why.
  bool reload();

 private:
  struct WorkerSlot;
  class AdminSide;
  class HealthSide;

  Runtime(RuntimeOptions options, Clock& clock);
  Result<void> prepare(const config::LoadResult& loaded);
  Result<void> start_workers();
  Result<void> take_into_use(std::shared_ptr<const Generation> generation);
  Result<void> watch(const std::vector<std::string>& files);
  void apply_log_levels(const config::LogConfig& log);
  void on_signal(int signal);
  void note_reload(bool ok, std::string problem);
  void retire_when_unused(std::weak_ptr<const gateway::Snapshot> old, std::uint64_t metrics_generation);
  void drain();
  void on_worker_drained();
  void stop_workers();

  struct ControlTimer : io::Timer {
    ControlTimer(Runtime& r, Callback callback) : Timer(callback), runtime(&r) {}
    Runtime* runtime;
  };
  static void on_drain_timeout(io::Timer& timer);
  static void on_retire_timer(io::Timer& timer);

  RuntimeOptions options_;
  Clock& clock_;
  WallNs started_at_;
  MetricsRegistry metrics_;
  ProcessMetrics process_metrics_;
  gateway::GatewayState gateway_state_;
  std::unique_ptr<LogSink> log_sink_;
  Logger log_;
  std::shared_ptr<io::TlsTickets> tickets_;
  std::unique_ptr<io::Loop> loop_;
  std::shared_ptr<const Generation> generation_;
  Listeners listeners_;
  std::vector<std::unique_ptr<WorkerSlot>> workers_;
  std::unique_ptr<AdminSide> admin_;
  std::unique_ptr<HealthSide> health_;
  std::unique_ptr<io::Signals> signals_;
  std::unique_ptr<io::FileWatch> file_watch_;
  ReloadStatus last_reload_;
  bool draining_ = false;
  std::size_t workers_left_ = 0;
  ControlTimer drain_timer_;
  ControlTimer retire_timer_;
  struct Retiring {
    std::weak_ptr<const gateway::Snapshot> old;
    std::uint64_t metrics_generation;
  };
  std::vector<Retiring> retiring_;
  std::uint64_t metrics_generation_ = 0;
};

}  // namespace linkspan::app
