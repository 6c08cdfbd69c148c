#include "flow/testing/rehearsal.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/error_kinds.h"
#include "catalog/schema_view.h"
#include "catalog/validators.h"
#include "config/loader.h"
#include "data/json_write.h"
#include "flow/testing/mock_systems.h"
#include "flow/testing/rehearsal_difference.h"
#include "flow/testing/simulated_engine.h"

namespace linkspan::flow {

namespace {

constexpr int kMaxRounds = 1'000'000;
constexpr std::int64_t kLongestNs = std::int64_t{100} * 366 * 24 * 3600 * kNsPerSecond;

// In the place of every run that the flow starts: it ends when it is told to, with what it is told.
constexpr std::string_view kChild = "rehearsed";
constexpr std::string_view kChildStep = "end";
constexpr std::string_view kChildConfig = R"(
listen: http://127.0.0.1:0
flows: { rehearsed: { steps: { end: { wait_for: { approval: '"?"' } } }, output: $end } }
)";

Result<std::shared_ptr<const Plan>> child_plan() {
  const config::LoadResult loaded =
      config::load_text("rehearsal", std::string(kChildConfig), config::empty_sources());
  if (!loaded.ok()) return Error(errors::flow_failed, "the stand-in for other runs cannot be read");
  PlanResult made = make_plan(loaded.config->flows.front(), {});
  if (!made.plan) return Error(errors::flow_failed, "the stand-in for other runs cannot be made");
  return made.plan;
}

// The flow with lists as one answer, which is how the journal has them, and stand-ins for other runs.
Result<std::shared_ptr<const PlanSet>> plans_for(const Plan& plan) {
  Result<std::shared_ptr<const Plan>> child = child_plan();
  if (!child) return std::move(child).error();
  auto changed = std::make_shared<Plan>(plan);
  for (Step& step : changed->steps) {
    step.paginate.reset();
    if (step.run) step.run->flow = kChild;
  }
  auto set = std::make_shared<PlanSet>();
  set->plans[std::string(kChild)] = std::move(*child);
  set->plans[plan.flow] = std::move(changed);
  return std::shared_ptr<const PlanSet>(std::move(set));
}

// The store as it was when the run began: only its name and the run's number count.
store::MemoryState state_before(const RecordedRun& run) {
  store::MemoryState state;
  state.id = run.id.substr(0, run.id.find('-'));
  if (run.number > 1) {
    store::RunRow& before = state.runs[run.number - 1];
    before.run = run.number - 1;
    before.flow = kChild;
    before.open = false;
    before.state = static_cast<std::uint8_t>(RunStatus::completed);
  }
  return state;
}

class Rehearsal {
 public:
  Rehearsal(const RecordedRun& then, const Plan& plan, std::shared_ptr<const PlanSet> plans,
            const Catalog& catalog)
      : then_(then),
        plan_(plan),
        plans_(std::move(plans)),
        state_(plans_->plans.find(then.flow)->second),
        mocks_({}, *plans_, catalog),
        simulated_({.answer = [this](const Outgoing& request) { return answer(request); },
                    .old_plans =
                        [](const std::string&) {
                          return Error(errors::store_invalid, "a rehearsal has one version of each flow");
                        },
                    .seed = 1,
                    .started_at = then.started_at,
                    .state = state_before(then)}) {}

  Result<void> drive() {
    Result<void> begun = simulated_.begin(plans_);
    if (!begun) return begun;
    Result<void> started = start();
    if (!started) return started;
    for (int rounds = 0; rounds < kMaxRounds; ++rounds) {
      simulated_.engine().wake();
      if (simulated_.store().pump() > 0) continue;
      Result<bool> moved = move();
      if (!moved) return std::move(moved).error();
      if (!*moved) return {};
    }
    return Error(errors::flow_failed, "the run never comes to rest");
  }

  // What it has come to.
  Result<RecordedRun> now() {
    Result<store::StoredRun> stored = simulated_.store().read(run_);
    if (!stored) return std::move(stored).error();
    Result<RecordedRun> run = read_recorded_run(then_.id, *stored);
    if (!run) return run;
    for (Trace& trace : run->traces) {
      const std::optional<std::uint32_t> step = plan_.find_step(trace.doing.step);
      if (step && plan_.steps[*step].run && trace.request.is_object())
        trace.request.set("flow", plan_.steps[*step].run->flow);
    }
    return run;
  }

  std::vector<std::string> notes() {
    std::vector<std::string> notes = std::move(notes_);
    notes.insert(notes.end(), mocks_.problems().begin(), mocks_.problems().end());
    return notes;
  }

 private:
  // Something that came from outside then, and can come now.
  struct Next {
    WallNs at = 0;
    std::function<void()> come;
  };

  Result<void> start() {
    StartRequest request;
    request.flow = then_.flow;
    request.input = then_.input;
    request.trigger = then_.trigger;
    request.facts = then_.trigger_facts;
    std::optional<Error> refused;
    simulated_.engine().start(std::move(request), [&](StartOutcome outcome) {
      refused = std::move(outcome.error);
      run_ = outcome.run;
    });
    simulated_.store().pump();
    if (refused) return *std::move(refused);
    return {};
  }

  // What was written since the last time.
  Result<void> catch_up() {
    const std::map<std::uint32_t, std::string>& rows = simulated_.store().state().journals.at(run_);
    for (auto row = rows.lower_bound(next_row_); row != rows.end(); ++row) {
      next_row_ = row->first + 1;
      Result<std::vector<Record>> records = parse_records(row->second);
      if (!records) return std::move(records).error();
      for (const Record& record : *records) {
        Result<void> applied = state_.apply(record);
        if (!applied) return applied;
      }
    }
    return {};
  }

  // One thing from outside, or time. False if there is nothing that could come.
  Result<bool> move() {
    Result<void> caught_up = catch_up();
    if (!caught_up) return std::move(caught_up).error();
    if (state_.is_over()) return false;
    next_.reset();
    offer_answers();
    offer_rest();
    const WallNs timer = simulated_.engine().next_wake();
    const WallNs now = simulated_.clock().wall_ns();
    if (next_ && (timer == 0 || next_->at <= std::max(timer, now))) {
      if (next_->at > now) simulated_.clock().advance(next_->at - now);
      next_->come();
      return true;
    }
    return simulated_.jump(last_time());
  }

  // Time does not pass the point to which the run had come, and is no cure for what is parked.
  WallNs last_time() const {
    const bool was_open = !is_over(then_.status) && then_.status != RunStatus::parked;
    const WallNs last = was_open ? then_.last_at : then_.started_at + kLongestNs;
    if (state_.status() != RunStatus::parked || plan_.deadline_ns == 0) return last;
    return std::min(last, then_.started_at + plan_.deadline_ns - 1);
  }

  void offer(WallNs at, std::function<void()> come) {
    if (!next_ || at < next_->at) next_ = Next{.at = at, .come = std::move(come)};
  }

  Doing doing_of(const TaskRef& task) const {
    return {.step = plan_.steps[task.step].name, .item = task.item, .undo = task.what == TaskRef::What::undo};
  }

  // nullptr if no such call was made then.
  const RecordedAnswer* find_answer(const Outgoing& request) const {
    if (request.task.what == TaskRef::What::probe) return nullptr;
    const auto found = then_.answers.find(doing_of(request.task));
    const bool same =
        found != then_.answers.end() && found->second.call == request.api + "." + request.operation;
    return same ? &found->second : nullptr;
  }

  void offer_answers() {
    for (std::size_t i = 0; i < simulated_.caller().waiting(); ++i) {
      const RecordedAnswer* recorded = find_answer(simulated_.caller().request(i));
      if (recorded != nullptr && recorded->at == 0) continue;  // it had not come
      offer(recorded == nullptr ? simulated_.clock().wall_ns() : recorded->at,
            [this, i] { simulated_.caller().serve(i); });
    }
  }

  void offer_rest() {
    for (std::uint32_t i = 0; i < plan_.steps.size(); ++i) {
      const std::vector<Task>& tasks = state_.steps()[i].tasks;
      for (std::uint32_t item = 0; item < tasks.size(); ++item)
        offer_task({.step = plan_.steps[i].name, .item = item}, tasks[item]);
    }
    for (const PersonAct& act : then_.acts) {
      if (act.kind == RepairKind::skip || state_.is_undoing()) continue;
      offer(act.at, [this, kind = act.kind] { repair(run_, {.kind = kind, .by = "a person"}); });
    }
  }

  void offer_task(const Doing& doing, const Task& task) {
    if (task.phase == Task::Phase::awaiting) {
      const auto event = then_.events.find(doing);
      if (event == then_.events.end()) return;
      offer(event->second.at,
            [this, key = task.key, &data = event->second.data, step = doing.step] { send(key, step, data); });
    } else if (task.phase == Task::Phase::child) {
      offer_child(doing, task.child);
    } else if (task.phase == Task::Phase::parked || task.undo == Task::Undo::parked) {
      const Doing parked{.step = doing.step, .item = doing.item, .undo = task.undo == Task::Undo::parked};
      for (const PersonAct& act : then_.acts) {
        if (act.kind != RepairKind::skip || act.doing != parked) continue;
        offer(act.at, [this, &act] {
          repair(run_,
                 {.kind = RepairKind::skip, .step = act.doing.step, .value = act.output, .by = "a person"});
        });
      }
    }
  }

  void offer_child(const Doing& doing, store::RunNo child) {
    const auto found = then_.children.find(doing);
    if (found == then_.children.end()) {
      offer(simulated_.clock().wall_ns(), [this, child, doing] {
        note(to_string(doing) + ": no end of such a run is recorded: taken as completed without an output");
        end_child(child, {.at = 0, .completed = true, .output = {}});
      });
    } else if (found->second.at != 0) {
      offer(found->second.at, [this, child, &end = found->second] { end_child(child, end); });
    }
  }

  void end_child(store::RunNo child, const RecordedChild& end) {
    if (!end.completed) return repair(child, {.kind = RepairKind::cancel, .by = "the rehearsal"});
    simulated_.engine().approve(child, kChildStep, end.output, [](const Result<void>&) {});
  }

  void send(const std::string& key, const std::string& step, const data::JsonValue& data) {
    constexpr std::string_view kEvent = "event:";
    if (key.starts_with(kEvent)) {
      simulated_.engine().emit(std::string_view(key).substr(kEvent.size()), {}, data,
                               "rehearsal:" + std::to_string(++events_), [](const Result<void>&) {});
    } else {
      simulated_.engine().approve(run_, step, data, [](const Result<void>&) {});
    }
  }

  void repair(store::RunNo run, Repair what) {
    simulated_.engine().repair(run, std::move(what), [](const Result<void>&) {});
  }

  CallOutcome answer(const Outgoing& request) {
    const RecordedAnswer* recorded = find_answer(request);
    if (recorded == nullptr) return make_up(request);
    CallOutcome outcome;
    if (recorded->status == 0) {
      outcome.error = Error(errors::upstream_reset, recorded->error);
      outcome.may_have_happened = recorded->may_have_happened;
      return outcome;
    }
    if (!recorded->body_is_known) {
      note(to_string(doing_of(request.task)) + ": of the answer " + std::to_string(recorded->status) +
           " no body is recorded: taken as none");
    }
    outcome.answer = Incoming{.status = recorded->status, .headers = {}, .body = {}};
    if (!recorded->body.is_null()) {
      outcome.answer->headers.emplace_back("Content-Type", "application/json");
      outcome.answer->body = data::write_json(recorded->body);
    }
    return outcome;
  }

  CallOutcome make_up(const Outgoing& request) {
    CallOutcome outcome = mocks_.take(request);
    const std::string status = outcome.answer ? std::to_string(outcome.answer->status) : "no answer";
    note(to_string(doing_of(request.task)) + ": no answer of " + request.api + "." + request.operation +
         " is recorded: answered by the description's example (" + status + ")");
    return outcome;
  }

  void note(std::string text) {
    if (std::find(notes_.begin(), notes_.end(), text) == notes_.end()) notes_.push_back(std::move(text));
  }

  const RecordedRun& then_;
  const Plan& plan_;
  std::shared_ptr<const PlanSet> plans_;
  RunState state_;  // of the rehearsed run, up to next_row_ of its journal
  std::uint32_t next_row_ = 0;
  MockSystems mocks_;
  SimulatedEngine simulated_;
  std::optional<Next> next_;
  std::vector<std::string> notes_;
  store::RunNo run_ = 0;
  std::uint64_t events_ = 0;
};

// A payload that the changed flow would not begin with.
std::vector<std::string> input_problems(const Plan& plan, const data::JsonValue& input) {
  std::vector<std::string> lines;
  if (plan.input_api == nullptr) return lines;
  const catalog::SchemaView view(*plan.input_api);
  Result<data::JsonSchema> schema = plan.input_api->validators->get(view.node_of(plan.input_schema));
  if (!schema) return lines;
  for (const data::SchemaProblem& problem :
       schema->validate(input, {.direction = data::SchemaDirection::request}))
    lines.push_back("the input is no " + plan.input_name +
                    ", so that no run would begin: " + problem.to_string());
  return lines;
}

}  // namespace

Result<Rehearsed> rehearse(const RecordedRun& run, const PlanSet& plans, const Catalog& catalog) {
  Rehearsed told{.then = run.status, .now = run.status, .differs = false, .lines = {}};
  if (run.traces.empty() && !is_over(run.status)) {
    told.lines.emplace_back("it has not begun: nothing is recorded");
    return told;
  }
  const auto plan = plans.plans.find(run.flow);
  if (plan == plans.plans.end()) return Error(errors::flow_unknown, "there is no flow " + run.flow);
  Result<std::shared_ptr<const PlanSet>> own = plans_for(*plan->second);
  if (!own) return std::move(own).error();
  Rehearsal rehearsal(run, *plan->second, std::move(*own), catalog);
  Result<void> driven = rehearsal.drive();
  if (!driven) return std::move(driven).error();
  Result<RecordedRun> now = rehearsal.now();
  if (!now) return std::move(now).error();
  told.now = now->status;
  told.lines = input_problems(*plan->second, run.input);
  for (std::string& line : run_differences(run, *now)) told.lines.push_back(std::move(line));
  told.differs = !told.lines.empty();
  for (std::string& note : rehearsal.notes()) told.lines.push_back(std::move(note));
  return told;
}

}  // namespace linkspan::flow
