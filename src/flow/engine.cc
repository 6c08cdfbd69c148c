#include "flow/engine.h"

#include <utility>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/json_write.h"
#include "flow/engine_impl.h"

namespace linkspan::flow {

namespace {

constexpr std::int64_t kRetryNs = kNsPerSecond;

}  // namespace

bool Engine::Impl::is_passing(const Error& error) {
  return &error.kind() == &errors::store_full || &error.kind() == &errors::store_failed ||
         &error.kind() == &errors::overloaded;
}

Engine::Impl::Impl(Parts parts)
    : parts_(parts), evaluator_(parts.clock), plans_(std::make_shared<PlanSet>()) {}

void Engine::Impl::start(StartRequest request, StartDone done) {
  const auto refuse = [&](Error error) {
    StartOutcome outcome;
    outcome.error = std::move(error);
    done(std::move(outcome));
  };
  if (draining_) return refuse(Error(errors::overloaded, "Linkspan is about to stop"));
  const auto plan = plans_->plans.find(request.flow);
  if (plan == plans_->plans.end())
    return refuse(Error(errors::flow_unknown, "there is no flow " + request.flow));
  std::string order_key;
  if (plan->second->order_by) {
    Result<data::JsonValue> key = plan->second->order_by->evaluate(evaluator_, request.input, {});
    if (!key) return refuse(Error(errors::flow_failed, "order_by: " + key.error().detail()));
    if (!key->is_null()) order_key = key->is_string() ? std::string(key->string()) : data::write_json(*key);
  }
  const store::RunNo run = next_run_++;
  auto active = std::make_unique<Active>(run, version_of_digest_[plan->second->digest], plan->second);
  active->row.run = run;
  active->row.flow = request.flow;
  active->row.version = active->version;
  active->row.order_key = std::move(order_key);
  active->row.started_at = parts_.clock.wall_ns();
  Active& reference = *active;
  active_.emplace(run, std::move(active));
  reference.admitted = queue_up(reference);
  ++counts_.started;
  take_turn(reference, std::move(done), &request);
}

// One turn: what is in the inbox, and what follows from it.
void Engine::Impl::take_turn(Active& active, StartDone started, const StartRequest* request) {
  const std::string id = id_of(active.run);
  Turn turn(active.state, {.run = active.run,
                           .run_id = id,
                           .now = parts_.clock.wall_ns(),
                           .evaluator = evaluator_,
                           .random = parts_.random,
                           .monotonic_now = parts_.clock.monotonic_ns(),
                           .slots = slots_,
                           .approvals = approvals_.get()});
  auto commit_of_turn = std::make_shared<Commit>();
  if (request != nullptr) {
    turn.begin(request->input, request->trigger, request->facts);
    if (!request->claim_key.empty()) {
      commit_of_turn->write.claims.push_back({.space = request->claim_space,
                                              .key = request->claim_key,
                                              .run = active.run,
                                              .expires_at = parts_.clock.wall_ns() + request->claim_for_ns});
    }
    commit_of_turn->write.values = request->values;
    // With the first run of it; until that is on disk, with each.
    if (const auto unsaved = unsaved_versions_.find(active.version); unsaved != unsaved_versions_.end()) {
      commit_of_turn->write.version = unsaved->second;
    }
  }
  active.busy = true;
  if (active.loaded) turn.resume();
  active.loaded = false;
  active.again = false;
  for (auto& [happening, told] : std::exchange(active.inbox, {})) {
    Result<void> accepted = happening(turn);
    if (!accepted) {
      if (told) told(std::move(accepted));
    } else if (told) {
      commit_of_turn->told.push_back(std::move(told));
    }
  }
  // While Linkspan ends, what came is written; what would follow is for the next start.
  if (active.admitted && !draining_) turn.go_on();
  commit_of_turn->started = std::move(started);
  commit_of_turn->effects = std::move(turn.effects());
  if (!turn.has_records()) {
    for (Done& told : commit_of_turn->told) told({});
    carry_out(active, std::move(commit_of_turn->effects));
    active.busy = false;
    return settle(active);
  }
  commit_of_turn->write.records.push_back(
      {.run = active.run, .seq = active.next_seq++, .bytes = turn.take_journal()});
  fill_row(active, commit_of_turn->write);
  commit(active.run, std::move(commit_of_turn));
}

// The row is written only where a list, or the next start, would see a difference.
void Engine::Impl::fill_row(Active& active, store::Write& write) {
  const RunState& state = active.state;
  store::RunRow row = active.row;
  const RunStatus status = active.admitted || state.is_over() ? state.status() : RunStatus::queued;
  row.state = static_cast<std::uint8_t>(status);
  row.open = !state.is_over();
  row.reason = state.is_over() ? state.reason() : state.what_holds();
  if (status == RunStatus::running || status == RunStatus::queued) row.reason.clear();
  row.waits = row.open ? state.waits() : std::vector<std::string>();
  row.wake_at = row.open ? state.next_at() : 0;
  const bool is_read_again = status == RunStatus::running || status == RunStatus::undoing;
  // Its place in line is not on disk: the next start must look at it.
  if (state.stands_in_line() && !is_read_again && row.open) row.wake_at = 1;
  if (status == RunStatus::parked) {
    // Others of its steps may be under way: the next start must look at it.
    for (const StepState& step : state.steps()) {
      for (const Task& task : step.tasks) {
        if (task.phase == Task::Phase::called || task.undo == Task::Undo::called) row.wake_at = 1;
      }
    }
  }
  const bool is_first = active.next_seq == 1;
  const bool differs = is_first || row.state != active.row.state || row.open != active.row.open ||
                       row.reason != active.row.reason || row.waits != active.row.waits ||
                       row.wake_at != active.row.wake_at;
  if (!differs) return;
  row.updated_at = parts_.clock.wall_ns();
  if (!row.open) row.ended_at = row.updated_at;
  if (row.waits != active.row.waits) update_waits(active.run, active.row.waits, row.waits);
  if (status == RunStatus::parked && active.row.state != row.state) ++counts_.parked;
  active.row = row;
  write.run = std::move(row);
}

void Engine::Impl::commit(store::RunNo run, std::shared_ptr<Commit> commit) {
  ++commits_;
  if (!commit->handed_over)
    commit->handed_over = std::make_shared<const store::Write>(std::move(commit->write));
  parts_.store.hand_over(commit->handed_over, [this, run, commit](Result<store::Committed> outcome) {
    --commits_;
    on_committed(run, commit, std::move(outcome));
    check_drained();
  });
}

void Engine::Impl::on_committed(store::RunNo run, const std::shared_ptr<Commit>& commit,
                                Result<store::Committed> outcome) {
  if (!outcome) return on_commit_failed(run, commit, std::move(outcome).error());
  Active& active = *active_.at(run);
  if (outcome->taken_by) {
    StartOutcome told{
        .error = {}, .run_id = id_of(*outcome->taken_by), .run = *outcome->taken_by, .is_duplicate = true};
    return forget_start(active, *commit, std::move(told));
  }
  const store::Write& written = *commit->handed_over;
  if (written.version) unsaved_versions_.erase(written.version->version);
  if (commit->started) {
    commit->started({.error = {}, .run_id = id_of(run), .run = run, .is_duplicate = false});
  }
  for (Done& told : commit->told) told({});
  carry_out(active, std::move(commit->effects));
  active.busy = false;
  settle(active);
}

// A run that did not begin after all; `told` says why.
void Engine::Impl::forget_start(const Active& active, const Commit& commit, StartOutcome told) {
  --counts_.started;
  const store::RunRow row = active.row;
  leave_queues(row.run, row.flow, row.order_key, active.admitted);
  update_waits(row.run, row.waits, {});
  const auto inbox = std::move(active_.at(row.run)->inbox);
  active_.erase(row.run);
  for (const auto& [happening, heard] : inbox) {
    if (heard) heard(Error(errors::run_not_found, "the run did not begin"));
  }
  if (commit.started) commit.started(std::move(told));
  admit_next(row.flow, row.order_key);
  for (const CallEffect& effect : commit.effects.calls) {
    if (effect.has_slot) free_slot(slots_of(effect.request.api));
  }
}

// Nothing of it is on disk. Who wanted to begin a run is told so; all else is written again until it is.
void Engine::Impl::on_commit_failed(store::RunNo run, const std::shared_ptr<Commit>& commit, Error error) {
  Active& active = *active_.at(run);
  if (commit->started) {
    StartOutcome outcome;
    outcome.error = std::move(error);
    return forget_start(active, *commit, std::move(outcome));
  }
  if (commit->failures++ == 0) {
    parts_.log.error("a step could not be written; trying again",
                     {{"run", id_of(run)}, {"error", error.to_string()}});
  }
  retries_.emplace_back(parts_.clock.wall_ns() + kRetryNs,
                        [this, run, commit] { this->commit(run, commit); });
}

// Tells the effects of one step apart: of its items, and of what a person has had done anew.
std::string Engine::Impl::occurrence_of(Active& active, const TaskRef& task) {
  std::string text = std::to_string(task.item);
  const std::uint32_t edition = active.state.task(task.step, task.item).edition;
  if (edition != 0) text += ".e" + std::to_string(edition);
  return text;
}

void Engine::Impl::carry_out(Active& active, Effects effects) {
  const store::RunNo run = active.run;
  for (CallEffect& effect : effects.calls) call(active, std::move(effect));
  for (EmitEffect& effect : effects.emits) {
    const std::string id = id_of(run) + "-" + active.state.plan().steps[effect.task.step].name + "-" +
                           occurrence_of(active, effect.task);
    deliver_effect(run, std::move(effect), id);
  }
  for (ChildEffect& effect : effects.children) {
    std::string key =
        id_of(run) + "-" + std::to_string(effect.task.step) + "-" + occurrence_of(active, effect.task);
    // A person who has it tried again wants another run.
    if (effect.attempt > 1) key += "-" + std::to_string(effect.attempt);
    start_child(run, std::move(effect), std::move(key));
  }
}

// Until it is heard: the intent is in the journal, and what is refused for now is tried again.
void Engine::Impl::deliver_effect(store::RunNo run, EmitEffect effect, const std::string& id) {
  auto shared = std::make_shared<EmitEffect>(std::move(effect));
  deliver(shared->event, shared->key, shared->data, id, [this, run, shared, id](const Result<void>& outcome) {
    if (!outcome && is_passing(outcome.error())) {
      return try_later([this, run, shared, id] {
        if (active_.contains(run)) deliver_effect(run, *shared, id);
      });
    }
    happen(run, [task = shared->task](Turn& turn) { return turn.on_emitted(task), Result<void>(); }, {});
  });
}

// What cannot be done now; while Linkspan ends, the next start does it.
void Engine::Impl::try_later(std::function<void()> what) {
  if (draining_) return;
  retries_.emplace_back(parts_.clock.wall_ns() + kRetryNs, std::move(what));
}

void Engine::Impl::call(Active& active, CallEffect effect) {
  ++active.calls;
  ++calls_;
  ++counts_.calls;
  const store::RunNo run = active.run;
  effect.request.task = effect.task;
  CallSlots& slots = slots_of(effect.request.api);
  if (!effect.has_slot) slots.take_over_limit();
  parts_.caller.call(std::move(effect.request), [this, run, &slots, task = effect.task](CallOutcome outcome) {
    --calls_;
    if (const auto found = active_.find(run); found != active_.end()) --found->second->calls;
    auto shared = std::make_shared<CallOutcome>(std::move(outcome));
    happen(run, [task, shared](Turn& turn) { return turn.on_answer(task, *shared), Result<void>(); }, {});
    free_slot(slots);
    check_drained();
  });
}

// A call has ended: whoever stands in line may go on.
void Engine::Impl::free_slot(CallSlots& slots) {
  slots.give_back();
  serve_line(slots);
}

CallSlots& Engine::Impl::slots_of(const std::string& api) {
  return slots_.try_emplace(api, CallSlots(CallSlots::kUnlimited)).first->second;
}

void Engine::Impl::serve_line(CallSlots& slots) {
  if (draining_) return;
  const Instant now{.wall = parts_.clock.wall_ns(), .monotonic = parts_.clock.monotonic_ns()};
  while (const std::optional<store::RunNo> next = slots.next(now)) {
    if (const auto active = active_.find(*next); active != active_.end()) {
      active->second->again = true;
      if (!active->second->busy) take_turn(*active->second);
    } else if (const auto sleeping = dormant_.find(*next); sleeping != dormant_.end()) {
      slots.hold(*next);
      sleeping->second.held.push_back(&slots);
      load(*next);
    }
  }
}

void Engine::Impl::start_child(store::RunNo parent, ChildEffect effect, std::string key) {
  StartRequest request;
  request.flow = effect.flow;
  request.input = effect.input;
  request.trigger = "run";
  request.facts = data::JsonObjectBuilder().set("parent", id_of(parent)).build();
  // The same step of the same run starts it once, whatever happens in between.
  request.claim_space = "child";
  request.claim_key = key;
  request.claim_for_ns = std::int64_t{10} * 365 * 24 * 3600 * kNsPerSecond;
  auto shared = std::make_shared<ChildEffect>(std::move(effect));
  start(std::move(request), [this, parent, shared, key = std::move(key)](StartOutcome outcome) {
    if (outcome.error && is_passing(*outcome.error)) {
      return try_later([this, parent, shared, key] {
        if (active_.contains(parent)) start_child(parent, *shared, key);
      });
    }
    if (outcome.error) {
      auto error = std::make_shared<Error>(std::move(*outcome.error));
      happen(
          parent,
          [shared, error](Turn& turn) { return turn.on_child_refused(shared->task, *error), Result<void>(); },
          {});
      return;
    }
    happen(
        parent,
        [shared, child = outcome.run](Turn& turn) {
          return turn.on_child_started(shared->task, child), Result<void>();
        },
        [this, parent, child = outcome.run](const Result<void>&) { check_child(parent, child); });
  });
}

// After a turn that is on disk: the next one, the end, or sleep.
void Engine::Impl::settle(Active& active) {
  if (active.busy) return;
  if (active.state.is_over() || active.state.answer().status != 0) tell(active);
  if (active.state.is_over()) return end(active);
  if (!active.inbox.empty() || active.again) return take_turn(active);
  fall_asleep(active);
}

void Engine::Impl::end(Active& active) {
  ++counts_.ended;
  const store::RunNo run = active.run;
  const store::RunRow row = active.row;
  const RunStatus status = active.state.status();
  const data::JsonValue output = active.state.output();
  for (auto& [happening, told] : active.inbox) {
    if (told) told(Error(errors::run_ended, "the run has ended"));
  }
  leave_queues(run, row.flow, row.order_key, active.admitted);
  active_.erase(run);
  std::vector<store::RunNo> parents;
  const auto [first, last] = waits_.equal_range("run:" + std::to_string(run));
  for (auto at = first; at != last; ++at) parents.push_back(at->second);
  for (store::RunNo parent : parents) {
    happen(parent,
           [run, status, output, reason = row.reason](Turn& turn) {
             turn.on_child_ended(run, status, output, reason);
             return Result<void>();
           },
           {});
  }
  admit_next(row.flow, row.order_key);
}

void Engine::Impl::tell(const Active& active) {
  const auto found = answer_waiters_.find(active.run);
  if (found == answer_waiters_.end()) return;
  const std::vector<AnswerDone> waiters = std::move(found->second);
  answer_waiters_.erase(found);
  const RunState& state = active.state;
  RunAnswer answer{
      .status = state.status(), .http_status = state.answer().status, .body = {}, .reason = state.reason()};
  answer.body = answer.http_status != 0 ? state.answer().body : state.output();
  for (const AnswerDone& done : waiters) done(answer);
}

void Engine::Impl::happen(store::RunNo run, Happening happening, Done done) {
  if (const auto found = active_.find(run); found != active_.end()) {
    found->second->inbox.emplace_back(std::move(happening), std::move(done));
    if (!found->second->busy) take_turn(*found->second);
    return;
  }
  const auto sleeping = dormant_.find(run);
  if (sleeping == dormant_.end()) {
    if (done) done(Error(errors::run_not_found, "no open run " + id_of(run)));
    return;
  }
  sleeping->second.inbox.emplace_back(std::move(happening), std::move(done));
  load(run);
}

bool Engine::Impl::when_answered(store::RunNo run, AnswerDone done) {
  const auto found = active_.find(run);
  if (found == active_.end() && !dormant_.contains(run)) return false;
  answer_waiters_[run].push_back(std::move(done));
  if (found == active_.end()) {
    // Whether it has answered is in its journal.
    happen(run, [](Turn&) { return Result<void>(); }, {});
  } else if (!found->second->busy && found->second->state.answer().status != 0) {
    tell(*found->second);
  }
  return true;
}

void Engine::Impl::deliver(std::string_view event, std::string_view key, const data::JsonValue& data,
                           std::string_view id, Done delivered) {
  struct Left {
    std::size_t count = 1;
    Result<void> outcome;
    Done done;
  };
  auto left = std::make_shared<Left>(1, Result<void>(), std::move(delivered));
  const auto one_done = [left] {
    if (--left->count == 0) left->done(std::move(left->outcome));
  };
  std::vector<std::string> keys{"event:" + std::string(event)};
  if (!key.empty()) keys.push_back(keys[0] + ":" + std::string(key));
  for (const std::string& wait : keys) {
    std::vector<store::RunNo> runs;
    const auto [first, last] = waits_.equal_range(wait);
    for (auto at = first; at != last; ++at) runs.push_back(at->second);
    for (store::RunNo run : runs) {
      ++left->count;
      happen(
          run,
          [wait, data, event_id = std::string(id)](Turn& turn) {
            return turn.on_event(wait, event_id, data), Result<void>();
          },
          [one_done](const Result<void>&) { one_done(); });
    }
  }
  const auto [first, last] = plans_->by_event.equal_range(std::string(event));
  for (auto at = first; at != last; ++at) {
    ++left->count;
    StartRequest request;
    request.flow = at->second;
    request.input = data;
    request.trigger = "event";
    request.facts = data::JsonObjectBuilder().set("event", event).set("key", key).set("id", id).build();
    request.claim_space = "event:" + at->second;
    request.claim_key = id;
    request.claim_for_ns = std::int64_t{30} * 24 * 3600 * kNsPerSecond;
    start(std::move(request), [this, left, one_done, flow = at->second](StartOutcome outcome) {
      if (outcome.error && !is_passing(*outcome.error)) {
        parts_.log.error("an event started no run", {{"flow", flow}, {"error", outcome.error->to_string()}});
      }
      if (outcome.error) left->outcome = std::move(*outcome.error);
      one_done();
    });
  }
  one_done();
}

void Engine::Impl::emit(std::string_view event, std::string_view key, const data::JsonValue& data,
                        std::string_view id, Done done) {
  if (draining_) return done(Error(errors::overloaded, "Linkspan is about to stop"));
  deliver(event, key, data, id, std::move(done));
}

WallNs Engine::Impl::place_of_call(std::string_view api) {
  const WallNs now = parts_.clock.wall_ns();
  const auto gate = plans_->rates.find(api);
  if (gate == plans_->rates.end()) return now;
  const MonotonicNs monotonic_now = parts_.clock.monotonic_ns();
  return now + (gate->second->reserve(monotonic_now) - monotonic_now);
}

EngineCounts Engine::Impl::counts() const {
  EngineCounts counts = counts_;
  counts.active = active_.size();
  counts.dormant = dormant_.size();
  for (const auto& [key, runs] : order_) counts.queued += runs.size() - 1;
  for (const auto& [flow, lane] : lanes_) counts.queued += lane.waiting.size();
  return counts;
}

std::string Engine::Impl::id_of(store::RunNo run) const {
  return parts_.store.id() + "-" + std::to_string(run);
}

store::RunNo Engine::Impl::run_of(std::string_view id) const {
  const auto [store, number] = split_once(id, '-');
  if (!number || store != parts_.store.id()) return 0;
  const std::optional<std::uint64_t> run = parse_u64(*number);
  return run && *run < (std::uint64_t{1} << 62) ? static_cast<store::RunNo>(*run) : 0;
}

Engine::Engine(Parts parts) : impl_(std::make_unique<Impl>(parts)) {}
Engine::~Engine() = default;

Result<void> Engine::recover(std::shared_ptr<const PlanSet> plans, PlanOfDefinition old_plans) {
  return impl_->recover(std::move(plans), std::move(old_plans));
}
void Engine::adopt(std::shared_ptr<const PlanSet> plans) {
  impl_->adopt(std::move(plans));
}
void Engine::start(StartRequest request, StartDone done) {
  impl_->start(std::move(request), std::move(done));
}
bool Engine::when_answered(store::RunNo run, AnswerDone done) {
  return impl_->when_answered(run, std::move(done));
}
void Engine::emit(std::string_view event, std::string_view key, const data::JsonValue& data,
                  std::string_view id, Done done) {
  impl_->emit(event, key, data, id, std::move(done));
}
void Engine::repair(store::RunNo run, Repair repair, Done done) {
  impl_->repair(run, std::move(repair), std::move(done));
}
void Engine::approve(store::RunNo run, std::string_view step, const data::JsonValue& decision, Done done) {
  impl_->approve(run, step, decision, std::move(done));
}
void Engine::approve_by_link(store::RunNo run, std::string_view step, const data::JsonValue& decision,
                             std::string_view id, Done done) {
  impl_->approve_by_link(run, step, decision, id, std::move(done));
}
void Engine::link_approvals(std::shared_ptr<const ApprovalLinks> links) {
  impl_->link_approvals(std::move(links));
}
WallNs Engine::place_of_call(std::string_view api) {
  return impl_->place_of_call(api);
}
WallNs Engine::next_wake() {
  return impl_->next_wake();
}
void Engine::wake() {
  impl_->wake();
}
void Engine::drain(std::function<void()> done) {
  impl_->drain(std::move(done));
}
EngineCounts Engine::counts() const {
  return impl_->counts();
}
std::string Engine::id_of(store::RunNo run) const {
  return impl_->id_of(run);
}
store::RunNo Engine::run_of(std::string_view id) const {
  return impl_->run_of(id);
}

}  // namespace linkspan::flow
