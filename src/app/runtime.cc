#include "app/runtime.h"

#include <utility>

#include "app/log_setup.h"

namespace linkspan::app {

Runtime::Runtime(std::string config_path, Clock& clock)
    : config_path_(std::move(config_path)),
      clock_(clock),
      started_at_(clock.wall_ns()),
      process_metrics_(make_process_metrics(metrics_)),
      gateway_state_(metrics_),
      retired_(metrics_, gateway_state_),
      listeners_(0),
      drain_timer_(*this, &on_drain_timeout),
      retire_timer_(*this, &on_retire_timer) {}

Runtime::~Runtime() = default;

Result<std::unique_ptr<Runtime>> Runtime::start(std::string config_path, const config::LoadResult& loaded,
                                                Clock& clock) {
  std::unique_ptr<Runtime> runtime(new Runtime(std::move(config_path), clock));
  Result<void> prepared = runtime->prepare(loaded);
  if (!prepared) return std::move(prepared).error();
  return runtime;
}

Result<void> Runtime::prepare(const config::LoadResult& loaded) {
  Result<void> opened = open_log(loaded.config->log);
  if (!opened) return opened;
  Result<void> created = create_parts();
  if (!created) return created;

  const std::size_t workers = worker_count(*loaded.config);
  metrics_.begin_generation();
  Result<std::shared_ptr<const Generation>> generation = build(loaded, nullptr, workers);
  if (!generation) return std::move(generation).error();
  Result<void> opened_flows = flows_->open(**generation);
  if (!opened_flows) return opened_flows;
  const WorkerParts parts{.clock = clock_,
                          .log_sink = *log_sink_,
                          .metrics = metrics_,
                          .server_metrics = process_metrics_.server,
                          .in_flight = gateway_state_.metrics.in_flight(),
                          .flows = *flows_};
  Result<std::unique_ptr<Workers>> started = Workers::start(workers, parts, **generation);
  if (!started) return std::move(started).error();
  workers_ = std::move(*started);
  listeners_ = Listeners(workers);
  Result<void> used = take_into_use(std::move(*generation));
  if (!used) return used;

  Result<std::unique_ptr<io::Signals>> signals =
      io::Signals::create(*loop_, [this](int signal) { on_signal(signal); });
  if (!signals) return std::move(signals).error();
  signals_ = std::move(*signals);
  watch(loaded.files);
  return {};
}

Result<void> Runtime::open_log(const config::LogConfig& log) {
  Result<std::unique_ptr<LogSink>> sink = LogSink::open(log_sink_options(log), clock_);
  if (!sink) return std::move(sink).error();
  log_sink_ = std::move(*sink);
  opened_log_ = log;
  apply_log_levels(log, *log_sink_);
  log_ = log_sink_->shared().room("app");
  add_process_callbacks(metrics_, *log_sink_, started_at_);
  return {};
}

Result<void> Runtime::create_parts() {
  Result<std::shared_ptr<io::TlsTickets>> tickets = io::TlsTickets::create(clock_);
  if (!tickets) return std::move(tickets).error();
  tickets_ = std::move(*tickets);
  Result<std::unique_ptr<io::Loop>> loop = io::Loop::create(clock_);
  if (!loop) return std::move(loop).error();
  loop_ = std::move(*loop);
  MetricShard& shard = *process_metrics_.control_shard;
  Result<std::unique_ptr<HealthChecks>> health = HealthChecks::create(*loop_, shard, log_);
  if (!health) return std::move(health).error();
  health_ = std::move(*health);
  flows_ = std::make_unique<FlowHost>(
      FlowHost::Parts{.clock = clock_, .log_sink = *log_sink_, .metrics = metrics_});
  admin_ = std::make_unique<AdminServer>(*loop_, admin_pages(), *flows_, log_, shard);
  return {};
}

Result<std::shared_ptr<const Generation>> Runtime::build(const config::LoadResult& loaded,
                                                         const Generation* previous, std::size_t workers) {
  return build_generation({.config = loaded.config,
                           .state = gateway_state_,
                           .tickets = tickets_,
                           .previous = previous,
                           .workers = workers,
                           .now = clock_.wall_ns()});
}

Result<void> Runtime::take_into_use(std::shared_ptr<const Generation> generation) {
  Result<Listeners::Change> change = listeners_.prepare(*generation);
  if (!change) return std::move(change).error();
  Result<void> flows_opened = flows_->open(*generation);
  if (!flows_opened) return flows_opened;
  const Listeners::Addresses before = listeners_.addresses();
  const Listeners::Addresses admin_before = listeners_.admin_addresses();
  listeners_.commit(*change);
  const std::shared_ptr<const Generation> previous = std::exchange(generation_, std::move(generation));
  gateway::forget_others(*generation_->snapshot, gateway_state_);
  flows_->adopt(generation_);
  workers_->adopt(generation_, std::move(change->workers));
  admin_->adopt(std::move(change->admin));
  health_->adopt(*generation_);
  MetricShard& shard = *process_metrics_.control_shard;
  shard.set(process_metrics_.config_generation, static_cast<std::int64_t>(generation_->number));
  shard.set(process_metrics_.config_loaded_at, generation_->loaded_at / kNsPerSecond);
  log_listeners(previous.get(), before, admin_before);
  return {};
}

void Runtime::log_listeners(const Generation* previous, const Listeners::Addresses& before,
                            const Listeners::Addresses& admin_before) const {
  const auto log_each = [this](std::string_view message, const std::vector<ListenerPlan>& plans,
                               const Listeners::Addresses& addresses, const Listeners::Addresses& others) {
    for (const ListenerPlan& plan : plans) {
      if (others.contains(plan.key)) continue;
      const std::string_view address =
          plan.address_is_secret ? std::string_view("***") : addresses.at(plan.key);
      log_.info(message, {{"url", plan.options->name}, {"address", address}});
    }
  };
  log_each("listening", generation_->listeners, listeners_.addresses(), before);
  log_each("admin listening", generation_->admin, listeners_.admin_addresses(), admin_before);
  if (previous == nullptr) return;
  log_each("no longer listening", previous->listeners, before, listeners_.addresses());
  log_each("no longer listening", previous->admin, admin_before, listeners_.admin_addresses());
}

AdminPages Runtime::admin_pages() {
  return {.ready = [this] { return !draining_; },
          .metrics = [this](MetricsFormat format, std::string& out) { metrics_.render(format, out); },
          .status = [this](std::string& out) { write_status(out); }};
}

void Runtime::write_status(std::string& out) const {
  render_status({.generation = *generation_,
                 .config_path = config_path_,
                 .listeners = listeners_,
                 .last_reload = last_reload_,
                 .metrics = metrics_,
                 .process = process_metrics_,
                 .in_flight = gateway_state_.metrics.in_flight(),
                 .dropped_log_records = log_sink_->dropped_records(),
                 .failed_log_bytes = log_sink_->failed_bytes(),
                 .workers = workers_->size(),
                 .draining = draining_,
                 .started_at = started_at_,
                 .now = clock_.wall_ns(),
                 .loop_now = loop_->now()},
                out);
}

}  // namespace linkspan::app
