// Undoing: last in, first out, one at a time, journaled and retried like any call. Part of turn.h.
#include "data/json_write.h"
#include "flow/calls/backoff.h"
#include "flow/calls/retry_after.h"
#include "flow/run/turn.h"

namespace linkspan::flow {

namespace {

constexpr Backoff kBackoff{.first_delay = std::chrono::seconds(1), .max_delay = std::chrono::minutes(5)};
constexpr std::int64_t kWithinNs = std::int64_t{24} * 3600 * kNsPerSecond;

bool is_gone(int status) {
  return status == 404 || status == 410;
}

}  // namespace

// First the outcome of what is under way must be known; then what was done is undone, the last of it first.
void Turn::undo() {
  if (!settle_for_undo()) return;
  while (true) {
    std::optional<TaskRef> last;
    std::uint32_t order = 0;
    for (std::uint32_t i = 0; i < plan_.steps.size(); ++i) {
      for (std::uint32_t item = 0; item < state_.steps()[i].tasks.size(); ++item) {
        const Task& task = state_.steps()[i].tasks[item];
        const bool open = task.undo != Task::Undo::none && task.undo != Task::Undo::done &&
                          task.undo != Task::Undo::skipped;
        if (open) return;  // one at a time; a parked one holds those before it
        if (!plan_.steps[i].undo || task.phase != Task::Phase::done || task.undo != Task::Undo::none)
          continue;
        if (task.done_order < order) continue;
        order = task.done_order;
        last = TaskRef{.step = i, .item = item, .what = TaskRef::What::undo};
      }
    }
    if (!last) break;
    begin_undo(*last);
  }
  Record record;
  record.kind = RecordKind::end;
  record.text = to_string(state_.is_cancelled() ? RunStatus::cancelled : RunStatus::undone);
  write(std::move(record));
}

// Whether nothing is under way whose outcome counts.
bool Turn::settle_for_undo() {
  using Phase = Task::Phase;
  bool settled = true;
  for (std::uint32_t i = 0; i < plan_.steps.size(); ++i) {
    for (std::uint32_t item = 0; item < state_.steps()[i].tasks.size(); ++item) {
      const TaskRef ref{.step = i, .item = item};
      const Task& task = task_of(ref);
      const bool counts = task.phase == Phase::called ||
                          (task.phase == Phase::retrying && task.may_have_happened) ||
                          (task.phase == Phase::parked && plan_.steps[i].undo && task.may_have_happened);
      if (counts) {
        settled = false;
      } else if (task.phase == Phase::ready && task.may_have_happened && plan_.steps[i].undo) {
        settled = false;  // a person wants to know what became of it
        begin_call(ref);
      } else if (!task.over()) {
        Record record = about(ref, RecordKind::lost);
        record.text = "not needed any more";
        write(std::move(record));
      }
    }
  }
  return settled;
}

void Turn::begin_undo(const TaskRef& task_ref) {
  const TaskRef ref{.step = task_ref.step, .item = task_ref.item, .what = TaskRef::What::undo};
  const Undo& undo = *step_of(ref).undo;
  Task& task = task_of(ref);
  if (undo.when && task.undo == Task::Undo::none) {
    Result<data::JsonValue> when = evaluate(*undo.when, ref);
    if (when && !when->is_truthy()) return write(about(ref, RecordKind::undo_skip));
    if (!when) {
      Record record = about(ref, RecordKind::undo_park);
      record.text = "undo.when: " + when.error().detail();
      return write(std::move(record));
    }
  }
  Record record = about(ref, RecordKind::undo_intent);
  record.attempt = task.undo_attempt + 1;
  if (task.undo == Task::Undo::retrying) {
    record.value = task.request;  // the same as before
  } else {
    Result<data::JsonValue> request = make_request(
        undo.call, context_.evaluator, {.input = state_.input(), .variables = variables(ref)}, key_of(ref));
    if (!request) {
      Record parked = about(ref, RecordKind::undo_park);
      parked.text = request.error().detail();
      return write(std::move(parked));
    }
    record.value = std::move(*request);
  }
  write(std::move(record));
  send(ref);
}

void Turn::on_undo_answer(const TaskRef& ref, const CallOutcome& outcome) {
  const Call& call = step_of(ref).undo->call;
  const auto park_undo = [&](const std::string& why, int status) {
    Record record = about(ref, RecordKind::undo_park);
    record.text = why;
    record.status = status;
    write(std::move(record));
  };
  if (!outcome.answer) {
    const std::string why = outcome.error->to_string();
    if (outcome.may_have_happened && !call.is_repeatable()) {
      return park_undo("it is not known whether the undo took place (" + why + ")", 0);
    }
    return undo_again(ref, why, 0, Duration(0));
  }
  const int status = outcome.answer->status;
  if (status < 400 || (call.method == http::Method::delete_ && is_gone(status))) {
    Record record = about(ref, RecordKind::undone);
    record.status = status;
    return write(std::move(record));
  }
  const std::string why = "answered " + std::to_string(status);
  if (status < 500 && status != 408 && status != 425 && status != 429) return park_undo(why, status);
  if (status >= 500 && status != 503 && !call.is_repeatable()) {
    return park_undo("it is not known whether the undo took place (" + why + ")", status);
  }
  undo_again(ref, why, status, retry_after_of(*outcome.answer, context_.now));
}

void Turn::undo_again(const TaskRef& ref, const std::string& why, int status, Duration at_least) {
  const Task& task = task_of(ref);
  const std::int64_t delay = draw_delay(kBackoff, task.undo_attempt, context_.random, at_least).count();
  const bool late = context_.now + delay > task.undo_first_at + kWithinNs;
  Record record = about(ref, late ? RecordKind::undo_park : RecordKind::undo_retry);
  record.text = why;
  record.status = status;
  if (!late) record.until = context_.now + delay;
  write(std::move(record));
}

}  // namespace linkspan::flow
