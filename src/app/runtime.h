// The running process: a control thread (the one that calls run) with signals, reload, admin and health
// checks, and the workers that serve. Life: start() -> run() -> destroyed.
//
//   SIGHUP, or a change of any file of the config   reload; a bad config is logged and the old one kept
//   SIGTERM, SIGINT                                 drain, then end; a second one ends at once
//   SIGUSR1                                         reopen log files
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/admin_server.h"
#include "app/flows/flow_host.h"
#include "app/generation.h"
#include "app/health_checks.h"
#include "app/listeners.h"
#include "app/process_metrics.h"
#include "app/retired_generations.h"
#include "app/status.h"
#include "app/workers.h"
#include "base/clock.h"
#include "base/log_sink.h"
#include "base/metrics.h"
#include "config/loader.h"
#include "gateway/snapshot.h"
#include "io/file_watch.h"
#include "io/loop.h"
#include "io/signals.h"
#include "io/tls_tickets.h"

namespace linkspan::app {

class Runtime {
 public:
  // `loaded` is the outcome of loading `config_path`, without problems. io::block_signals() was called
  // before. Errors: whatever keeps the first generation from serving.
  static Result<std::unique_ptr<Runtime>> start(std::string config_path, const config::LoadResult& loaded,
                                                Clock& clock);
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime();

  // Serves until a signal ends it; returns once all is drained (or the drain timeout has passed).
  void run();

 private:
  Runtime(std::string config_path, Clock& clock);
  Result<void> prepare(const config::LoadResult& loaded);
  Result<void> open_log(const config::LogConfig& log);
  Result<void> create_parts();
  Result<std::shared_ptr<const Generation>> build(const config::LoadResult& loaded,
                                                  const Generation* previous, std::size_t workers);
  // All or nothing: on failure the generation before stays in use.
  Result<void> take_into_use(std::shared_ptr<const Generation> generation);
  void log_listeners(const Generation* previous, const Listeners::Addresses& before,
                     const Listeners::Addresses& admin_before) const;
  void watch(const std::vector<std::string>& files);
  AdminPages admin_pages();
  void write_status(std::string& out) const;

  void reload();
  Result<void> replace(const config::LoadResult& loaded);
  void warn_of_what_needs_a_restart(const config::Config& config) const;
  void note_reload(bool ok, std::string problem);
  void on_signal(int signal);
  void drain();
  void drain_flows();

  struct ControlTimer : io::Timer {
    ControlTimer(Runtime& r, Callback callback) : Timer(callback), runtime(&r) {}
    Runtime* runtime;
  };
  static void on_drain_timeout(io::Timer& timer);
  static void on_retire_timer(io::Timer& timer);

  const std::string config_path_;
  Clock& clock_;
  const WallNs started_at_;
  MetricsRegistry metrics_;
  ProcessMetrics process_metrics_;
  gateway::GatewayState gateway_state_;
  std::unique_ptr<LogSink> log_sink_;
  Logger log_;
  config::LogConfig opened_log_;  // what log_sink_ was opened by
  std::shared_ptr<io::TlsTickets> tickets_;
  std::unique_ptr<io::Loop> loop_;
  std::shared_ptr<const Generation> generation_;
  RetiredGenerations retired_;
  Listeners listeners_;
  std::unique_ptr<FlowHost> flows_;  // admin and workers post to it until their end
  std::unique_ptr<AdminServer> admin_;
  std::unique_ptr<HealthChecks> health_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<io::Signals> signals_;
  std::unique_ptr<io::FileWatch> file_watch_;
  ReloadStatus last_reload_;
  bool draining_ = false;
  ControlTimer drain_timer_;
  ControlTimer retire_timer_;
};

}  // namespace linkspan::app
