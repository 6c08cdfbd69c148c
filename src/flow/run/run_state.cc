#include "flow/run/run_state.h"

#include <algorithm>
#include <array>

#include "base/error_kinds.h"

namespace linkspan::flow {

namespace {

constexpr std::array<std::string_view, 8> kStatusNames = {"queued",  "running",   "waiting", "parked",
                                                          "undoing", "completed", "undone",  "cancelled"};

void take_earlier(WallNs& earliest, WallNs at) {
  if (at != 0 && (earliest == 0 || at < earliest)) earliest = at;
}

// Ids of different events may be the same.
std::string event_identity(std::string_view key, std::string_view id) {
  return std::string(key).append(1, '\0').append(id);
}

// Whether what is repaired failed by what stands before a step, `when` or `foreach`: that is looked at again.
bool was_not_begun(const StepState& state, const Step& step, const Record& repair) {
  if (state.tasks.size() != 1 || state.tasks[0].attempt > 0 || !repair.value.is_null()) return false;
  return !step.foreach || (state.items.size() == 1 && state.items.items()[0].is_null());
}

template <typename Is>
bool any_task(const std::vector<StepState>& steps, Is is) {
  for (const StepState& step : steps) {
    if (std::any_of(step.tasks.begin(), step.tasks.end(), is)) return true;
  }
  return false;
}

}  // namespace

std::string_view to_string(RunStatus status) {
  return kStatusNames[static_cast<std::size_t>(status)];
}

bool parse_run_status(std::string_view name, RunStatus& status) {
  const auto found = std::find(kStatusNames.begin(), kStatusNames.end(), name);
  if (found == kStatusNames.end()) return false;
  status = static_cast<RunStatus>(found - kStatusNames.begin());
  return true;
}

RunState::RunState(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)), steps_(plan_->steps.size()) {}

bool RunState::has_seen(std::string_view key, std::string_view event_id) const {
  return std::find(seen_events_.begin(), seen_events_.end(), event_identity(key, event_id)) !=
         seen_events_.end();
}

void StepState::open(std::size_t count) {
  phase = Phase::open;
  Task task;
  task.edition = edition;
  task.given = given;
  tasks.resize(count, task);
}

Result<void> RunState::apply(const Record& record) {
  if (record.step.empty()) return apply_to_run(record);
  const std::optional<std::uint32_t> found = plan_->find_step(record.step);
  if (!found)
    return Error(errors::store_invalid, "the journal has a step \"" + record.step + "\", the flow has not");
  const std::uint32_t index = *found;
  StepState& step = steps_[index];
  if (record.kind == RecordKind::skip) {
    step.phase = StepState::Phase::over;
    step.skipped = true;
    return {};
  }
  if (record.kind == RecordKind::again) {
    step = StepState();
    step.edition = static_cast<std::uint32_t>(record.number);
    step.given = record.value;
    return {};
  }
  if (record.kind == RecordKind::items) {
    step.items = record.value;
    step.open(record.value.size());
    close_step(index);
    return {};
  }
  if (step.phase == StepState::Phase::before && !plan_->steps[index].foreach) step.open(1);
  if (record.item >= step.tasks.size()) {
    return Error(errors::store_invalid,
                 "the journal has more items of step \"" + record.step + "\" than there are");
  }
  apply_to_task(record, index, step.tasks[record.item]);
  return {};
}

Result<void> RunState::apply_to_run(const Record& record) {
  switch (record.kind) {
    case RecordKind::start:
      input_ = record.value;
      trigger_ = record.text;
      trigger_facts_ = record.extra;
      started_at_ = record.at;
      return {};
    case RecordKind::fail:
      undoing_ = true;
      cancelled_ = record.flag;
      reason_ = record.text;
      return {};
    case RecordKind::respond:
      answer_ = {record.status, record.value};
      return {};
    case RecordKind::end:
      output_ = record.value;
      if (!parse_run_status(record.text, end_))
        return Error(errors::store_invalid, "a journal ends in no known state");
      return {};
    default:
      return Error(errors::store_invalid, "the journal has a record without its step");
  }
}

void RunState::apply_to_task(const Record& record, std::uint32_t step, Task& task) {
  using Phase = Task::Phase;
  task.in_line = false;
  switch (record.kind) {
    case RecordKind::intent:
      task.phase = Phase::called;
      task.attempt = record.attempt;
      if (task.first_at == 0) task.first_at = record.at;
      task.request = record.value;
      task.next_at = 0;
      if (record.flag) task.may_have_happened = false;
      break;
    case RecordKind::retry:
      task.phase = Phase::retrying;
      task.next_at = record.until;
      task.may_have_happened = record.flag;
      task.reason = record.text;
      break;
    case RecordKind::page:
      add_items(task, record.value);
      ++task.pages;
      task.request = record.extra;
      task.first_at = record.at;
      task.attempt = 1;
      break;
    case RecordKind::sleep:
      task.phase = Phase::sleeping;
      task.next_at = record.until;
      break;
    case RecordKind::await:
      task.phase = Phase::awaiting;
      task.next_at = record.until;
      task.key = record.text;
      task.request = record.value;
      break;
    case RecordKind::child:
      task.phase = Phase::child;
      task.child = record.number;
      task.next_at = 0;
      break;
    case RecordKind::park:
      task.phase = Phase::parked;
      task.may_have_happened = record.flag;
      task.reason = record.text;
      task.next_at = 0;
      break;
    case RecordKind::event:
      seen_events_.push_back(event_identity(task.key, record.text));
      [[fallthrough]];
    case RecordKind::done:
      task.phase = Phase::done;
      if (record.flag) {
        add_items(task, record.value);
      } else {
        task.output = record.value;
      }
      task.request = data::JsonValue();
      task.next_at = 0;
      task.done_order = ++done_count_;
      if (plan_->steps[step].pivot) past_pivot_ = true;
      close_step(step);
      break;
    case RecordKind::lost:
      task.phase = Phase::lost;
      task.reason = record.text;
      task.request = data::JsonValue();
      task.output = data::JsonValue();  // a part of a list is none
      task.next_at = 0;
      close_step(step);
      break;
    case RecordKind::repair:
      if (was_not_begun(steps_[step], plan_->steps[step], record)) {
        steps_[step].phase = StepState::Phase::before;
        steps_[step].items = data::JsonValue();
        steps_[step].tasks.clear();
        break;
      }
      task.phase = Phase::ready;
      task.first_at = 0;
      task.attempt = record.attempt;
      task.edition = static_cast<std::uint32_t>(record.number);
      // Once given, a body stays: the key that goes with it was sent.
      if (!record.value.is_null()) task.given = record.value;
      // A list is asked for from its beginning.
      if (task.pages > 0) task.request = data::JsonValue();
      task.pages = 0;
      task.output = data::JsonValue();
      break;
    default:
      apply_undo(record, task);
  }
}

void RunState::add_items(Task& task, const data::JsonValue& items) {
  if (task.output.is_null()) task.output = data::JsonValue::empty_array();
  for (const data::JsonValue& item : items.items()) task.output.push_back(item);
}

void RunState::apply_undo(const Record& record, Task& task) {
  using Phase = Task::Undo;
  switch (record.kind) {
    case RecordKind::undo_skip:
      task.undo = Phase::skipped;
      break;
    case RecordKind::undo_intent:
      task.undo = Phase::called;
      task.undo_attempt = record.attempt;
      if (task.undo_first_at == 0) task.undo_first_at = record.at;
      task.request = record.value;
      task.next_at = 0;
      break;
    case RecordKind::undo_retry:
      task.undo = Phase::retrying;
      task.next_at = record.until;
      task.reason = record.text;
      break;
    case RecordKind::undone:
      task.undo = Phase::done;
      task.request = data::JsonValue();
      task.next_at = 0;
      break;
    case RecordKind::undo_park:
      task.undo = Phase::parked;
      task.reason = record.text;
      task.next_at = 0;
      break;
    default:
      break;
  }
}

void RunState::close_step(std::uint32_t index) {
  StepState& step = steps_[index];
  for (const Task& task : step.tasks) {
    if (!task.over()) return;
  }
  step.phase = StepState::Phase::over;
  if (!plan_->steps[index].foreach) {
    step.output = step.tasks[0].output;
    return;
  }
  data::JsonArrayBuilder outputs(step.tasks.size());
  for (const Task& task : step.tasks) outputs.add(task.output);
  step.output = outputs.build();
}

RunStatus RunState::status() const {
  if (is_over()) return end_;
  bool at_work = false;
  bool parked = false;
  for (const StepState& step : steps_) {
    for (const Task& task : step.tasks) {
      parked |= task.phase == Task::Phase::parked || task.undo == Task::Undo::parked;
      at_work |= task.phase == Task::Phase::ready || task.phase == Task::Phase::called ||
                 task.undo == Task::Undo::called;
    }
  }
  if (parked) return RunStatus::parked;
  if (undoing_) return RunStatus::undoing;
  if (at_work || (next_at() == 0 && waits().empty())) return RunStatus::running;
  return RunStatus::waiting;
}

WallNs RunState::next_at() const {
  WallNs earliest = 0;
  for (const StepState& step : steps_) {
    for (const Task& task : step.tasks) {
      if (!task.in_line) take_earlier(earliest, task.next_at);
    }
  }
  if (plan_->deadline_ns != 0 && !undoing_ && !past_pivot_ && !is_over())
    take_earlier(earliest, started_at_ + plan_->deadline_ns);
  return earliest;
}

bool RunState::stands_in_line() const {
  return any_task(steps_, [](const Task& task) { return task.in_line; });
}

std::vector<std::string> RunState::waits() const {
  std::vector<std::string> keys;
  for (const StepState& step : steps_) {
    for (const Task& task : step.tasks) {
      if (task.phase == Task::Phase::awaiting) keys.push_back(task.key);
      if (task.phase == Task::Phase::child) keys.push_back("run:" + std::to_string(task.child));
    }
  }
  return keys;
}

std::string RunState::what_holds() const {
  for (const bool parked : {true, false}) {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const std::string& name = plan_->steps[i].name;
      for (const Task& task : steps_[i].tasks) {
        const bool is_parked = task.phase == Task::Phase::parked || task.undo == Task::Undo::parked;
        if (is_parked != parked) continue;
        if (parked) return (task.undo == Task::Undo::parked ? "undo of " : "") + name + ": " + task.reason;
        if (task.phase == Task::Phase::retrying) return name + " is tried again: " + task.reason;
        if (task.undo == Task::Undo::retrying) return "undo of " + name + " is tried again: " + task.reason;
        if (task.phase == Task::Phase::sleeping) return name + " waits";
        if (task.phase == Task::Phase::awaiting) return name + " waits for " + task.key;
        if (task.phase == Task::Phase::child) return name + " waits for run " + std::to_string(task.child);
      }
    }
  }
  return undoing_ ? reason_ : std::string();
}

}  // namespace linkspan::flow
