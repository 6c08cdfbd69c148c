#include "app/runtime.h"

#include <sched.h>

#include <algorithm>
#include <csignal>
#include <future>

#include "app/admin_handler.h"

namespace linkspan::app {

namespace {

constexpr std::int64_t kRetireEveryNs = kNsPerSecond / 2;
// After the drain timeout connections are broken off; that long they may take to notice.
constexpr std::int64_t kAbortGraceNs = kNsPerSecond;

std::size_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<std::size_t>(std::max(CPU_COUNT(&set), 1));
}

LogOutput log_output(const std::string& name) {
  if (name == "stderr") return {LogOutput::Kind::standard_error, {}};
  if (name == "stdout") return {LogOutput::Kind::standard_output, {}};
  return {LogOutput::Kind::file, name};
}

}  // namespace

struct Runtime::WorkerSlot {
  std::unique_ptr<io::Worker> thread;
  std::unique_ptr<WorkerApp> app;  // touched on its thread only
};

// The admin listener, served by the control thread.
class Runtime::AdminSide {
 public:
  explicit AdminSide(Runtime& runtime)
      : handler_(runtime),
        log_(runtime.log_sink_->shared().room("admin")),
        server_(*runtime.loop_, handler_, {}, log_, *runtime.process_metrics_.control_shard, {}),
        listeners_(1) {}

  Result<void> adopt(const Generation& generation) {
    Result<std::vector<ListenerChange>> change = listeners_.change_to(generation.admin);
    if (!change) return std::move(change).error().context("admin");
    change->front().apply(server_, log_);
    return {};
  }
  const std::map<std::string, std::string>& addresses() const { return listeners_.addresses(); }

 private:
  AdminHandler handler_;
  Logger log_;
  gateway::Server server_;
  Listeners listeners_;
};

// Active health checks, from the control thread.
class Runtime::HealthSide {
 public:
  static Result<std::unique_ptr<HealthSide>> create(Runtime& runtime) {
    Result<std::unique_ptr<io::DnsResolver>> resolver = io::DnsResolver::create(*runtime.loop_, {});
    if (!resolver) return std::move(resolver).error();
    return std::unique_ptr<HealthSide>(new HealthSide(runtime, std::move(*resolver)));
  }
  void adopt(const Generation& generation) {
    clusters_.adopt(*generation.clusters);
    checker_.adopt();
  }

 private:
  HealthSide(Runtime& runtime, std::unique_ptr<io::Resolver> resolver)
      : resolver_(std::move(resolver)),
        clusters_(*runtime.loop_, *resolver_, *runtime.process_metrics_.control_shard,
                  runtime.log_sink_->shared().room("upstream")),
        checker_(clusters_, runtime.log_sink_->shared().room("health")) {}

  std::unique_ptr<io::Resolver> resolver_;
  upstream::ClusterSet clusters_;
  upstream::HealthChecker checker_;
};

Runtime::Runtime(RuntimeOptions options, Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      started_at_(clock.wall_ns()),
      process_metrics_(make_process_metrics(metrics_)),
      gateway_state_(metrics_),
      listeners_(0),
      drain_timer_(*this, &on_drain_timeout),
      retire_timer_(*this, &on_retire_timer) {}

Runtime::~Runtime() {
  stop_workers();
}

Result<std::unique_ptr<Runtime>> Runtime::start(RuntimeOptions options, const config::LoadResult& loaded, Clock& clock) {
  std::unique_ptr<Runtime> runtime(new Runtime(std::move(options), clock));
  Result<void> prepared = runtime->prepare(loaded);
  if (!prepared) return std::move(prepared).error();
  return runtime;
}

Result<void> Runtime::prepare(const config::LoadResult& loaded) {
  const config::Config& config = *loaded.config;
  LogSinkOptions log_options;
  log_options.general = log_output(config.log.output);
  log_options.access = log_output(config.log.access.output);
  log_options.format = config.log.format;
  log_options.level = config.log.level;
  Result<std::unique_ptr<LogSink>> sink = LogSink::open(log_options, clock_);
  if (!sink) return std::move(sink).error();
  log_sink_ = std::move(*sink);
  apply_log_levels(config.log);
  log_ = log_sink_->shared().room("app");
  add_process_callbacks(metrics_, *log_sink_, started_at_);

  Result<std::shared_ptr<io::TlsTickets>> tickets = io::TlsTickets::create(clock_);
  if (!tickets) return std::move(tickets).error();
  tickets_ = std::move(*tickets);
  Result<std::unique_ptr<io::Loop>> loop = io::Loop::create(clock_);
  if (!loop) return std::move(loop).error();
  loop_ = std::move(*loop);

  const std::size_t workers = config.workers != 0 ? config.workers : usable_cores();
  listeners_ = Listeners(workers);
  workers_.resize(workers);
  metrics_generation_ = metrics_.begin_generation();
  Result<std::shared_ptr<const Generation>> generation = build_generation({.config = loaded.config,
                                                                           .state = gateway_state_,
                                                                           .tickets = tickets_,
                                                                           .previous = nullptr,
                                                                           .workers = workers,
                                                                           .now = clock_.wall_ns()});
  if (!generation) return std::move(generation).error();
  generation_ = *generation;

  Result<std::unique_ptr<HealthSide>> health = HealthSide::create(*this);
  if (!health) return std::move(health).error();
  health_ = std::move(*health);
  admin_ = std::make_unique<AdminSide>(*this);
  Result<void> started = start_workers();
  if (!started) return started;
  Result<void> used = take_into_use(*generation);
  if (!used) return used;
  Result<std::unique_ptr<io::Signals>> signals =
      io::Signals::create(*loop_, [this](int signal) { on_signal(signal); });
  if (!signals) return std::move(signals).error();
  signals_ = std::move(*signals);
  return watch(loaded.files);
}

Result<void> Runtime::start_workers() {
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    workers_[i] = std::make_unique<WorkerSlot>();
    WorkerSlot& slot = *workers_[i];
    LogProducer& log = log_sink_->add_producer();
    MetricShard& shard = metrics_.add_shard();
    std::promise<Result<void>> created;
    std::future<Result<void>> outcome = created.get_future();
    io::Worker::Options options{
        .name = "worker-" + std::to_string(i),
        .cpu = -1,
        .on_start =
            [&, this](io::Loop& loop) {
              Result<std::unique_ptr<WorkerApp>> app = WorkerApp::create(
                  loop, log, shard, process_metrics_.server, gateway_state_.metrics.in_flight(), generation_);
              if (app) slot.app = std::move(*app);
              created.set_value(app ? Result<void>() : Result<void>(std::move(app).error()));
            },
        .on_end = [&slot](io::Loop&) { slot.app.reset(); }};
    Result<std::unique_ptr<io::Worker>> worker = io::Worker::start(clock_, std::move(options));
    if (!worker) return std::move(worker).error();
    slot.thread = std::move(*worker);
    Result<void> result = outcome.get();
    if (!result) return result;
  }
  return {};
}

Result<void> Runtime::take_into_use(std::shared_ptr<const Generation> generation) {
  Result<std::vector<ListenerChange>> changes = listeners_.change_to(generation->listeners);
  if (!changes) return std::move(changes).error();
  Result<void> admin = admin_->adopt(*generation);
  if (!admin) return admin;
  generation_ = std::move(generation);
  health_->adopt(*generation_);
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    WorkerSlot& slot = *workers_[i];
    // A message must be copyable, sockets are not.
    auto change = std::make_shared<ListenerChange>(std::move((*changes)[i]));
    slot.thread->post([&slot, change, next = generation_] { slot.app->adopt(next, std::move(*change)); });
  }
  process_metrics_.control_shard->set(process_metrics_.config_generation,
                                      static_cast<std::int64_t>(generation_->number));
  process_metrics_.control_shard->set(process_metrics_.config_loaded_at, clock_.wall_ns() / kNsPerSecond);
  for (const ListenerPlan& plan : generation_->listeners) {
    log_.info("listening", {{"url", plan.options->name}, {"address", listeners_.addresses().at(plan.key)}});
  }
  for (const ListenerPlan& plan : generation_->admin) {
    log_.info("admin listening", {{"url", plan.options->name}, {"address", admin_->addresses().at(plan.key)}});
  }
  return {};
}

Result<void> Runtime::watch(const std::vector<std::string>& files) {
  if (!options_.watch_files) return {};
  if (file_watch_ != nullptr) return file_watch_->set_paths(files);
  Result<std::unique_ptr<io::FileWatch>> created = io::FileWatch::create(*loop_, files, [this] { reload(); });
  if (!created) return std::move(created).error();
  file_watch_ = std::move(*created);
  return {};
}

void Runtime::apply_log_levels(const config::LogConfig& log) {
  log_sink_->clear_room_levels();
  log_sink_->set_default_level(log.level);
  for (const auto& [room, level] : log.rooms) log_sink_->set_room_level(room, level);
}

void Runtime::note_reload(bool ok, std::string problem) {
  MetricShard& shard = *process_metrics_.control_shard;
  shard.add(ok ? process_metrics_.reloads_ok : process_metrics_.reloads_failed);
  last_reload_ = {.at = clock_.wall_ns(), .ok = ok, .problem = std::move(problem)};
}

bool Runtime::reload() {
  if (draining_) return false;
  const config::LoadResult loaded = config::load_path(options_.config_path, config::system_sources());
  const Result<void> watched = watch(loaded.files);
  if (!watched) log_.warn("cannot watch the config's files", {{"error", watched.error().to_string()}});
  if (!loaded.ok()) {
    for (const config::Problem& problem : loaded.problems) log_.error(to_string(problem));
    log_.error("the config was not reloaded, the old one stays in use", {{"problems", loaded.problems.size()}});
    note_reload(false, to_string(loaded.problems.front()));
    return false;
  }
  const std::uint64_t metrics_generation = metrics_.begin_generation();
  Result<std::shared_ptr<const Generation>> generation = build_generation({.config = loaded.config,
                                                                           .state = gateway_state_,
                                                                           .tickets = tickets_,
                                                                           .previous = generation_.get(),
                                                                           .workers = workers_.size(),
                                                                           .now = clock_.wall_ns()});
  const std::weak_ptr<const gateway::Snapshot> old = generation_->snapshot;
  Result<void> used = generation ? take_into_use(std::move(*generation)) : Result<void>(std::move(generation).error());
  if (!used) {
    log_.error("the config was not reloaded, the old one stays in use", {{"error", used.error().to_string()}});
    note_reload(false, used.error().to_string());
    return false;
  }
  if (loaded.config->workers != 0 && loaded.config->workers != workers_.size()) {
    log_.warn("a new number of workers takes effect with the next start", {{"workers", workers_.size()}});
  }
  apply_log_levels(loaded.config->log);
  retire_when_unused(old, metrics_generation);
  note_reload(true, {});
  log_.info("config reloaded", {{"generation", generation_->number}});
  return true;
}

void Runtime::retire_when_unused(std::weak_ptr<const gateway::Snapshot> old, std::uint64_t metrics_generation) {
  retiring_.push_back({std::move(old), metrics_generation});
  if (!retire_timer_.armed()) loop_->arm(retire_timer_, loop_->now() + kRetireEveryNs);
}

// Metrics that only an old config had may go once no worker holds it, nor any config before it.
void Runtime::on_retire_timer(io::Timer& timer) {
  Runtime& self = *static_cast<ControlTimer&>(timer).runtime;
  std::uint64_t before = 0;
  while (!self.retiring_.empty() && self.retiring_.front().old.expired()) {
    before = self.retiring_.front().metrics_generation;
    self.retiring_.erase(self.retiring_.begin());
  }
  if (before != 0) self.metrics_.retire_before(before);
  if (!self.retiring_.empty()) self.loop_->arm(timer, self.loop_->now() + kRetireEveryNs);
}

void Runtime::on_signal(int signal) {
  switch (signal) {
    case SIGHUP: reload(); break;
    case SIGUSR1: log_sink_->request_reopen(); break;
    case SIGTERM:
    case SIGINT:
      if (draining_) {
        loop_->stop();
      } else {
        drain();
      }
      break;
    default: break;
  }
}

void Runtime::run() {
  log_.info("ready", {{"workers", workers_.size()}, {"generation", generation_->number}});
  loop_->run();
  stop_workers();
  log_.info("stopped");
}

void Runtime::drain() {
  draining_ = true;
  log_.info("draining: no new connections, requests in flight are finished");
  workers_left_ = workers_.size();
  for (auto& slot : workers_) {
    WorkerSlot& worker = *slot;
    worker.thread->post([this, &worker] {
      worker.app->drain([this] { loop_->post([this] { on_worker_drained(); }); });
    });
  }
  loop_->arm(drain_timer_, loop_->now() + generation_->config->limits.drain_timeout.count());
}

void Runtime::on_worker_drained() {
  if (--workers_left_ == 0) loop_->stop();
}

void Runtime::on_drain_timeout(io::Timer& timer) {
  Runtime& self = *static_cast<ControlTimer&>(timer).runtime;
  self.log_.warn("drain timeout: breaking off what is still in flight", {{"workers", self.workers_left_}});
  for (auto& slot : self.workers_) {
    WorkerSlot& worker = *slot;
    worker.thread->post([&worker] { worker.app->abort(); });
  }
  self.drain_timer_.on_expired = [](io::Timer& t) { static_cast<ControlTimer&>(t).runtime->loop_->stop(); };
  self.loop_->arm(timer, self.loop_->now() + kAbortGraceNs);
}

void Runtime::stop_workers() {
  for (auto& slot : workers_) {
    if (slot != nullptr && slot->thread != nullptr) slot->thread->stop();
  }
  for (auto& slot : workers_) {
    if (slot != nullptr && slot->thread != nullptr) slot->thread->join();
  }
  workers_.clear();
}

}  // namespace linkspan::app
