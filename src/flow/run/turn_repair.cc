// What a person does to a run that cannot go on by itself. Whatever is refused is refused before anything is
// written. Part of turn.h.
#include <algorithm>
#include <functional>
#include <utility>

#include "base/error_kinds.h"
#include "catalog/check_message.h"
#include "flow/run/turn.h"

namespace linkspan::flow {

namespace {

using Phase = Task::Phase;

std::string at_step(std::string_view step) {
  return step.empty() ? std::string() : " at step " + std::string(step);
}

bool is_parked(const Task& task) {
  return task.phase == Phase::parked || task.undo == Task::Undo::parked;
}

// What doing it once more does once more; empty for what only reads or reckons.
std::string effect_of(const Step& step) {
  switch (step.kind) {
    case StepKind::call:
      if (http::is_safe(step.call->method)) return {};
      return step.name + " (" + step.call->api + "." + step.call->operation->id +
             (step.undo ? ", whose undo will take back the new one alone)" : ")");
    case StepKind::emit:
      return step.name + " (event " + step.emit->event + ")";
    case StepKind::run:
      return step.name + " (a run of " + step.run->flow + ")";
    default:
      return {};
  }
}

}  // namespace

Result<void> Turn::fail(std::string_view reason, bool cancelled) {
  if (state_.is_over()) return Error(errors::run_ended, "the run has ended");
  if (state_.is_undoing()) return Error(errors::repair_refused, "the run is being undone already");
  Record record;
  record.kind = RecordKind::fail;
  record.text = reason;
  record.flag = cancelled;
  write(std::move(record));
  return {};
}

// The tasks of a step, or of all steps, that `which` is true of.
std::vector<TaskRef> Turn::find_tasks(std::string_view step,
                                      const std::function<bool(const Task&)>& which) const {
  std::vector<TaskRef> found;
  for (std::uint32_t i = 0; i < plan_.steps.size(); ++i) {
    if (!step.empty() && plan_.steps[i].name != step) continue;
    const std::vector<Task>& tasks = state_.steps()[i].tasks;
    for (std::uint32_t item = 0; item < tasks.size(); ++item) {
      if (which(tasks[item])) found.push_back({.step = i, .item = item});
    }
  }
  return found;
}

Result<void> Turn::check_given(const TaskRef& ref, const data::JsonValue& body) const {
  const Step& step = plan_.steps[ref.step];
  if (state_.steps()[ref.step].tasks.size() > ref.item &&
      state_.steps()[ref.step].tasks[ref.item].undo == Task::Undo::parked) {
    return Error(errors::repair_refused, "the undo of " + step.name + " takes no other body");
  }
  if (step.kind != StepKind::call || !step.call->operation->request_body)
    return Error(errors::repair_refused, "step " + step.name + " sends no body");
  const std::vector<catalog::Problem> problems =
      catalog::check_body(*step.call->description, *step.call->operation, body);
  if (problems.empty()) return {};
  std::string detail = "the body is not what " + step.call->api + "." + step.call->operation->id + " takes";
  for (const catalog::Problem& problem : problems) detail += "; " + problem.pointer + ": " + problem.message;
  return Error(errors::input_invalid, std::move(detail));
}

Result<void> Turn::check_retry(const std::vector<TaskRef>& tasks, const RetryOrder& order) const {
  for (const TaskRef& ref : tasks) {
    const Step& step = plan_.steps[ref.step];
    const Task& task = state_.steps()[ref.step].tasks[ref.item];
    if (!state_.is_undoing() || task.phase != Phase::parked || !task.may_have_happened) continue;
    if (step.call->is_repeatable() || step.probe) continue;
    return Error(errors::repair_refused,
                 "the run is being undone, and whether " + step.name +
                     " took place cannot be asked: skip it, with its output if it did");
  }
  if (order.body.is_null()) return {};
  for (const TaskRef& ref : tasks) {
    if (ref.step != tasks.front().step) {
      return Error(errors::repair_refused, "several steps are parked: say which of them the body is for");
    }
  }
  const Step& step = plan_.steps[tasks.front().step];
  Result<void> fits = check_given(tasks.front(), order.body);
  if (!fits) return fits;
  const bool is_asked = step.probe && !step.call->is_repeatable();
  for (const TaskRef& ref : tasks) {
    const Task& task = state_.steps()[ref.step].tasks[ref.item];
    if (!task.may_have_happened || is_asked || http::is_idempotent(step.call->method) || order.confirmed)
      continue;
    return Error(errors::repair_unconfirmed,
                 step.name + " may have taken place, and with another body it may take place twice");
  }
  return {};
}

void Turn::retry_task(const TaskRef& ref, const RetryOrder& order) {
  const Task& task = task_of(ref);
  if (task.undo == Task::Undo::parked) return begin_undo(ref);
  Record record = about(ref, RecordKind::repair);
  record.text = "retry";
  record.attempt = task.attempt;
  record.value = order.body;
  record.extra = order.who;
  // With another body it is another request, which needs a key of its own.
  record.number = task.edition + (order.body.is_null() ? 0 : 1);
  write(std::move(record));
}

Result<void> Turn::retry(std::string_view step, const RetryOrder& order) {
  if (state_.is_over()) return Error(errors::run_ended, "the run has ended");
  const std::vector<TaskRef> tasks = find_tasks(step, is_parked);
  if (tasks.empty()) return Error(errors::repair_refused, "nothing is parked" + at_step(step));
  Result<void> allowed = check_retry(tasks, order);
  if (!allowed) return allowed;
  for (const TaskRef& ref : tasks) retry_task(ref, order);
  return {};
}

// The step, and all that come after it by the graph.
std::vector<bool> Turn::steps_from(std::uint32_t first) const {
  std::vector<bool> in(plan_.steps.size());
  in[first] = true;
  for (bool changed = true; changed;) {
    changed = false;
    for (std::uint32_t i = 0; i < plan_.steps.size(); ++i) {
      for (const std::uint32_t earlier : plan_.steps[i].after) {
        if (in[i] || !in[earlier]) continue;
        in[i] = true;
        changed = true;
      }
    }
  }
  return in;
}

// Whether the step may forget what it came to. What may have happened must be known before: else doing it
// under a new key could do it twice.
Result<void> Turn::check_forget(std::uint32_t index) const {
  const Step& step = plan_.steps[index];
  for (const Task& task : state_.steps()[index].tasks) {
    if (task.phase == Phase::called)
      return Error(errors::repair_refused, step.name + " is under way: wait until it is answered");
    if (task.phase == Phase::child)
      return Error(errors::repair_refused,
                   step.name + " waits for the run that it started: wait for it, or cancel that");
    if (task.over() || !task.may_have_happened || step.kind != StepKind::call ||
        http::is_idempotent(step.call->method))
      continue;
    return Error(errors::repair_refused,
                 "it is not known whether " + step.name + " took place: retry or skip that step first");
  }
  return {};
}

Result<void> Turn::check_from(std::uint32_t first, bool keeps_first, const RetryOrder& order) const {
  const std::vector<bool> in = steps_from(first);
  std::string effects;
  for (std::uint32_t i = 0; i < plan_.steps.size(); ++i) {
    if (!in[i] || (i == first && keeps_first)) continue;
    Result<void> allowed = check_forget(i);
    if (!allowed) return allowed;
    bool done = false;
    for (const Task& task : state_.steps()[i].tasks) done |= task.phase == Phase::done;
    const std::string effect = done ? effect_of(plan_.steps[i]) : std::string();
    if (effect.empty()) continue;
    effects += (effects.empty() ? "" : ", ") + effect;
  }
  if (effects.empty() || order.confirmed) return {};
  return Error(errors::repair_unconfirmed,
               "this would do again, under new idempotency keys, what was done: " + effects +
                   "; what was done before stays done");
}

Result<void> Turn::retry_from(std::string_view from, const RetryOrder& order) {
  if (state_.is_over()) {
    return Error(errors::run_ended,
                 "the run has ended, and is not opened again: start another with the same input");
  }
  const std::optional<std::uint32_t> first = plan_.find_step(from);
  if (!first) return Error(errors::repair_refused, "the flow of this run has no step " + std::string(from));
  if (state_.is_undoing()) return Error(errors::repair_refused, "the run is being undone");
  if (find_tasks({}, is_parked).empty()) {
    return Error(errors::repair_refused, "the run is not parked: it goes on by itself; see \"runs resume\"");
  }
  const StepState& state = state_.steps()[*first];
  if (state.phase == StepState::Phase::before)
    return Error(errors::repair_refused, "the run has not come to step " + std::string(from));
  // A parked one need not forget anything: it has come to nothing, and keeps its key.
  const bool keeps_first = !plan_.steps[*first].foreach && is_parked(state.tasks[0]);
  if (!keeps_first && !order.body.is_null() && plan_.steps[*first].foreach)
    return Error(errors::repair_refused, "one body cannot be for all items of step " + std::string(from));
  Result<void> allowed;
  if (keeps_first) {
    allowed = check_retry({{.step = *first}}, order);
  } else if (!order.body.is_null()) {
    allowed = check_given({.step = *first}, order.body);
  }
  if (!allowed) return allowed;
  allowed = check_from(*first, keeps_first, order);
  if (!allowed) return allowed;
  const std::vector<bool> in = steps_from(*first);
  for (std::uint32_t i = 0; i < plan_.steps.size(); ++i) {
    if (!in[i] || state_.steps()[i].phase == StepState::Phase::before) continue;
    if (i == *first && keeps_first) {
      retry_task({.step = i}, order);
    } else {
      forget(i, i == *first ? order.body : data::JsonValue(), order.who);
    }
  }
  return {};
}

void Turn::forget(std::uint32_t index, const data::JsonValue& body, const data::JsonValue& who) {
  const StepState& state = state_.steps()[index];
  // A key that was sent under is not sent under again: what it would be for is another effect.
  std::uint32_t edition = state.edition;
  for (const Task& task : state.tasks) {
    edition = std::max(edition, task.attempt > 0 ? task.edition + 1 : task.edition);
  }
  Record record;
  record.kind = RecordKind::again;
  record.step = plan_.steps[index].name;
  record.number = edition;
  record.value = body;
  record.extra = who;
  write(std::move(record));
}

// What waits for a time goes on now; a `wait` only if it is named, so that a whole list of runs can be told
// to go on without any of them losing its pause.
Result<void> Turn::resume_now(std::string_view step, const data::JsonValue& who) {
  if (state_.is_over()) return Error(errors::run_ended, "the run has ended");
  const std::vector<TaskRef> tasks = find_tasks(step, [step](const Task& task) {
    return is_parked(task) || task.phase == Phase::retrying || task.undo == Task::Undo::retrying ||
           (task.phase == Phase::sleeping && !step.empty());
  });
  if (tasks.empty()) {
    return Error(errors::repair_refused,
                 "nothing is parked or waits to be tried again" + at_step(step) +
                     "; name the step to end its wait, approve or emit what it waits for");
  }
  for (const TaskRef& ref : tasks) {
    const Task& task = task_of(ref);
    if (is_parked(task)) {
      retry_task(ref, {.body = {}, .who = who});
      continue;
    }
    const bool undo = task.undo == Task::Undo::retrying;
    Record record = about(ref, undo                            ? RecordKind::undo_retry
                               : task.phase == Phase::sleeping ? RecordKind::done
                                                               : RecordKind::retry);
    if (task.phase != Phase::sleeping || undo) {
      record.text = task.reason;
      record.until = context_.now;
      record.flag = task.may_have_happened && !undo;
    }
    record.extra = who;
    write(std::move(record));
  }
  return {};
}

Result<void> Turn::skip(std::string_view step, const data::JsonValue& output, const data::JsonValue& who) {
  if (state_.is_over()) return Error(errors::run_ended, "the run has ended");
  const std::vector<TaskRef> tasks = find_tasks(step, is_parked);
  if (tasks.empty()) return Error(errors::repair_refused, "nothing is parked" + at_step(step));
  for (const TaskRef& ref : tasks) {
    Record record = about(ref, task_of(ref).undo == Task::Undo::parked ? RecordKind::undo_skip
                               : output.is_null()                      ? RecordKind::lost
                                                                       : RecordKind::done);
    record.text = "skipped by a person";
    record.value = output;
    record.extra = who;
    write(std::move(record));
  }
  return {};
}

}  // namespace linkspan::flow
