// What happens to a run from outside: answers, events, other runs, a restart. Part of turn.h.
#include "base/error_kinds.h"
#include "data/json_write.h"
#include "flow/calls/backoff.h"
#include "flow/calls/paging.h"
#include "flow/calls/retry_after.h"
#include "flow/run/turn.h"

namespace linkspan::flow {

namespace {

bool contains(const std::vector<config::StatusRange>& ranges, int status) {
  for (const config::StatusRange& range : ranges) {
    if (range.contains(status)) return true;
  }
  return false;
}

// An error after which nobody knows what the server did: it, or one behind it, gave up in the middle (RFC
// 9110 section 15.6). The others say that the request was not carried out.
bool leaves_open(int status) {
  return status >= 500 && status != 501 && status != 503 && status != 505;
}

}  // namespace

void Turn::on_answer(const TaskRef& ref, const CallOutcome& outcome) {
  if (state_.is_over() || ref.item >= state_.steps()[ref.step].tasks.size()) return;
  const Task& task = task_of(ref);
  switch (ref.what) {
    case TaskRef::What::work:
      if (task.phase == Task::Phase::called) on_work_answer(ref, outcome);
      break;
    case TaskRef::What::probe:
      if (task.phase == Task::Phase::called) on_probe_answer(ref, outcome);
      break;
    case TaskRef::What::undo:
      if (task.undo == Task::Undo::called) on_undo_answer(ref, outcome);
      break;
  }
}

void Turn::on_work_answer(const TaskRef& ref, const CallOutcome& outcome) {
  const Step& step = step_of(ref);
  if (outcome.answer) {
    Result<data::JsonValue> value = read_answer(*step.call, *outcome.answer);
    if (value) return settle(ref, *outcome.answer, *value);
    // It happened, or did not, by its status; what it says cannot be read.
    if (outcome.answer->status < 400) {
      return give_up(ref, value.error().detail(), step.exhausted, outcome.answer->status,
                     may_stand(ref, true));
    }
    return settle(ref, *outcome.answer,
                  data::JsonObjectBuilder()
                      .set("status", static_cast<std::int64_t>(outcome.answer->status))
                      .set("headers", data::JsonValue::empty_object())
                      .set("body", data::JsonValue())
                      .build());
  }
  const std::string why = outcome.error->to_string();
  const bool open = outcome.may_have_happened && !step.call->is_repeatable();
  if (!step.retry.on_network) {
    if (open) return unknown(ref, why);
    return give_up(ref, why, step.exhausted, 0, may_stand(ref, outcome.may_have_happened));
  }
  if (open) return unknown(ref, why);
  try_again(ref, why, 0, Duration(0), outcome.may_have_happened);
}

void Turn::settle(const TaskRef& ref, const Incoming& answer, const data::JsonValue& value) {
  const Step& step = step_of(ref);
  if (step.reject) {
    Result<data::JsonValue> rejected = evaluate_on(*step.reject, ref, value);
    if (!rejected) {
      return give_up(ref, "reject: " + rejected.error().detail(), step.exhausted, answer.status,
                     answer.status < 400 && may_stand(ref, true));
    }
    if (rejected->is_truthy()) {
      const std::string why = step.name + " was refused with status " + std::to_string(answer.status);
      if (state_.is_past_pivot())
        return park(ref, why + ", and what is past a pivot is not undone", answer.status);
      Record record = about(ref, RecordKind::lost);
      record.text = why;
      record.status = answer.status;
      write(std::move(record));
      (void)fail(why, false);
      return;
    }
  }
  if (answer.status < 400 && step.paginate) return take_page(ref, answer, value);
  if (answer.status < 400) {
    Record record = about(ref, RecordKind::done);
    record.status = answer.status;
    record.value = *value.find("body");
    return write(std::move(record));
  }
  std::string why = "answered " + std::to_string(answer.status);
  const data::JsonValue* body = value.find("body");
  if (body != nullptr && !body->is_null()) why += ": " + data::write_json(*body).substr(0, 500);
  const bool open = leaves_open(answer.status) && !step.call->is_repeatable();
  if (open) return unknown(ref, why);
  if (contains(step.retry.on_statuses, answer.status)) {
    return try_again(ref, why, answer.status, retry_after_of(answer, context_.now),
                     leaves_open(answer.status));
  }
  // Another 4xx is a clear no, also to what was sent before under the same key.
  const bool says_no = answer.status < 500 && !contains(config::StepRetryConfig().on_statuses, answer.status);
  give_up(ref, why, step.exhausted, answer.status, !says_no && may_stand(ref, leaves_open(answer.status)));
}

bool Turn::may_stand(const TaskRef& ref, bool now) const {
  const Step& step = step_of(ref);
  if (step.kind != StepKind::call || http::is_safe(step.call->method)) return false;
  return now || state_.steps()[ref.step].tasks[ref.item].may_have_happened;
}

void Turn::take_page(const TaskRef& ref, const Incoming& answer, const data::JsonValue& value) {
  const Step& step = step_of(ref);
  const Task& task = task_of(ref);
  const data::JsonValue* target = task.request.find("target");
  Result<Page> page = read_page(*step.paginate, target == nullptr ? "" : target->string(), answer, value,
                                context_.evaluator, variables(ref));
  if (!page) return give_up(ref, page.error().detail(), step.exhausted, answer.status);
  const std::size_t items = task.output.size() + page->items.size();
  if (items > step.paginate->max_items || (page->target && task.pages + 1 >= step.paginate->max_pages)) {
    return give_up(ref, "paginate: there is more than max_pages or max_items allow", step.exhausted,
                   answer.status);
  }
  Record record = about(ref, page->target ? RecordKind::page : RecordKind::done);
  record.status = answer.status;
  record.value = std::move(page->items);
  record.flag = !page->target;
  if (page->target) {
    record.extra = task.request;
    record.extra.set("target", *page->target);
  }
  const bool more = page->target.has_value();
  write(std::move(record));
  if (more) send(ref);
}

// Whether it happened can only be found out by asking: the other side, or a person.
void Turn::unknown(const TaskRef& ref, const std::string& why) {
  const Step& step = step_of(ref);
  if (!step.probe) {
    return park(ref,
                "it is not known whether the call took place (" + why +
                    "), and it cannot be sent again safely; find out, then retry or skip it",
                0, true);
  }
  Result<data::JsonValue> request = make_request(step.probe->call, context_.evaluator,
                                                 {.input = state_.input(), .variables = variables(ref)}, {});
  if (!request) return park(ref, "unknown: " + request.error().detail(), 0, true);
  if (task_of(ref).phase != Task::Phase::called) {  // asked again after a while
    Record record = about(ref, RecordKind::intent);
    record.attempt = task_of(ref).attempt;
    record.value = task_of(ref).request;  // what was sent, and may be again
    write(std::move(record));
  }
  effects_.calls.push_back({{.step = ref.step, .item = ref.item, .what = TaskRef::What::probe},
                            false,
                            to_outgoing(step.probe->call, *request, step.timeout_ns)});
}

void Turn::on_probe_answer(const TaskRef& ref, const CallOutcome& outcome) {
  const Step& step = step_of(ref);
  const TaskRef work{.step = ref.step, .item = ref.item};
  if (!outcome.answer)
    return try_again(work, "asking whether it took place: " + outcome.error->to_string(), 0, Duration(0),
                     true);
  const int status = outcome.answer->status;
  const std::string why = "asking whether it took place: answered " + std::to_string(status);
  if (status >= 500 || status == 408 || status == 425 || status == 429) {
    return try_again(work, why, status, retry_after_of(*outcome.answer, context_.now), true);
  }
  // "There is no such thing" is an answer; "you may not ask" is none.
  if (status >= 400 && status != 404 && status != 410) return park(work, why, status, true);
  Result<data::JsonValue> answer = read_answer(step.probe->call, *outcome.answer);
  if (!answer) return park(work, "asking whether it took place: " + answer.error().detail(), 0, true);
  Result<data::JsonValue> found = evaluate_on(step.probe->found, work, *answer);
  if (!found) return park(work, "unknown.found: " + found.error().detail(), 0, true);
  if (!found->is_null()) {
    Record record = about(work, RecordKind::done);
    record.value = std::move(*found);
    record.text = "found by asking";
    return write(std::move(record));
  }
  if (state_.is_undoing()) {  // it did not take place, and need not any more
    Record record = about(work, RecordKind::lost);
    record.text = "did not take place";
    return write(std::move(record));
  }
  Result<data::JsonValue> request = request_of(work);
  if (!request) return give_up(work, request.error().detail(), step.exhausted);
  Record record = about(work, RecordKind::intent);
  record.attempt = task_of(work).attempt + 1;
  record.value = std::move(*request);
  record.flag = true;
  write(std::move(record));
  send(work);
}

void Turn::try_again(const TaskRef& ref, const std::string& why, int status, Duration at_least, bool maybe) {
  const Step& step = step_of(ref);
  const Task& task = task_of(ref);
  // What may have happened once may have, whatever becomes of its repeats under the same key.
  maybe = may_stand(ref, maybe);
  const WallNs last = task.first_at + step.retry.within.count();
  const Backoff backoff{.first_delay = step.retry.first_delay, .max_delay = step.retry.max_delay};
  const std::int64_t delay = draw_delay(backoff, task.attempt, context_.random, at_least).count();
  const bool spent = step.retry.attempts != config::kUnlimited && task.attempt >= step.retry.attempts;
  if (spent || context_.now + delay > last) return give_up(ref, why, step.exhausted, status, maybe);
  Record record = about(ref, RecordKind::retry);
  record.text = why;
  record.status = status;
  record.until = context_.now + delay;
  record.flag = maybe;
  write(std::move(record));
}

void Turn::give_up(const TaskRef& ref, const std::string& why, config::Exhausted how, int status,
                   bool maybe) {
  const Step& step = step_of(ref);
  if (step.foreach && step.collect_failures) how = config::Exhausted::carry_on;
  if (how == config::Exhausted::undo && state_.is_past_pivot()) how = config::Exhausted::park;
  // What may have happened is not to be undone, or forgotten where it could be undone, as if it had not.
  const bool goes_on = how == config::Exhausted::carry_on || state_.is_undoing();
  if (maybe && (step.undo || !goes_on)) {
    const bool is_said = how == config::Exhausted::park;
    return park(ref, is_said ? why : why + " (it may have taken place)", status, true);
  }
  if (how == config::Exhausted::park && !state_.is_undoing()) return park(ref, why, status);
  Record record = about(ref, RecordKind::lost);
  record.text = why;
  record.status = status;
  write(std::move(record));
  if (how == config::Exhausted::undo && !state_.is_undoing()) (void)fail(step.name + ": " + why, false);
}

void Turn::park(const TaskRef& ref, const std::string& why, int status, bool maybe) {
  Record record = about(ref, RecordKind::park);
  record.text = why;
  record.status = status;
  record.flag = maybe;
  write(std::move(record));
}

void Turn::on_emitted(const TaskRef& ref) {
  if (state_.is_over() || task_of(ref).phase != Task::Phase::called) return;
  Record record = about(ref, RecordKind::done);
  if (const data::JsonValue* data = task_of(ref).request.find("data")) record.value = *data;
  write(std::move(record));
}

void Turn::on_child_started(const TaskRef& ref, store::RunNo child) {
  if (state_.is_over() || task_of(ref).phase != Task::Phase::called) return;
  Record record = about(ref, step_of(ref).run->wait ? RecordKind::child : RecordKind::done);
  record.number = child;
  write(std::move(record));
}

void Turn::on_child_ended(store::RunNo child, RunStatus status, const data::JsonValue& output,
                          std::string_view reason) {
  if (state_.is_over()) return;
  for (std::uint32_t i = 0; i < plan_.steps.size(); ++i) {
    for (std::uint32_t item = 0; item < state_.steps()[i].tasks.size(); ++item) {
      const TaskRef ref{.step = i, .item = item};
      if (task_of(ref).phase != Task::Phase::child || task_of(ref).child != child) continue;
      if (status != RunStatus::completed) {
        give_up(
            ref,
            std::string("the run that it started was ").append(to_string(status)).append(": ").append(reason),
            plan_.steps[i].exhausted);
        continue;
      }
      Record record = about(ref, RecordKind::done);
      record.value = output;
      write(std::move(record));
    }
  }
}

void Turn::on_child_refused(const TaskRef& ref, const Error& error) {
  if (state_.is_over() || task_of(ref).phase != Task::Phase::called) return;
  give_up(ref, error.to_string(), step_of(ref).exhausted);
}

bool Turn::on_event(std::string_view key, std::string_view id, const data::JsonValue& data) {
  if (!id.empty() && state_.has_seen(key, id)) return true;
  if (state_.is_over()) return false;
  bool any = false;
  for (std::uint32_t i = 0; i < plan_.steps.size(); ++i) {
    for (std::uint32_t item = 0; item < state_.steps()[i].tasks.size(); ++item) {
      const TaskRef ref{.step = i, .item = item};
      if (task_of(ref).phase != Task::Phase::awaiting || task_of(ref).key != key) continue;
      Record record = about(ref, RecordKind::event);
      record.value = data;
      record.text = id;
      write(std::move(record));
      any = true;
    }
  }
  return any;
}

void Turn::resume() {
  if (state_.is_over()) return;
  for (std::uint32_t i = 0; i < plan_.steps.size(); ++i) {
    for (std::uint32_t item = 0; item < state_.steps()[i].tasks.size(); ++item) {
      TaskRef ref{.step = i, .item = item};
      const Step& step = plan_.steps[i];
      Task& task = task_of(ref);
      if (task.undo == Task::Undo::called) {
        ref.what = TaskRef::What::undo;
        if (step.undo->call.is_repeatable()) {
          send(ref);
        } else {
          Record record = about(ref, RecordKind::undo_park);
          record.text = "it is not known whether the undo took place, and it cannot be sent again safely";
          write(std::move(record));
        }
        continue;
      }
      if (task.phase != Task::Phase::called) continue;
      if (step.kind == StepKind::emit) {
        const auto text = [&](std::string_view name) {
          const data::JsonValue* value = task.request.find(name);
          return value != nullptr && value->is_string() ? std::string(value->string()) : std::string();
        };
        const data::JsonValue* data = task.request.find("data");
        effects_.emits.push_back(
            {ref, text("event"), text("key"), data == nullptr ? data::JsonValue() : *data});
      } else if (step.kind == StepKind::run) {
        const data::JsonValue* input = task.request.find("input");
        effects_.children.push_back(
            {ref, task.attempt, step.run->flow, input == nullptr ? data::JsonValue() : *input});
      } else if (step.call->is_repeatable()) {
        task.may_have_happened = true;
        send(ref);
      } else {
        unknown(ref, "Linkspan was stopped in the middle");
      }
    }
  }
}

}  // namespace linkspan::flow
