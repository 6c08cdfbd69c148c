#include "flow/testing/simulated_engine.h"

namespace linkspan::flow {

namespace {

constexpr int kMaxRounds = 100'000;
constexpr std::int64_t kLinksValidNs = std::int64_t{7} * 24 * 3600 * kNsPerSecond;

class SteppedMemory final : public SteppedStore {
 public:
  SteppedMemory(const Clock& clock, store::MemoryState state)
      : clock_(clock), store_(std::make_unique<store::MemoryStore>(clock, std::move(state))) {}

  store::Store& store() override { return *store_; }
  std::size_t pump(std::size_t max) override { return store_->pump(max); }
  void kill() override { store_ = std::make_unique<store::MemoryStore>(clock_, store_->state()); }

 private:
  const Clock& clock_;
  std::unique_ptr<store::MemoryStore> store_;
};

}  // namespace

void QueuedCaller::call(Outgoing request, Done done) {
  calls_.emplace_back(std::move(request), std::move(done));
}

void QueuedCaller::serve(std::size_t index, bool lose_answer) {
  auto [request, done] = std::move(calls_[index]);
  calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(index));
  CallOutcome outcome = answer_(request);
  if (!lose_answer) done(std::move(outcome));
}

SimulatedEngine::SimulatedEngine(Parts parts)
    : parts_(std::move(parts)),
      clock_(parts_.started_at, kNsPerSecond),
      random_(parts_.seed),
      stepped_(parts_.make_store ? parts_.make_store(clock_)
                                 : std::make_unique<SteppedMemory>(clock_, parts_.state)) {}

Result<void> SimulatedEngine::begin(std::shared_ptr<const PlanSet> plans) {
  caller_ = std::make_unique<QueuedCaller>(parts_.answer);
  engine_ = std::make_unique<Engine>(Engine::Parts{.store = stepped_->store(),
                                                   .caller = *caller_,
                                                   .clock = clock_,
                                                   .random = random_,
                                                   .log = Logger(),
                                                   .max_in_line_awake = parts_.max_in_line_awake});
  engine_->link_approvals(std::make_shared<const ApprovalLinks>(
      "simulated", "https://linkspan.invalid/approvals", kLinksValidNs));
  return engine_->recover(std::move(plans), parts_.old_plans);
}

void SimulatedEngine::kill() {
  engine_.reset();
  caller_.reset();
  stepped_->kill();
}

bool SimulatedEngine::settle() {
  for (int rounds = 0; rounds < kMaxRounds; ++rounds) {
    engine_->wake();
    if (stepped_->pump(store::MemoryStore::kAll) > 0) continue;
    if (caller_->waiting() == 0) return true;
    caller_->serve(0);
  }
  return false;
}

bool SimulatedEngine::jump(WallNs last) {
  const WallNs next = engine_->next_wake();
  if (next == 0 || next > last) return false;
  if (next > clock_.wall_ns()) clock_.advance(next - clock_.wall_ns());
  return true;
}

bool SimulatedEngine::run_on(std::int64_t at_most_ns) {
  const WallNs last = clock_.wall_ns() + at_most_ns;
  for (int rounds = 0; rounds < kMaxRounds; ++rounds) {
    if (!settle()) return false;
    if (!jump(last)) return true;
  }
  return false;
}

}  // namespace linkspan::flow
