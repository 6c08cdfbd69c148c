// A run as its journal tells it: what each call came to in the end, what came from outside, what a person
// did. What a rehearsal (rehearsal.h) answers with, and what it compares with. Plain values.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "data/json.h"
#include "flow/engine.h"
#include "flow/run/record.h"
#include "flow/run/run_state.h"
#include "store/store.h"

namespace linkspan::flow {

// One doing of a step, or its undo.
struct Doing {
  std::string step;
  std::uint32_t item = 0;
  bool undo = false;

  auto operator<=>(const Doing&) const = default;
};

// What became of what was sent, whatever it took: attempts in between do not count.
struct RecordedAnswer {
  std::string call;  // "stock.createReservation"
  WallNs at = 0;     // 0: none came
  int status = 0;    // 0: `error`
  data::JsonValue body;
  bool body_is_known = true;  // of a failure the journal keeps at most the beginning
  std::string error;
  bool may_have_happened = false;
};

struct RecordedEvent {
  WallNs at = 0;
  data::JsonValue data;
};

// How another run that a step waited for ended.
struct RecordedChild {
  WallNs at = 0;  // 0: it had not
  bool completed = false;
  data::JsonValue output;
};

struct PersonAct {
  RepairKind kind = RepairKind::skip;  // skip, undo, cancel
  Doing doing;                         // of skip
  WallNs at = 0;
  data::JsonValue output;
};

// What a doing of a step came to, to be compared.
struct Trace {
  Doing doing;
  data::JsonValue request;  // that went out last, or what was emitted or given to a run; null: none
  std::string end;          // "done", "given up", ...; empty: not over
};

struct RecordedRun {
  std::string id;
  store::RunNo number = 0;
  std::string flow;
  RunStatus status = RunStatus::running;
  std::string reason;
  data::JsonValue input;
  std::string trigger;
  data::JsonValue trigger_facts;
  WallNs started_at = 0;
  WallNs last_at = 0;  // of the last record
  data::JsonValue output;
  data::JsonValue answer;  // of a `respond` step: {status, body}
  std::map<Doing, RecordedAnswer> answers;
  std::map<Doing, RecordedEvent> events;
  std::map<Doing, RecordedChild> children;
  std::vector<PersonAct> acts;
  std::vector<Trace> traces;  // in the order in which they began
};

// "charge", "lines[2]", "undo of reserve".
std::string to_string(const Doing& doing);

// Errors: store_invalid.
Result<RecordedRun> read_recorded_run(std::string id, const store::StoredRun& run);

}  // namespace linkspan::flow
