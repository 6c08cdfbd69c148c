// One turn of a run: what can be done now is decided, written as records and applied to the state. Pure but
// for the state: the engine commits the records, and only then carries out the effects.
//
//   Turn turn(state, context);
//   turn.on_answer({.step = 1}, outcome);     // or any other event; none for a fresh run
//   turn.go_on();
//   store.commit(turn.take_journal()), then: send turn.effects().calls ...
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/units.h"
#include "flow/approval_links.h"
#include "flow/caller.h"
#include "flow/calls/call_slots.h"
#include "flow/run/exchange.h"
#include "flow/run/record.h"
#include "flow/run/run_state.h"

namespace linkspan::flow {

struct CallEffect {
  TaskRef task;
  bool has_slot = false;  // of its API; else it counts beyond the limit
  Outgoing request;
};

struct EmitEffect {
  TaskRef task;
  std::string event;
  std::string key;
  data::JsonValue data;
};

struct ChildEffect {
  TaskRef task;
  std::uint32_t attempt = 1;
  std::string flow;
  data::JsonValue input;
};

struct Effects {
  std::vector<CallEffect> calls;
  std::vector<EmitEffect> emits;
  std::vector<ChildEffect> children;
};

struct RetryOrder {
  data::JsonValue body = {};  // to be sent instead; null: the same as before
  data::JsonValue who = {};   // for the journal
  bool confirmed = false;
};

struct TurnContext {
  store::RunNo run = 0;
  std::string_view run_id;
  WallNs now = 0;
  Evaluator& evaluator;
  Random& random;
  MonotonicNs monotonic_now = 0;                         // the same instant as `now`
  std::map<std::string, CallSlots, std::less<>>& slots;  // of APIs that were called
  const ApprovalLinks* approvals = nullptr;              // null: there are no links
};

class Turn {
 public:
  Turn(RunState& state, const TurnContext& context);

  // The first record of a run.
  void begin(const data::JsonValue& input, std::string_view trigger, const data::JsonValue& facts);
  // After a restart: what was under way is sent again where that is safe, else its outcome is asked for or a
  // person is.
  void resume();

  // What happened; of tasks that do not wait for it, nothing comes of it.
  void on_answer(const TaskRef& task, const CallOutcome& outcome);
  void on_emitted(const TaskRef& task);
  void on_child_started(const TaskRef& task, store::RunNo child);
  void on_child_ended(store::RunNo child, RunStatus status, const data::JsonValue& output,
                      std::string_view reason);
  // It could not be: there is no such flow, or its input does not fit.
  void on_child_refused(const TaskRef& task, const Error& error);
  // Whether anything waited for it, or has had it already, which only an event with an id can tell.
  bool on_event(std::string_view key, std::string_view id, const data::JsonValue& data);
  bool has_seen(std::string_view key, std::string_view id) const { return state_.has_seen(key, id); }
  // What a person decides (turn_repair.cc). errors::repair_refused, run_ended; repair_unconfirmed for what
  // would do an effect again, unless that is confirmed; input_invalid for a body that the operation does not
  // take. A refusal changes nothing.
  // What is parked at the step, or anywhere, is tried again.
  Result<void> retry(std::string_view step, const RetryOrder& order);
  // The step and all that come after it forget what they came to and are done anew, what had been sent under
  // new keys; those before keep theirs. Of parked runs.
  Result<void> retry_from(std::string_view from, const RetryOrder& order);
  // As retry, and what waits to be tried again is tried now; a `wait` ends if its step is named.
  Result<void> resume_now(std::string_view step, const data::JsonValue& who);
  Result<void> skip(std::string_view step, const data::JsonValue& output, const data::JsonValue& who);
  Result<void> fail(std::string_view reason, bool cancelled);

  // All that can be done now. Call it last.
  void go_on();

  bool has_records() const { return !journal_.empty(); }
  std::string take_journal() { return std::move(journal_); }
  Effects& effects() { return effects_; }

 private:
  const Step& step_of(const TaskRef& ref) const { return plan_.steps[ref.step]; }
  Task& task_of(const TaskRef& ref) { return state_.task(ref.step, ref.item); }
  void write(Record record);
  Record about(const TaskRef& ref, RecordKind kind) const;

  // Variables of the task: outputs, $run, $item, $index.
  std::span<const data::JsonValue> variables(const TaskRef& ref);
  // Of each step that asks a person, by its name.
  data::JsonValue approval_links() const;
  Result<data::JsonValue> evaluate(const Expression& expression, const TaskRef& ref);
  Result<data::JsonValue> evaluate_on(const Expression& expression, const TaskRef& ref,
                                      const data::JsonValue& input);
  std::string key_of(const TaskRef& ref) const;

  bool open_steps();
  bool open_step(std::uint32_t index);
  void begin_tasks(std::uint32_t index);
  void begin_task(const TaskRef& ref);
  void begin_call(const TaskRef& ref);
  Result<data::JsonValue> request_of(const TaskRef& ref);
  // Whether a call may be made now, which then has a slot of its API. If not, the task's next_at says when,
  // or it stands in line for a slot.
  bool has_place(const TaskRef& ref);
  CallSlots& slots_of(const TaskRef& ref);
  void begin_wait(const TaskRef& ref);
  void begin_wait_for(const TaskRef& ref);
  void begin_emit(const TaskRef& ref);
  void begin_child(const TaskRef& ref);
  void begin_respond(const TaskRef& ref);
  void fire_timers();
  void on_time(const TaskRef& ref);
  void finish();

  void on_work_answer(const TaskRef& ref, const CallOutcome& outcome);
  void on_probe_answer(const TaskRef& ref, const CallOutcome& outcome);
  void on_undo_answer(const TaskRef& ref, const CallOutcome& outcome);
  void settle(const TaskRef& ref, const Incoming& answer, const data::JsonValue& value);
  void take_page(const TaskRef& ref, const Incoming& answer, const data::JsonValue& value);
  void unknown(const TaskRef& ref, const std::string& why);
  void try_again(const TaskRef& ref, const std::string& why, int status, Duration at_least, bool maybe);
  // By the step's `exhausted`.
  // `maybe`: it may have taken place all the same.
  void give_up(const TaskRef& ref, const std::string& why, config::Exhausted how, int status = 0,
               bool maybe = false);
  // Whether the call has, or may have, done something: now, or in an attempt before.
  bool may_stand(const TaskRef& ref, bool now) const;
  void park(const TaskRef& ref, const std::string& why, int status = 0, bool maybe = false);
  void send(const TaskRef& ref, bool has_slot = false);

  // turn_repair.cc
  std::vector<TaskRef> find_tasks(std::string_view step, const std::function<bool(const Task&)>& which) const;
  std::vector<bool> steps_from(std::uint32_t first) const;
  Result<void> check_given(const TaskRef& ref, const data::JsonValue& body) const;
  Result<void> check_retry(const std::vector<TaskRef>& tasks, const RetryOrder& order) const;
  Result<void> check_forget(std::uint32_t index) const;
  Result<void> check_from(std::uint32_t first, bool keeps_first, const RetryOrder& order) const;
  void retry_task(const TaskRef& ref, const RetryOrder& order);
  void forget(std::uint32_t index, const data::JsonValue& body, const data::JsonValue& who);

  // turn_undo.cc
  void undo();
  bool settle_for_undo();
  void begin_undo(const TaskRef& ref);
  void undo_again(const TaskRef& ref, const std::string& why, int status, Duration at_least);

  RunState& state_;
  const Plan& plan_;
  TurnContext context_;
  std::string journal_;
  Effects effects_;
  std::vector<data::JsonValue> variables_;
  bool variables_are_old_ = true;
};

}  // namespace linkspan::flow
