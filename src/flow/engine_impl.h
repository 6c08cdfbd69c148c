// Inside of engine.h; for engine*.cc alone.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "flow/engine.h"
#include "flow/run/turn.h"

namespace linkspan::flow {

class Engine::Impl {
 public:
  explicit Impl(Parts parts);

  Result<void> recover(std::shared_ptr<const PlanSet> plans, PlanOfDefinition old_plans);
  void adopt(std::shared_ptr<const PlanSet> plans);
  void start(StartRequest request, StartDone done);
  bool when_answered(store::RunNo run, AnswerDone done);
  void emit(std::string_view event, std::string_view key, const data::JsonValue& data, std::string_view id,
            Done done);
  void repair(store::RunNo run, Repair repair, Done done);
  void approve(store::RunNo run, std::string_view step, const data::JsonValue& decision, Done done);
  void approve_by_link(store::RunNo run, std::string_view step, const data::JsonValue& decision,
                       std::string_view id, Done done);
  void link_approvals(std::shared_ptr<const ApprovalLinks> links) { approvals_ = std::move(links); }
  WallNs place_of_call(std::string_view api);
  WallNs next_wake();
  void wake();
  void drain(std::function<void()> done);
  EngineCounts counts() const;
  std::string id_of(store::RunNo run) const;
  store::RunNo run_of(std::string_view id) const;

 private:
  // What happened to a run since its last turn; may refuse, which its sender is told at once.
  using Happening = std::function<Result<void>(Turn&)>;

  // A run in memory.
  struct Active {
    Active(store::RunNo number, store::VersionNo version_number, std::shared_ptr<const Plan> plan)
        : run(number), version(version_number), state(std::move(plan)) {}

    store::RunNo run;
    store::VersionNo version;
    RunState state;
    store::RunRow row;  // as it was written last
    std::uint32_t next_seq = 0;
    std::uint32_t calls = 0;  // under way
    bool admitted = false;
    bool busy = false;    // in a turn, or its commit is under way
    bool again = false;   // time has come meanwhile
    bool loaded = false;  // from the store, and not yet resumed
    std::vector<std::pair<Happening, Done>> inbox;
  };

  // A run that is only on disk until something happens.
  struct Dormant {
    WallNs wake_at = 0;
    bool admitted = false;
    bool loading = false;
    std::vector<CallSlots*> held;  // for it: its turn in line came
    std::vector<std::pair<Happening, Done>> inbox;
  };

  // Runs of one flow beside each other.
  struct Lane {
    std::uint32_t busy = 0;
    std::deque<store::RunNo> waiting;  // for a place
  };

  // One turn's way to the disk.
  struct Commit {
    store::Write write;  // until it is handed over
    std::shared_ptr<const store::Write> handed_over;
    Effects effects;
    std::vector<Done> told;
    StartDone started;  // of the first one
    std::uint32_t failures = 0;
  };

  struct Timer {
    WallNs at;
    store::RunNo run;
    bool operator>(const Timer& other) const { return at > other.at; }
  };

  // engine.cc
  void take_turn(Active& active, StartDone started, const StartRequest* request);
  void take_turn(Active& active) { take_turn(active, {}, nullptr); }
  void fill_row(Active& active, store::Write& write);
  void commit(store::RunNo run, std::shared_ptr<Commit> commit);
  void on_committed(store::RunNo run, const std::shared_ptr<Commit>& commit,
                    Result<store::Committed> outcome);
  void on_commit_failed(store::RunNo run, const std::shared_ptr<Commit>& commit, Error error);
  void forget_start(const Active& active, const Commit& commit, StartOutcome told);
  void carry_out(Active& active, Effects effects);
  void settle(Active& active);
  void end(Active& active);
  void tell(const Active& active);
  void happen(store::RunNo run, Happening happening, Done done);
  void call(Active& active, CallEffect effect);
  void free_slot(CallSlots& slots);
  void serve_line(CallSlots& slots);
  CallSlots& slots_of(const std::string& api);
  void start_child(store::RunNo parent, ChildEffect effect, std::string key);
  static std::string occurrence_of(Active& active, const TaskRef& task);
  void deliver(std::string_view event, std::string_view key, const data::JsonValue& data, std::string_view id,
               Done delivered);
  void deliver_effect(store::RunNo run, EmitEffect effect, const std::string& id);
  void try_later(std::function<void()> what);
  // Says nothing of what was asked for, only that it cannot be now.
  static bool is_passing(const Error& error);

  // engine_queue.cc: who may go on
  bool queue_up(Active& active);
  bool try_admit(store::RunNo run, const std::string& flow);
  void leave_queues(store::RunNo run, const std::string& flow, const std::string& order_key, bool admitted);
  void admit_next(const std::string& flow, const std::string& order_key);
  void admit(store::RunNo run);
  std::uint32_t limit_of(const std::string& flow) const;

  // engine_repair.cc: a person's word
  void refuse_unknown(store::RunNo run, const Done& done);

  // engine_sleep.cc: from memory to disk and back
  void fall_asleep(Active& active);
  void load(store::RunNo run);
  void on_loaded(store::RunNo run, Result<store::StoredRun> stored);
  void wake_up(Dormant& dormant, store::StoredRun stored);
  void set_aside(const store::RunRow& row, std::string reason);
  Result<std::shared_ptr<const Plan>> plan_of(store::VersionNo version);
  void update_waits(store::RunNo run, const std::vector<std::string>& before,
                    const std::vector<std::string>& after);
  void arm(store::RunNo run, WallNs at);
  void check_child(store::RunNo parent, store::RunNo child);
  void check_drained();

  Parts parts_;
  Evaluator evaluator_;
  std::shared_ptr<const PlanSet> plans_;
  PlanOfDefinition old_plans_;
  std::map<std::string, store::VersionNo, std::less<>> version_of_digest_;
  std::map<store::VersionNo, std::string> definitions_;
  std::map<store::VersionNo, std::shared_ptr<const Plan>> made_plans_;
  std::map<store::VersionNo, store::FlowVersion> unsaved_versions_;
  std::map<std::string, CallSlots, std::less<>> slots_;  // by API
  std::shared_ptr<const ApprovalLinks> approvals_;
  store::RunNo next_run_ = 1;
  store::VersionNo next_version_ = 1;

  std::unordered_map<store::RunNo, std::unique_ptr<Active>> active_;
  std::unordered_map<store::RunNo, Dormant> dormant_;
  std::unordered_multimap<std::string, store::RunNo> waits_;
  std::unordered_map<store::RunNo, std::vector<AnswerDone>> answer_waiters_;
  std::unordered_map<std::string, std::deque<store::RunNo>> order_;  // by flow and key; the first may go on
  std::map<std::string, Lane, std::less<>> lanes_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::vector<std::pair<WallNs, std::function<void()>>> retries_;  // commits that failed, to be tried again

  std::uint64_t commits_ = 0;  // under way
  std::uint64_t calls_ = 0;
  EngineCounts counts_;
  bool draining_ = false;
  std::function<void()> drained_;
};

}  // namespace linkspan::flow
