#include "flow/run/turn.h"

#include <algorithm>

#include "base/error_kinds.h"
#include "base/timestamp.h"
#include "data/json_write.h"
#include "flow/calls/idempotency.h"
#include "flow/run/time_value.h"

namespace linkspan::flow {

namespace {

bool in_progress(const Task& task) {
  return !task.over() && task.phase != Task::Phase::ready;
}

std::string event_key(std::string_view event, const data::JsonValue& key) {
  std::string text = "event:" + std::string(event);
  if (key.is_null()) return text;
  return text + ":" + (key.is_string() ? std::string(key.string()) : data::write_json(key));
}

}  // namespace

Turn::Turn(RunState& state, const TurnContext& context)
    : state_(state), plan_(state.plan()), context_(context) {}

void Turn::write(Record record) {
  record.at = context_.now;
  append_record(journal_, record);
  // What a turn writes fits the state: it was made from it.
  (void)state_.apply(record);
  variables_are_old_ = true;
}

Record Turn::about(const TaskRef& ref, RecordKind kind) const {
  Record record;
  record.kind = kind;
  record.step = plan_.steps[ref.step].name;
  record.item = ref.item;
  return record;
}

void Turn::begin(const data::JsonValue& input, std::string_view trigger, const data::JsonValue& facts) {
  Record record;
  record.kind = RecordKind::start;
  record.value = input;
  record.text = trigger;
  record.extra = facts;
  write(std::move(record));
}

data::JsonValue Turn::approval_links() const {
  if (context_.approvals == nullptr) return {};
  data::JsonObjectBuilder links;
  for (const Step& step : plan_.steps) {
    if (!step.wait_for || !step.wait_for->approval) continue;
    links.set(step.name, context_.approvals->link(context_.run_id, step.name, context_.now));
  }
  return links.build();
}

std::span<const data::JsonValue> Turn::variables(const TaskRef& ref) {
  if (variables_are_old_) {
    variables_.resize(plan_.scope.size());
    for (std::uint32_t i = 0; i < plan_.steps.size(); ++i) variables_[i] = state_.steps()[i].output;
    variables_are_old_ = false;
  }
  const StepState* step = ref.step < plan_.steps.size() ? &state_.steps()[ref.step] : nullptr;
  const bool has_task = step != nullptr && ref.item < step->tasks.size();
  if (plan_.mentions_run) {
    data::JsonObjectBuilder run(4);
    run.set("id", context_.run_id);
    run.set("flow", plan_.flow);
    run.set("attempt", static_cast<std::int64_t>(has_task ? step->tasks[ref.item].attempt + 1 : 1));
    char started[kTimestampBytes];
    format_timestamp(state_.started_at(), started);
    run.set("started", std::string_view(started, kTimestampBytes));
    if (plan_.mentions_approvals) run.set("approvals", approval_links());
    variables_[plan_.run_slot()] = run.build();
  }
  const bool is_item = has_task && plan_.steps[ref.step].foreach;
  variables_[plan_.item_slot()] = is_item ? step->items.items()[ref.item] : data::JsonValue();
  variables_[plan_.index_slot()] =
      is_item ? data::JsonValue(static_cast<std::int64_t>(ref.item)) : data::JsonValue();
  if (is_item && ref.what == TaskRef::What::undo) {
    variables_[ref.step] = step->tasks[ref.item].output;  // what this one item's call gave
    variables_are_old_ = true;
  }
  return variables_;
}

Result<data::JsonValue> Turn::evaluate(const Expression& expression, const TaskRef& ref) {
  return evaluate_on(expression, ref, state_.input());
}

Result<data::JsonValue> Turn::evaluate_on(const Expression& expression, const TaskRef& ref,
                                          const data::JsonValue& input) {
  if (expression.mentions().empty()) return expression.evaluate(context_.evaluator, input, {});
  return expression.evaluate(context_.evaluator, input, variables(ref));
}

std::string Turn::key_of(const TaskRef& ref) const {
  const bool is_item = plan_.steps[ref.step].foreach.has_value();
  return idempotency_key({.run_id = context_.run_id,
                          .step = plan_.steps[ref.step].name,
                          .item = is_item ? std::optional(ref.item) : std::nullopt,
                          .undo = ref.what == TaskRef::What::undo,
                          .edits = state_.steps()[ref.step].tasks[ref.item].edition});
}

void Turn::go_on() {
  fire_timers();
  while (!state_.is_over() && !state_.is_undoing() && open_steps()) {
  }
  if (state_.is_undoing() && !state_.is_over()) undo();
  if (!state_.is_over() && !state_.is_undoing()) finish();
}

// Whether anything changed.
bool Turn::open_steps() {
  const std::size_t before = journal_.size();
  for (std::uint32_t i = 0; i < plan_.steps.size() && !state_.is_undoing(); ++i) {
    StepState& step = state_.steps()[i];
    if (step.phase == StepState::Phase::before && !open_step(i)) continue;
    if (step.phase == StepState::Phase::open) begin_tasks(i);
  }
  return journal_.size() != before;
}

// Whether its tasks may begin.
bool Turn::open_step(std::uint32_t index) {
  const Step& step = plan_.steps[index];
  for (std::uint32_t earlier : step.after) {
    if (state_.steps()[earlier].phase != StepState::Phase::over) return false;
  }
  const TaskRef ref{.step = index};
  StepState& state = state_.steps()[index];
  const auto open_one = [&] { state.open(1); };
  if (step.when) {
    Result<data::JsonValue> when = evaluate(*step.when, ref);
    if (!when) {
      open_one();
      give_up(ref, "when: " + when.error().detail(), step.exhausted);
      return false;
    }
    if (!when->is_truthy()) {
      write(about(ref, RecordKind::skip));
      return false;
    }
  }
  if (!step.foreach) {
    open_one();
    return true;
  }
  Result<data::JsonValue> items = evaluate(*step.foreach, ref);
  if (!items || !items->is_array()) {
    const std::string why = items ? "foreach gives no array" : "foreach: " + items.error().detail();
    // There are no tasks that could be parked: the step as a whole cannot be done.
    Record record = about(ref, RecordKind::items);
    record.value = data::JsonArrayBuilder(1).add(data::JsonValue()).build();
    write(std::move(record));
    give_up(ref, why, step.exhausted);
    return false;
  }
  Record record = about(ref, RecordKind::items);
  record.value = std::move(*items);
  write(std::move(record));
  return true;
}

void Turn::begin_tasks(std::uint32_t index) {
  const Step& step = plan_.steps[index];
  StepState& state = state_.steps()[index];
  const std::uint32_t at_once = step.foreach ? std::max<std::uint32_t>(1, step.parallel) : 1;
  const auto is_begun = [](const Task& task) { return in_progress(task) || task.in_line; };
  auto busy = static_cast<std::size_t>(std::count_if(state.tasks.begin(), state.tasks.end(), is_begun));
  for (std::uint32_t item = 0; item < state.tasks.size() && !state_.is_undoing(); ++item) {
    const Task& task = state.tasks[item];
    if (task.phase != Task::Phase::ready) continue;
    // Who stands in line is begun already, and asks again.
    const bool was_begun = task.in_line;
    if (!was_begun && busy >= at_once) continue;
    begin_task({.step = index, .item = item});
    busy = busy + (is_begun(task) ? 1 : 0) - (was_begun ? 1 : 0);
  }
}

void Turn::begin_task(const TaskRef& ref) {
  const Step& step = step_of(ref);
  switch (step.kind) {
    case StepKind::call:
      return begin_call(ref);
    case StepKind::wait:
      return begin_wait(ref);
    case StepKind::wait_for:
      return begin_wait_for(ref);
    case StepKind::emit:
      return begin_emit(ref);
    case StepKind::run:
      return begin_child(ref);
    case StepKind::respond:
      return begin_respond(ref);
    case StepKind::set: {
      Result<data::JsonValue> value = evaluate(*step.value, ref);
      if (!value) return give_up(ref, "set: " + value.error().detail(), step.exhausted);
      Record record = about(ref, RecordKind::done);
      record.value = std::move(*value);
      return write(std::move(record));
    }
    case StepKind::fail: {
      Result<data::JsonValue> reason = evaluate(*step.value, ref);
      const std::string text = !reason               ? reason.error().detail()
                               : reason->is_string() ? std::string(reason->string())
                                                     : data::write_json(*reason);
      if (state_.is_past_pivot()) return park(ref, text + " (what is past a pivot is not undone)");
      (void)fail(step.name + ": " + text, false);
      return;
    }
  }
}

CallSlots& Turn::slots_of(const TaskRef& ref) {
  const std::string& api = step_of(ref).call->api;
  return context_.slots.try_emplace(api, CallSlots(CallSlots::kUnlimited)).first->second;
}

bool Turn::has_place(const TaskRef& ref) {
  Task& task = task_of(ref);
  const Instant now{.wall = context_.now, .monotonic = context_.monotonic_now};
  task.in_line = !slots_of(ref).take(context_.run, plan_.flow, now);
  return !task.in_line;
}

// A person has it tried again: the same request, which has the same key, unless it is another one.
Result<data::JsonValue> Turn::request_of(const TaskRef& ref) {
  const Task& task = task_of(ref);
  if (!task.request.is_null() && task.given.is_null()) return task.request;
  return make_request(*step_of(ref).call, context_.evaluator,
                      {.input = state_.input(), .variables = variables(ref), .given = &task.given},
                      key_of(ref));
}

void Turn::begin_call(const TaskRef& ref) {
  const Step& step = step_of(ref);
  Task& task = task_of(ref);
  // Who has it tried again need not know what became of it, where that can be asked.
  if (task.may_have_happened && !step.call->is_repeatable() && step.probe) return unknown(ref, task.reason);
  if (!has_place(ref)) return;
  Result<data::JsonValue> request = request_of(ref);
  if (!request) {
    slots_of(ref).give_back();
    return give_up(ref, request.error().detail(), step.exhausted);
  }
  Record record = about(ref, RecordKind::intent);
  record.attempt = task.attempt + 1;
  record.value = std::move(*request);
  write(std::move(record));
  send(ref, true);
}

// The request that is in the journal.
void Turn::send(const TaskRef& ref, bool has_slot) {
  const Step& step = step_of(ref);
  const Call& call = ref.what == TaskRef::What::undo ? step.undo->call : *step.call;
  effects_.calls.push_back({ref, has_slot, to_outgoing(call, task_of(ref).request, step.timeout_ns)});
}

void Turn::begin_wait(const TaskRef& ref) {
  const Step& step = step_of(ref);
  WallNs until = context_.now + step.wait_ns;
  if (step.value) {
    Result<data::JsonValue> value = evaluate(*step.value, ref);
    if (!value) return give_up(ref, "wait: " + value.error().detail(), step.exhausted);
    const std::optional<WallNs> time = time_of(*value, context_.now);
    if (!time) {
      return give_up(ref,
                     "wait: " + data::write_json(*value) + " is neither seconds nor a duration nor a time",
                     step.exhausted);
    }
    until = *time;
  }
  Record record = about(ref, until <= context_.now ? RecordKind::done : RecordKind::sleep);
  if (until > context_.now) record.until = until;
  write(std::move(record));
}

void Turn::begin_wait_for(const TaskRef& ref) {
  const Step& step = step_of(ref);
  const WaitFor& wait_for = *step.wait_for;
  Record record = about(ref, RecordKind::await);
  if (wait_for.event.empty()) {
    Result<data::JsonValue> question = evaluate(*wait_for.approval, ref);
    if (!question) return give_up(ref, "approval: " + question.error().detail(), step.exhausted);
    record.value = std::move(*question);
    record.text = "approval:" + step.name;
  } else {
    data::JsonValue key;
    if (wait_for.key) {
      Result<data::JsonValue> value = evaluate(*wait_for.key, ref);
      if (!value) return give_up(ref, "wait_for.key: " + value.error().detail(), step.exhausted);
      key = std::move(*value);
    }
    record.text = event_key(wait_for.event, key);
  }
  if (step.timeout_ns != 0) record.until = context_.now + step.timeout_ns;
  write(std::move(record));
}

void Turn::begin_emit(const TaskRef& ref) {
  const Emit& emit = *step_of(ref).emit;
  EmitEffect effect{.task = ref, .event = emit.event, .key = {}, .data = state_.input()};
  data::JsonValue key;
  if (emit.key) {
    Result<data::JsonValue> value = evaluate(*emit.key, ref);
    if (!value) return give_up(ref, "emit.key: " + value.error().detail(), step_of(ref).exhausted);
    key = std::move(*value);
  }
  if (emit.data) {
    Result<data::JsonValue> value = evaluate(*emit.data, ref);
    if (!value) return give_up(ref, "emit.data: " + value.error().detail(), step_of(ref).exhausted);
    effect.data = std::move(*value);
  }
  effect.key = key.is_null()     ? std::string()
               : key.is_string() ? std::string(key.string())
                                 : data::write_json(key);
  Record record = about(ref, RecordKind::intent);
  record.attempt = task_of(ref).attempt + 1;
  record.value = data::JsonObjectBuilder()
                     .set("event", emit.event)
                     .set("key", effect.key)
                     .set("data", effect.data)
                     .build();
  write(std::move(record));
  effects_.emits.push_back(std::move(effect));
}

void Turn::begin_child(const TaskRef& ref) {
  const RunFlow& run = *step_of(ref).run;
  data::JsonValue input = state_.input();
  if (run.input) {
    Result<data::JsonValue> value = evaluate(*run.input, ref);
    if (!value) return give_up(ref, "run.input: " + value.error().detail(), step_of(ref).exhausted);
    input = std::move(*value);
  }
  Record record = about(ref, RecordKind::intent);
  record.attempt = task_of(ref).attempt + 1;
  record.value = data::JsonObjectBuilder().set("flow", run.flow).set("input", input).build();
  write(std::move(record));
  effects_.children.push_back({ref, task_of(ref).attempt, run.flow, std::move(input)});
}

void Turn::begin_respond(const TaskRef& ref) {
  const Respond& respond = *step_of(ref).respond;
  std::int64_t status = 200;
  data::JsonValue body;
  if (respond.status) {
    Result<data::JsonValue> value = evaluate(*respond.status, ref);
    if (!value) return give_up(ref, "respond.status: " + value.error().detail(), step_of(ref).exhausted);
    status = value->to_int64().value_or(0);
    if (status < 200 || status > 599) {
      return give_up(ref, "respond.status: " + data::write_json(*value) + " is no status from 200 to 599",
                     step_of(ref).exhausted);
    }
  }
  if (respond.body) {
    Result<data::JsonValue> value = evaluate(*respond.body, ref);
    if (!value) return give_up(ref, "respond.body: " + value.error().detail(), step_of(ref).exhausted);
    body = std::move(*value);
  }
  Record answer;
  answer.kind = RecordKind::respond;
  answer.status = static_cast<int>(status);
  answer.value = body;
  write(std::move(answer));
  Record record = about(ref, RecordKind::done);
  record.value = std::move(body);
  write(std::move(record));
}

void Turn::fire_timers() {
  if (state_.is_over()) return;
  for (std::uint32_t i = 0; i < plan_.steps.size(); ++i) {
    for (std::uint32_t item = 0; item < state_.steps()[i].tasks.size(); ++item) {
      const Task& task = state_.steps()[i].tasks[item];
      if (task.in_line || (task.next_at != 0 && task.next_at <= context_.now))
        on_time({.step = i, .item = item});
    }
  }
  const bool late = plan_.deadline_ns != 0 && context_.now >= state_.started_at() + plan_.deadline_ns;
  if (late && !state_.is_undoing() && !state_.is_past_pivot()) (void)fail("the deadline has passed", false);
}

void Turn::on_time(const TaskRef& ref) {
  using Phase = Task::Phase;
  const Step& step = step_of(ref);
  Task& task = task_of(ref);
  if (task.undo == Task::Undo::retrying) return begin_undo(ref);
  if (task.phase == Phase::sleeping) return write(about(ref, RecordKind::done));
  if (task.phase == Phase::awaiting) return give_up(ref, task.key + " did not come in time", step.on_timeout);
  if (task.phase != Phase::retrying) return;
  if (task.may_have_happened && !step.call->is_repeatable()) return unknown(ref, task.reason);
  if (step.kind == StepKind::call && !has_place(ref)) return;
  // The same request as before: what it is made of is in the journal.
  Record record = about(ref, RecordKind::intent);
  record.attempt = task.attempt + 1;
  record.value = task.request;
  write(std::move(record));
  if (step.kind == StepKind::call) send(ref, true);
}

void Turn::finish() {
  for (const StepState& step : state_.steps()) {
    if (step.phase != StepState::Phase::over) return;
  }
  Record record;
  record.kind = RecordKind::end;
  record.text = to_string(RunStatus::completed);
  if (plan_.output) {
    Result<data::JsonValue> output =
        evaluate(*plan_.output, {.step = static_cast<std::uint32_t>(plan_.steps.size())});
    if (output) {
      record.value = std::move(*output);
    } else {
      // All is done: what cannot be told is no reason to undo or to hold it.
      record.extra = data::JsonObjectBuilder().set("output_failed", output.error().detail()).build();
    }
  }
  write(std::move(record));
}

}  // namespace linkspan::flow
