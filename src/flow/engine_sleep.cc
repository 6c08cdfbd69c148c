// Runs that wait are on disk only, until time or something else wakes them; a restart is the same for all at
// once.
#include <algorithm>
#include <utility>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "flow/engine_impl.h"

namespace linkspan::flow {

namespace {

// Shorter waits are not worth reading the journal again.
constexpr std::int64_t kShortWaitNs = 5 * kNsPerSecond;
constexpr std::string_view kRunKey = "run:";

}  // namespace

Result<void> Engine::Impl::recover(std::shared_ptr<const PlanSet> plans, PlanOfDefinition old_plans) {
  old_plans_ = std::move(old_plans);
  Result<store::RunNo> last = parts_.store.last_run();
  if (!last) return std::move(last).error();
  next_run_ = *last + 1;
  Result<std::vector<store::FlowVersion>> versions = parts_.store.versions();
  if (!versions) return std::move(versions).error();
  for (store::FlowVersion& version : *versions) {
    next_version_ = std::max(next_version_, version.version + 1);
    version_of_digest_[version.digest] = version.version;
    definitions_[version.version] = std::move(version.definition);
  }
  adopt(std::move(plans));
  Result<std::vector<store::RunRow>> open = parts_.store.open_runs();
  if (!open) return std::move(open).error();
  std::vector<store::RunNo> at_work;
  for (const store::RunRow& row : *open) {
    const auto status = static_cast<RunStatus>(row.state);
    Dormant& dormant = dormant_[row.run];
    dormant.wake_at = row.wake_at;
    dormant.admitted = status != RunStatus::queued;
    if (!row.order_key.empty()) order_[row.flow + '\0' + row.order_key].push_back(row.run);
    if (dormant.admitted) {
      ++lanes_[row.flow].busy;
    } else if (row.order_key.empty() || order_[row.flow + '\0' + row.order_key].front() == row.run) {
      lanes_[row.flow].waiting.push_back(row.run);
    }
    update_waits(row.run, {}, row.waits);
    arm(row.run, row.wake_at);
    if (status == RunStatus::running || status == RunStatus::undoing) at_work.push_back(row.run);
  }
  for (store::RunNo run : at_work) load(run);
  std::vector<std::string> flows;
  for (const auto& [flow, lane] : lanes_) flows.push_back(flow);
  for (const std::string& flow : flows) admit_next(flow, {});
  for (const store::RunRow& row : *open) {
    for (const std::string& key : row.waits) {
      if (key.starts_with(kRunKey)) {
        check_child(row.run, static_cast<store::RunNo>(parse_u64(key.substr(kRunKey.size())).value_or(0)));
      }
    }
  }
  return {};
}

void Engine::Impl::adopt(std::shared_ptr<const PlanSet> plans) {
  plans_ = std::move(plans);
  for (const auto& [name, plan] : plans_->plans) {
    store::VersionNo& version = version_of_digest_[plan->digest];
    if (version == 0) {
      version = next_version_++;
      definitions_[version] = plan->definition;
      unsaved_versions_[version] = {
          .version = version, .flow = plan->flow, .digest = plan->digest, .definition = plan->definition};
    }
    made_plans_[version] = plan;
  }
  for (const auto& [api, limit] : plans_->concurrency) slots_of(api).set_limit(limit);
  for (const auto& [api, gate] : plans_->rates) slots_of(api).set_gate(gate);
  for (auto& [api, slots] : slots_) {
    if (!plans_->concurrency.contains(api)) slots.set_limit(CallSlots::kUnlimited);
    if (!plans_->rates.contains(api)) slots.set_gate(nullptr);
    serve_line(slots);
  }
  // A flow may have got more places.
  std::vector<std::string> flows;
  for (const auto& [flow, lane] : lanes_) flows.push_back(flow);
  for (const std::string& flow : flows) admit_next(flow, {});
}

Result<std::shared_ptr<const Plan>> Engine::Impl::plan_of(store::VersionNo version) {
  if (const auto made = made_plans_.find(version); made != made_plans_.end()) return made->second;
  const auto definition = definitions_.find(version);
  if (definition == definitions_.end()) {
    return Error(errors::store_invalid,
                 "the store does not have the version of the flow that the run began with");
  }
  Result<std::shared_ptr<const Plan>> plan = old_plans_(definition->second);
  if (plan) made_plans_[version] = *plan;
  return plan;
}

void Engine::Impl::fall_asleep(Active& active) {
  const RunState& state = active.state;
  const WallNs next_at = active.admitted ? state.next_at() : 0;
  arm(active.run, next_at);
  const auto status = static_cast<RunStatus>(active.row.state);
  const bool waits =
      status == RunStatus::waiting || status == RunStatus::parked || status == RunStatus::queued;
  const bool soon = next_at != 0 && next_at < parts_.clock.wall_ns() + kShortWaitNs;
  if (soon || active.calls > 0) return;
  if (state.stands_in_line() ? active_.size() <= parts_.max_in_line_awake
                             : !waits || active.row.wake_at == 1) {
    return;
  }
  Dormant& dormant = dormant_[active.run];
  dormant.wake_at = next_at;
  dormant.admitted = active.admitted;
  active_.erase(active.run);
}

void Engine::Impl::load(store::RunNo run) {
  Dormant& dormant = dormant_.at(run);
  if (dormant.loading) return;
  dormant.loading = true;
  parts_.store.load(run, [this, run](Result<store::StoredRun> stored) { on_loaded(run, std::move(stored)); });
}

void Engine::Impl::on_loaded(store::RunNo run, Result<store::StoredRun> stored) {
  const auto sleeping = dormant_.find(run);
  if (sleeping == dormant_.end()) return;
  sleeping->second.loading = false;
  const std::vector<CallSlots*> held = std::exchange(sleeping->second.held, {});
  if (stored) {
    wake_up(sleeping->second, std::move(*stored));
  } else {
    parts_.log.error("a run could not be read; trying again",
                     {{"run", id_of(run)}, {"error", stored.error().to_string()}});
    arm(run, sleeping->second.wake_at = parts_.clock.wall_ns() + kShortWaitNs);
  }
  for (CallSlots* slots : held) {
    (void)slots->let_go(run);
    serve_line(*slots);
  }
}

void Engine::Impl::wake_up(Dormant& dormant, store::StoredRun stored) {
  const store::RunNo run = stored.row.run;
  Result<std::shared_ptr<const Plan>> plan = plan_of(stored.row.version);
  if (!plan) return set_aside(stored.row, plan.error().detail());
  auto active = std::make_unique<Active>(run, stored.row.version, std::move(*plan));
  for (const std::string& row : stored.records) {
    Result<std::vector<Record>> records = parse_records(row);
    if (!records) return set_aside(stored.row, records.error().detail());
    for (const Record& record : *records) {
      if (Result<void> fits = active->state.apply(record); !fits)
        return set_aside(stored.row, fits.error().detail());
    }
  }
  active->row = std::move(stored.row);
  active->next_seq = static_cast<std::uint32_t>(stored.records.size());
  active->admitted = dormant.admitted;
  active->loaded = true;
  active->inbox = std::move(dormant.inbox);
  dormant_.erase(run);
  Active& reference = *active;
  active_.emplace(run, std::move(active));
  take_turn(reference);
}

// A run that cannot go on with what is there: said in the log, and in the list of runs; it is looked at again
// at the next start.
void Engine::Impl::set_aside(const store::RunRow& row, std::string reason) {
  parts_.log.error("a run cannot go on", {{"run", id_of(row.run)}, {"flow", row.flow}, {"reason", reason}});
  Dormant& dormant = dormant_.at(row.run);
  dormant.wake_at = 0;
  for (auto& [happening, told] : std::exchange(dormant.inbox, {})) {
    if (told) told(Error(errors::repair_refused, reason));
  }
  store::Write write;
  write.run = row;
  write.run->state = static_cast<std::uint8_t>(RunStatus::parked);
  write.run->wake_at = 1;
  write.run->updated_at = parts_.clock.wall_ns();
  write.run->reason = std::move(reason);
  ++commits_;
  parts_.store.commit(std::move(write), [this](const Result<store::Committed>&) {
    --commits_;
    check_drained();
  });
}

void Engine::Impl::update_waits(store::RunNo run, const std::vector<std::string>& before,
                                const std::vector<std::string>& after) {
  for (const std::string& key : before) {
    const auto [first, last] = waits_.equal_range(key);
    const auto found = std::find_if(first, last, [run](const auto& entry) { return entry.second == run; });
    if (found != last) waits_.erase(found);
  }
  for (const std::string& key : after) {
    if (!key.starts_with("approval:")) waits_.emplace(key, run);
  }
}

void Engine::Impl::arm(store::RunNo run, WallNs at) {
  if (at != 0) timers_.push({at, run});
}

WallNs Engine::Impl::next_wake() {
  WallNs next = timers_.empty() ? 0 : timers_.top().at;
  for (const auto& [at, retry] : retries_) {
    if (next == 0 || at < next) next = at;
  }
  for (const auto& [api, slots] : slots_) {
    const WallNs at = slots.next_at();
    if (at != 0 && (next == 0 || at < next)) next = at;
  }
  return next;
}

void Engine::Impl::wake() {
  const WallNs now = parts_.clock.wall_ns();
  std::vector<std::function<void()>> due;
  for (auto& [at, retry] : retries_) {
    if (at <= now) due.push_back(std::move(retry));
  }
  std::erase_if(retries_, [now](const auto& entry) { return entry.first <= now; });
  for (const std::function<void()>& retry : due) retry();
  for (auto& [api, slots] : slots_) {
    if (slots.next_at() != 0 && slots.next_at() <= now) serve_line(slots);
  }
  // What a turn arms anew is for the next time, however early it is: no run can hold up the others.
  std::vector<store::RunNo> runs;
  for (; !timers_.empty() && timers_.top().at <= now; timers_.pop()) runs.push_back(timers_.top().run);
  for (const store::RunNo run : runs) {
    if (const auto active = active_.find(run); active != active_.end()) {
      active->second->again = true;
      if (!active->second->busy && !draining_) take_turn(*active->second);
    } else if (const auto sleeping = dormant_.find(run); sleeping != dormant_.end()) {
      const bool is_due = sleeping->second.wake_at != 0 && sleeping->second.wake_at <= now;
      if (is_due && sleeping->second.admitted && !draining_) load(run);
    }
  }
}

// If the run that another waits for has ended meanwhile: its end may have been written just before a crash.
void Engine::Impl::check_child(store::RunNo parent, store::RunNo child) {
  if (active_.contains(child) || dormant_.contains(child)) return;
  parts_.store.load(child, [this, parent, child](const Result<store::StoredRun>& stored) {
    if (!stored && is_passing(stored.error()))
      return try_later([this, parent, child] { check_child(parent, child); });
    RunStatus status = RunStatus::cancelled;
    data::JsonValue output;
    std::string reason = "it is not in the store any more";
    if (stored && !stored->row.open) {
      status = static_cast<RunStatus>(stored->row.state);
      reason = stored->row.reason;
      for (const std::string& row : stored->records) {
        const Result<std::vector<Record>> records = parse_records(row);
        if (records && !records->empty() && records->back().kind == RecordKind::end)
          output = records->back().value;
      }
    }
    happen(parent,
           [child, status, output, reason](Turn& turn) {
             turn.on_child_ended(child, status, output, reason);
             return Result<void>();
           },
           {});
  });
}

void Engine::Impl::drain(std::function<void()> done) {
  draining_ = true;
  drained_ = std::move(done);
  check_drained();
}

void Engine::Impl::check_drained() {
  if (!draining_ || !drained_ || commits_ > 0 || calls_ > 0) return;
  std::exchange(drained_, {})();
}

}  // namespace linkspan::flow
