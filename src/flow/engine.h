// Runs flows: starts them durably, does their steps, wakes them, undoes, parks and repairs them.
//
// The engine does no I/O: it writes through a Store, calls through a Caller, and is told the time by a Clock.
// It belongs to one thread, on which all callbacks come. Whoever hosts it calls wake() when next_wake() has
// come:
//
//   Engine engine({.store = store, .caller = caller, .clock = clock, .log = log});
//   auto recovered = engine.recover(plans, old_plan);  // what a crash left half done goes on
//   engine.start({.flow = "order-intake", .input = order}, [](StartOutcome outcome) {...});
//
// Nothing is sent before the record of the intent is on disk, nothing is acknowledged before what it promises
// is. Per run there is one turn at a time: what happened since the last one makes records, the store commits
// them, and what they allow to be done is done then.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "base/units.h"
#include "data/json.h"
#include "flow/approval_links.h"
#include "flow/caller.h"
#include "flow/plan/plan.h"
#include "flow/run/run_state.h"
#include "store/store.h"
#include "upstream/rate_gate.h"

namespace linkspan::flow {

// Every flow that new runs may begin with, by name.
struct PlanSet {
  std::map<std::string, std::shared_ptr<const Plan>, std::less<>> plans;
  // What APIs allow, shared with the gateway: calls of flows wait for it. Repeats of undo calls and questions
  // after unknown outcomes do not.
  std::map<std::string, std::shared_ptr<upstream::RateGate>, std::less<>> rates;
  // How many calls of steps may be under way to an API at once; without a limit if it is not here. Undo
  // calls, questions after unknown outcomes and what goes on after a restart count, but do not wait.
  std::map<std::string, std::uint32_t, std::less<>> concurrency;
  // Flows that begin when an event is emitted: event to names.
  std::multimap<std::string, std::string, std::less<>> by_event;
};

// Makes the plan of a stored definition, of a run that began with an older version of its flow.
using PlanOfDefinition = std::function<Result<std::shared_ptr<const Plan>>(const std::string& definition)>;

struct StartRequest {
  std::string flow;
  data::JsonValue input;
  std::string trigger;    // "webhook", "endpoint", "manual", ...: for people
  data::JsonValue facts;  // what else is known of the trigger
  // If given, the same key of the same space starts one run only until it expires.
  std::string claim_space;
  std::string claim_key;
  std::int64_t claim_for_ns = 0;
  std::vector<store::NamedValue> values;  // committed together with the start: a cursor
};

struct StartOutcome {
  std::optional<Error> error;  // nothing has happened: flow_unknown, flow_failed, store_full, store_failed
  std::string run_id;
  store::RunNo run = 0;
  bool is_duplicate = false;  // run_id is the one that had the claim
};

// How a run answers whoever triggered it: by its `respond` step, or at its end.
struct RunAnswer {
  RunStatus status = RunStatus::running;
  int http_status = 0;  // of `respond`; 0: the run has ended, `body` is its output
  data::JsonValue body;
  std::string reason;  // why it was undone
};

// retry: what is parked is tried again. resume: that, and what waits to be tried again is tried now.
enum class RepairKind : std::uint8_t { retry, resume, skip, undo, cancel };

struct Repair {
  RepairKind kind = RepairKind::retry;
  std::string step = {};       // empty: every parked one
  std::string from = {};       // of retry: this step and all that come after it are done anew
  data::JsonValue value = {};  // of retry: the body to send instead; of skip: the step's output
  std::string by = {};         // who and why, for the journal
  bool confirmed = false;      // effects that were done may be done again
};

struct EngineCounts {
  std::uint64_t active = 0;   // in memory
  std::uint64_t dormant = 0;  // on disk, waiting
  std::uint64_t queued = 0;
  std::uint64_t started = 0;
  std::uint64_t ended = 0;
  std::uint64_t parked = 0;  // since the engine began
  std::uint64_t calls = 0;
};

class Engine {
 public:
  struct Parts {
    store::Store& store;
    Caller& caller;
    const Clock& clock;
    Random& random;
    Logger log;
    // With more runs than this in memory, those that stand in line for an API wait on disk.
    std::size_t max_in_line_awake = 50'000;
  };
  using StartDone = std::function<void(StartOutcome)>;
  using AnswerDone = std::function<void(const RunAnswer&)>;
  using Done = std::function<void(Result<void>)>;

  explicit Engine(Parts parts);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  // Once, before anything else: takes up all open runs. Errors: store_invalid, store_failed.
  Result<void> recover(std::shared_ptr<const PlanSet> plans, PlanOfDefinition old_plans);
  // New runs begin with these from now on.
  void adopt(std::shared_ptr<const PlanSet> plans);

  void start(StartRequest request, StartDone done);
  // `done` is called once, at once if the answer is there already. Of runs that this engine started or
  // recovered; false if it does not know the run (it has ended: ask the store).
  bool when_answered(store::RunNo run, AnswerDone done);
  // Wakes those that wait for it and starts the flows that it triggers. `id` makes it happen once.
  void emit(std::string_view event, std::string_view key, const data::JsonValue& data, std::string_view id,
            Done done);
  // A person's word. Errors: run_not_found, run_ended, repair_refused (nothing is parked there),
  // repair_unconfirmed, input_invalid (a body that the operation does not take); nothing has changed then.
  void repair(store::RunNo run, Repair repair, Done done);
  void approve(store::RunNo run, std::string_view step, const data::JsonValue& decision, Done done);
  // The same by a link, whose id decides once: approval_closed where it did already, or nothing is asked.
  void approve_by_link(store::RunNo run, std::string_view step, const data::JsonValue& decision,
                       std::string_view id, Done done);
  // What $run.approvals gives from now on; without them it is null.
  void link_approvals(std::shared_ptr<const ApprovalLinks> links);

  // Takes a place in what an API allows (PlanSet::rates) for a call that no run makes: now, or the time when
  // it may be made.
  WallNs place_of_call(std::string_view api);

  // Wall time when wake() should be called next; 0: not before something happens.
  WallNs next_wake();
  void wake();

  // No new starts (they are refused with `overloaded`), no new calls; `done` once nothing is under way.
  void drain(std::function<void()> done);

  EngineCounts counts() const;
  // "abcd2345-17", as runs are called outside of this process; and back, 0 if it is none of this store.
  std::string id_of(store::RunNo run) const;
  store::RunNo run_of(std::string_view id) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace linkspan::flow
