// An engine with a simulated world around it: a store in memory, a clock that stands still until it is told
// to move, calls that wait until they are carried out. Nothing happens by itself, so whoever drives it
// decides in which order things happen and where the process dies. Shared by flow tests and the unit tests.
//
//   SimulatedEngine simulated({.answer = [&](const Outgoing& request) { return systems.take(request); }});
//   simulated.begin(plans);
//   simulated.engine().start(...);
//   simulated.run_on(limit_ns);
//
// One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "flow/caller.h"
#include "flow/engine.h"
#include "store/memory_store.h"

namespace linkspan::flow {

// Keeps calls until they are carried out, the oldest first.
class QueuedCaller final : public Caller {
 public:
  using Answer = std::function<CallOutcome(const Outgoing&)>;

  explicit QueuedCaller(Answer answer) : answer_(std::move(answer)) {}

  void call(Outgoing request, Done done) override;
  std::size_t waiting() const { return calls_.size(); }
  const Outgoing& request(std::size_t index) const { return calls_[index].first; }
  // Carries out one; the answer comes unless it is lost with the process.
  void serve(std::size_t index, bool lose_answer = false);

 private:
  Answer answer_;
  std::deque<std::pair<Outgoing, Done>> calls_;
};

// Where runs lie from one process to the next. Does what it is asked for when it is told to.
class SteppedStore {
 public:
  virtual ~SteppedStore() = default;

  virtual store::Store& store() = 0;
  // Does at most `max` of the things that were asked for, the oldest first; how many it did.
  virtual std::size_t pump(std::size_t max) = 0;
  // The process has ended, and with it whoever used store(); another finds what was durable.
  virtual void kill() = 0;
};

class SimulatedEngine {
 public:
  using MakeStore = std::function<std::unique_ptr<SteppedStore>(const Clock&)>;

  struct Parts {
    QueuedCaller::Answer answer;
    PlanOfDefinition old_plans;
    std::uint64_t seed = 1;
    WallNs started_at = 1'700'000'000 * kNsPerSecond;
    std::size_t max_in_line_awake = 50'000;  // Engine::Parts
    store::MemoryState state = {};           // what is durable from before, in memory
    MakeStore make_store = {};               // none: in memory
  };

  explicit SimulatedEngine(Parts parts);

  // The process begins, with what is durable. Errors: as Engine::recover.
  Result<void> begin(std::shared_ptr<const PlanSet> plans);
  // The process ends at this instant; what was not durable never was. begin() comes next.
  void kill();

  // Until nothing can happen but with time, which is not moved. False if it never comes to that.
  bool settle();
  // Time jumps to what comes next, unless that is after `last`. False if nothing comes.
  bool jump(WallNs last);
  // settle() and jump() for so long. False if it never ends.
  bool run_on(std::int64_t at_most_ns);

  Engine& engine() { return *engine_; }
  SteppedStore& stepped() { return *stepped_; }
  // Of one in memory alone.
  store::MemoryStore& store() { return static_cast<store::MemoryStore&>(stepped_->store()); }
  VirtualClock& clock() { return clock_; }
  QueuedCaller& caller() { return *caller_; }
  Random& random() { return random_; }

 private:
  Parts parts_;
  VirtualClock clock_;
  Random random_;
  std::unique_ptr<SteppedStore> stepped_;
  std::unique_ptr<QueuedCaller> caller_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace linkspan::flow
