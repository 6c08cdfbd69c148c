#include "app/flows/flow_thread.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"

namespace linkspan::app {

namespace {

constexpr const char* kStatusKey = "intake:status_key";
constexpr std::int64_t kExpireEveryNs = 60 * kNsPerSecond;
// The wall clock may be set: it is looked at again at least this often.
constexpr std::int64_t kLookAgainNs = 60 * kNsPerSecond;

store::SqliteOptions store_options(const config::StoreConfig& config, io::Loop& loop, const Logger& log) {
  store::SqliteOptions options;
  options.file.path = config.path;
  options.post = [&loop](std::function<void()> message) { loop.post(std::move(message)); };
  options.report = [log](const Error& error) {
    log.error("the store could not do its housekeeping", {{"error", error.to_string()}});
  };
  return options;
}

store::Retention retention_of(const config::StoreConfig& config) {
  return {.keep_ended_ns = config.keep_for.count(), .max_bytes = config.keep_max_bytes};
}

}  // namespace

Result<std::unique_ptr<FlowThread>> FlowThread::create(io::Loop& loop, LogProducer& log, MetricShard& shard,
                                                       const FlowMetrics& metrics,
                                                       const Generation& generation) {
  const Logger logger = log.room("flow");
  const config::StoreConfig& config = *generation.config->store;
  Result<std::unique_ptr<store::SqliteStore>> store =
      store::SqliteStore::open(store_options(config, loop, logger), loop.clock());
  if (!store) return std::move(store).error().context("store " + config.path);
  Result<std::unique_ptr<io::DnsResolver>> resolver = io::DnsResolver::create(loop, {});
  if (!resolver) return std::move(resolver).error();
  std::unique_ptr<FlowThread> thread(
      new FlowThread(loop, logger, std::move(*resolver), shard, metrics, std::move(*store), generation));
  Result<void> taken = thread->take_values();
  if (!taken) return std::move(taken).error();
  Result<void> recovered = thread->recover();
  if (!recovered) return std::move(recovered).error();
  return thread;
}

FlowThread::FlowThread(io::Loop& loop, Logger log, std::unique_ptr<io::Resolver> resolver, MetricShard& shard,
                       const FlowMetrics& metrics, std::unique_ptr<store::SqliteStore> store,
                       const Generation& generation)
    : loop_(loop),
      log_(log),
      shard_(shard),
      metrics_(metrics),
      resolver_(std::move(resolver)),
      clusters_(loop, *resolver_, shard, log.room("upstream")),
      flows_(generation.flows),
      retention_(retention_of(*generation.config->store)),
      wake_timer_(*this, &on_wake),
      expire_timer_(*this, &on_expire),
      store_(std::move(store)),
      caller_(clusters_, loop),
      engine_(std::make_unique<flow::Engine>(flow::Engine::Parts{
          .store = *store_, .caller = caller_, .clock = loop.clock(), .random = random_, .log = log})) {
  clusters_.adopt(*generation.clusters);
  loop_.set_after_batch([this] { after_batch(); });
}

FlowThread::~FlowThread() {
  loop_.set_after_batch({});
  const flow::EngineCounts counts = engine_->counts();
  poller_.reset();
  scheduler_.reset();
  engine_.reset();
  store_.reset();
  log_.info("flows stopped", {{"open_runs", counts.active + counts.dormant}});
}

Result<void> FlowThread::recover() {
  link_approvals();
  Result<void> recovered = engine_->recover(flows_->plans, [this](const std::string& definition) {
    return plan_of_definition(definition, flows_->catalog);
  });
  if (!recovered) return recovered;
  const flow::EngineCounts counts = engine_->counts();
  const store::OpenReport& opened = store_->opened();
  log_.info("flows ready", {{"flows", flows_->flows.size()},
                            {"open_runs", counts.active + counts.dormant},
                            {"store", store_->id()},
                            {"ended_cleanly", opened.ended_cleanly},
                            {"from_backup", opened.restored}});
  loop_.arm(expire_timer_, loop_.now() + kExpireEveryNs);
  adopt_triggers();
  after_batch();  // the loop may wait long for its first one
  return {};
}

Result<void> FlowThread::take_values() {
  Result<std::vector<store::NamedValue>> values = store_->values();
  if (!values) return std::move(values).error();
  Result<std::string> status_key = take_key(*values, kStatusKey);
  if (!status_key) return std::move(status_key).error();
  status_key_ = std::move(*status_key);
  Result<std::string> approval_key = take_key(*values, flow::kApprovalKeyName);
  if (!approval_key) return std::move(approval_key).error();
  approval_key_ = std::move(*approval_key);
  scheduler_ = std::make_unique<flow::Scheduler>(
      flow::Scheduler::Parts{.engine = *engine_, .store = *store_, .clock = loop_.clock(), .log = log_},
      *values);
  poller_ = std::make_unique<flow::Poller>(flow::Poller::Parts{.engine = *engine_,
                                                               .store = *store_,
                                                               .caller = caller_,
                                                               .clock = loop_.clock(),
                                                               .random = random_,
                                                               .log = log_},
                                           *values);
  return {};
}

// A secret of the store, made when it is first asked for.
Result<std::string> FlowThread::take_key(const std::vector<store::NamedValue>& values, const char* name) {
  for (const store::NamedValue& value : values) {
    if (value.name == name && value.value && !value.value->empty()) return *value.value;
  }
  std::array<std::uint8_t, 32> bytes;
  Result<void> filled = fill_secure(bytes);
  if (!filled) return std::move(filled).error();
  std::string key = encode_hex(bytes);
  store::Write write;
  write.values.push_back({name, key});
  // Committed before the start of any run that something is proven of by it.
  store_->commit(std::move(write), [log = log_, name](const Result<store::Committed>& outcome) {
    if (!outcome) log.warn("a key was not kept", {{"key", name}, {"error", outcome.error().to_string()}});
  });
  return key;
}

void FlowThread::link_approvals() {
  const std::optional<config::ApprovalsConfig>& config = flows_->config->approvals;
  approvals_ = config ? std::make_shared<const flow::ApprovalLinks>(approval_key_, config->url,
                                                                    config->expires.count())
                      : nullptr;
  engine_->link_approvals(approvals_);
}

void FlowThread::adopt(const Generation& generation) {
  clusters_.adopt(*generation.clusters);
  flows_ = generation.flows;
  if (generation.config->store) retention_ = retention_of(*generation.config->store);
  engine_->adopt(flows_->plans);
  link_approvals();
  adopt_triggers();
}

void FlowThread::adopt_triggers() {
  std::vector<flow::Schedule> schedules;
  std::vector<flow::PollTrigger> polls;
  for (const FlowEntry& entry : flows_->flows) {
    if (entry.schedule) schedules.push_back(*entry.schedule);
    if (entry.poll == nullptr) continue;
    polls.push_back({.flow = entry.config->name,
                     .plan = entry.poll,
                     .input = entry.input,
                     .input_name = entry.plan->input_name});
  }
  scheduler_->adopt(std::move(schedules));
  if (!draining_) poller_->adopt(std::move(polls));
}

WallNs FlowThread::next_wake() const {
  WallNs next = engine_->next_wake();
  if (draining_) return next;
  for (const WallNs at : {scheduler_->next_wake(), poller_->next_wake()}) {
    if (at != 0 && (next == 0 || at < next)) next = at;
  }
  return next;
}

void FlowThread::drain(std::function<void()> done) {
  draining_ = true;
  poller_->stop();
  engine_->drain(std::move(done));
}

void FlowThread::run(const std::function<void(FlowWork&)>& work) {
  FlowWork parts{.engine = *engine_,
                 .store = *store_,
                 .flows = *flows_,
                 .polls = *poller_,
                 .approvals = approvals_.get()};
  work(parts);
}

void FlowThread::after_batch() {
  record_counts();
  const WallNs wake_at = next_wake();
  if (wake_at == armed_for_ && (wake_at == 0 || wake_timer_.armed())) return;
  armed_for_ = wake_at;
  if (wake_at == 0) return wake_timer_.cancel();
  const std::int64_t left = std::clamp<std::int64_t>(wake_at - loop_.clock().wall_ns(), 0, kLookAgainNs);
  loop_.arm(wake_timer_, loop_.now() + left);
}

void FlowThread::on_wake(io::Timer& timer) {
  FlowThread& self = *static_cast<OwnTimer&>(timer).thread;
  self.armed_for_ = 0;
  self.engine_->wake();
  if (self.draining_) return;
  self.scheduler_->wake();
  self.poller_->wake();
}

void FlowThread::record_counts() {
  const flow::EngineCounts counts = engine_->counts();
  shard_.set(metrics_.active, static_cast<std::int64_t>(counts.active));
  shard_.set(metrics_.waiting, static_cast<std::int64_t>(counts.dormant));
  shard_.set(metrics_.queued, static_cast<std::int64_t>(counts.queued));
  shard_.add(metrics_.started, counts.started - recorded_.started);
  shard_.add(metrics_.ended, counts.ended - recorded_.ended);
  shard_.add(metrics_.parked, counts.parked - recorded_.parked);
  shard_.add(metrics_.calls, counts.calls - recorded_.calls);
  recorded_ = counts;
  record_polls();
}

void FlowThread::record_polls() {
  const flow::PollCounts counts = poller_->counts();
  shard_.set(metrics_.polls_failing, static_cast<std::int64_t>(poller_->failing()));
  shard_.add(metrics_.polls_succeeded, counts.succeeded - recorded_polls_.succeeded);
  shard_.add(metrics_.polls_failed, counts.failed - recorded_polls_.failed);
  shard_.add(metrics_.items_started, counts.started - recorded_polls_.started);
  shard_.add(metrics_.items_known, counts.known - recorded_polls_.known);
  shard_.add(metrics_.items_refused, counts.refused - recorded_polls_.refused);
  recorded_polls_ = counts;
}

void FlowThread::on_expire(io::Timer& timer) {
  FlowThread& self = *static_cast<OwnTimer&>(timer).thread;
  self.store_->expire(self.retention_);
  self.loop_.arm(timer, self.loop_.now() + kExpireEveryNs);
}

}  // namespace linkspan::app
