// What changes a running process: signals, reload, drain.
#include <csignal>
#include <utility>

#include "app/log_setup.h"
#include "app/runtime.h"
#include "base/strings.h"

namespace linkspan::app {

namespace {

constexpr std::int64_t kRetireEveryNs = kNsPerSecond / 10;

}  // namespace

void Runtime::run() {
  log_.info("ready", {{"workers", workers_->size()}, {"generation", generation_->number}});
  loop_->run();
  flows_->stop();
  workers_.reset();
  log_.info("stopped");
}

void Runtime::on_signal(int signal) {
  switch (signal) {
    case SIGHUP:
      reload();
      break;
    case SIGUSR1:
      log_sink_->request_reopen();
      break;
    default:  // SIGTERM, SIGINT
      if (!draining_) {
        drain();
      } else {
        log_.warn("told to end again: breaking off what is still in flight",
                  {{"workers", workers_->draining()}});
        loop_->stop();
      }
  }
}

// Without it a reload takes a SIGHUP, which is no reason not to serve.
void Runtime::watch(const std::vector<std::string>& files) {
  if (file_watch_ != nullptr) {
    const Result<void> watched = file_watch_->set_paths(files);
    if (!watched) log_.warn("cannot watch the config's files", {{"error", watched.error().to_string()}});
    return;
  }
  Result<std::unique_ptr<io::FileWatch>> created = io::FileWatch::create(*loop_, files, [this] { reload(); });
  if (created) {
    file_watch_ = std::move(*created);
  } else {
    log_.warn("cannot watch the config's files: reload with SIGHUP",
              {{"error", created.error().to_string()}});
  }
}

void Runtime::reload() {
  if (draining_) return;
  const config::LoadResult loaded = config::load_path(config_path_, config::system_sources());
  watch(loaded.files);
  if (!loaded.ok()) {
    for (const config::Problem& problem : loaded.problems) log_.error(to_string(problem));
    note_reload(false, to_string(loaded.problems.front()));
    return;
  }
  const Result<void> replaced = replace(loaded);
  if (!replaced) {
    const std::string& detail = replaced.error().detail();
    for (std::string_view line : split(detail, '\n')) log_.error(line, {{"error", replaced.error().slug()}});
    note_reload(false, detail.substr(0, detail.find('\n')));
    return;
  }
  apply_log_levels(loaded.config->log, *log_sink_);
  warn_of_what_needs_a_restart(*loaded.config);
  note_reload(true, {});
}

Result<void> Runtime::replace(const config::LoadResult& loaded) {
  const std::uint64_t metrics_generation = metrics_.begin_generation();
  Result<std::shared_ptr<const Generation>> generation = build(loaded, generation_.get(), workers_->size());
  if (!generation) return std::move(generation).error();
  std::shared_ptr<const Generation> old = generation_;
  Result<void> used = take_into_use(std::move(*generation));
  if (!used) return used;
  retired_.add(std::move(old), metrics_generation);
  retired_.collect(*generation_);
  loop_->arm(retire_timer_, loop_->now() + kRetireEveryNs);
  return {};
}

void Runtime::on_retire_timer(io::Timer& timer) {
  Runtime& self = *static_cast<ControlTimer&>(timer).runtime;
  self.retired_.collect(*self.generation_);
  if (!self.retired_.empty()) self.loop_->arm(timer, self.loop_->now() + kRetireEveryNs);
}

void Runtime::warn_of_what_needs_a_restart(const config::Config& config) const {
  if (const std::size_t wanted = worker_count(config); wanted != workers_->size()) {
    log_.warn("another number of workers takes effect with the next start",
              {{"workers", workers_->size()}, {"wanted", wanted}});
  }
  if (flows_->is_open() && config.store && config.store->path != flows_->store_path()) {
    log_.warn("another store takes effect with the next start; the runs of this one stay in it",
              {{"store", flows_->store_path()}, {"wanted", config.store->path}});
  }
  if (wants_other_outputs(opened_log_, config.log)) {
    log_.warn("other log outputs or another log format take effect with the next start");
  }
}

void Runtime::note_reload(bool ok, std::string problem) {
  MetricShard& shard = *process_metrics_.control_shard;
  shard.add(ok ? process_metrics_.reloads_ok : process_metrics_.reloads_failed);
  last_reload_ = {.at = clock_.wall_ns(), .ok = ok, .problem = std::move(problem)};
  if (ok) {
    log_.info("config reloaded", {{"generation", generation_->number}});
  } else {
    log_.error("the config was not reloaded, the old one stays in use",
               {{"generation", generation_->number}});
  }
}

void Runtime::drain() {
  draining_ = true;
  log_.info("draining: no new connections, requests in flight are finished");
  // Requests that wait for the answer of a run need the flows yet.
  workers_->drain([this] { loop_->post([this] { drain_flows(); }); });
  loop_->arm(drain_timer_, loop_->now() + generation_->config->limits.drain_timeout.count());
}

void Runtime::drain_flows() {
  flows_->drain([this] { loop_->stop(); });
}

void Runtime::on_drain_timeout(io::Timer& timer) {
  Runtime& self = *static_cast<ControlTimer&>(timer).runtime;
  self.log_.warn("drain timeout: breaking off what is still in flight",
                 {{"workers", self.workers_->draining()}});
  self.loop_->stop();
}

}  // namespace linkspan::app
