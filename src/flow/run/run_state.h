// What a run has come to: the fold of its journal. A live run applies each record as it writes it, a
// restarted one applies what it reads; nothing else changes the state, so both are the same. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "data/json.h"
#include "flow/plan/plan.h"
#include "flow/run/record.h"
#include "store/store.h"

namespace linkspan::flow {

// How a run is doing, as people see it; RunRow::state.
enum class RunStatus : std::uint8_t {
  queued,  // behind others: order_by or concurrency
  running,
  waiting,  // for a time, an event, a person's word, another run
  parked,   // a person must decide
  undoing,
  completed,  // from here on it is over
  undone,
  cancelled
};
std::string_view to_string(RunStatus status);
// False if there is no such status.
bool parse_run_status(std::string_view name, RunStatus& status);
constexpr bool is_over(RunStatus status) {
  return status >= RunStatus::completed;
}

// One doing of a step: of foreach there are several.
struct Task {
  enum class Phase : std::uint8_t {
    ready,
    called,    // the intent is written, the outcome is not known
    retrying,  // at next_at again
    sleeping,  // until next_at
    awaiting,  // `key`, until next_at if that is not 0
    child,     // another run
    parked,
    done,
    lost  // over without an output
  };
  enum class Undo : std::uint8_t { none, called, retrying, parked, done, skipped };

  Phase phase = Phase::ready;
  Undo undo = Undo::none;
  bool may_have_happened = false;  // while retrying or parked
  std::uint32_t attempt = 0;
  std::uint32_t undo_attempt = 0;
  std::uint32_t pages = 0;       // that came, of a list
  std::uint32_t edition = 0;     // how often a person gave it another request
  std::uint32_t done_order = 0;  // counts from 1 in the order in which things were done
  WallNs first_at = 0;           // of the first attempt
  WallNs undo_first_at = 0;
  WallNs next_at = 0;
  bool in_line = false;  // for its API; in memory only
  store::RunNo child = 0;
  data::JsonValue request;  // what was or will be sent, while its outcome is not known
  data::JsonValue given;    // by a person, to be sent as the body
  data::JsonValue output;   // of a list that is under way, the items so far
  std::string key;          // while awaiting
  std::string reason;       // while retrying, parked, lost

  bool over() const { return phase == Phase::done || phase == Phase::lost; }
};

struct StepState {
  enum class Phase : std::uint8_t { before, open, over };
  Phase phase = Phase::before;
  bool skipped = false;
  std::vector<Task> tasks;    // one, or one for each item
  data::JsonValue items;      // of foreach
  data::JsonValue output;     // once over
  std::uint32_t edition = 0;  // how often a person had it done anew
  data::JsonValue given;      // by a person, to be sent as the body

  // Its tasks are there, and may begin.
  void open(std::size_t count);
};

struct Answer {
  int status = 0;  // 0: there was none
  data::JsonValue body;
};

class RunState {
 public:
  explicit RunState(std::shared_ptr<const Plan> plan);

  const Plan& plan() const { return *plan_; }
  const std::shared_ptr<const Plan>& plan_ptr() const { return plan_; }

  // errors::store_invalid where the record does not fit the plan or what was before.
  Result<void> apply(const Record& record);

  const data::JsonValue& input() const { return input_; }
  WallNs started_at() const { return started_at_; }
  const std::string& trigger() const { return trigger_; }
  const data::JsonValue& trigger_facts() const { return trigger_facts_; }
  std::vector<StepState>& steps() { return steps_; }
  const std::vector<StepState>& steps() const { return steps_; }
  Task& task(std::uint32_t step, std::uint32_t item) { return steps_[step].tasks[item]; }
  bool is_undoing() const { return undoing_; }
  bool is_past_pivot() const { return past_pivot_; }
  bool is_cancelled() const { return cancelled_; }
  bool is_over() const { return flow::is_over(end_); }
  const std::string& reason() const { return reason_; }  // why it is undone
  const data::JsonValue& output() const { return output_; }
  const Answer& answer() const { return answer_; }
  // Ids of the events that came, so that none counts twice.
  bool has_seen(std::string_view key, std::string_view event_id) const;

  // As of now, but for `queued`, which the engine knows.
  RunStatus status() const;
  // The earliest time at which something is to be done; 0: none.
  WallNs next_at() const;
  // Whether a call of it stands in line for its API.
  bool stands_in_line() const;
  // What it waits for: RunRow::waits.
  std::vector<std::string> waits() const;
  // Why it waits or is parked, in words; empty while it is at work.
  std::string what_holds() const;
  // A step of foreach or not is over once all its tasks are; sets its output.
  void close_step(std::uint32_t step);

 private:
  Result<void> apply_to_run(const Record& record);
  void apply_to_task(const Record& record, std::uint32_t step, Task& task);
  void apply_undo(const Record& record, Task& task);
  static void add_items(Task& task, const data::JsonValue& items);

  std::shared_ptr<const Plan> plan_;
  std::vector<StepState> steps_;
  data::JsonValue input_;
  data::JsonValue output_;
  data::JsonValue trigger_facts_;
  std::string trigger_;
  std::string reason_;
  Answer answer_;
  WallNs started_at_ = 0;
  std::uint32_t done_count_ = 0;
  RunStatus end_ = RunStatus::running;
  bool undoing_ = false;
  bool cancelled_ = false;
  bool past_pivot_ = false;
  std::vector<std::string> seen_events_;
};

}  // namespace linkspan::flow
