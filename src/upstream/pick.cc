// Choosing a server: the moving half of load balancing (balance_tables.h has the other).
#include "upstream/cluster.h"

namespace linkspan::upstream {

namespace {

constexpr std::size_t kNone = SIZE_MAX;
// How often a policy's own order is followed past servers that are out, before all servers are looked at.
constexpr std::size_t kMaxSteps = 32;

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 32)) * 0xd6e8feb86659fd93;
  return value ^ (value >> 32);
}

}  // namespace

Cluster::Grade Cluster::grade(std::size_t index, const PickInput& input, MonotonicNs now) const {
  const ServerState& state = *shared_->state(index);
  if (!state.is_healthy()) return kDead;
  const bool tried = !input.tried.empty() && input.tried.contains(servers_[index].get());
  if (state.is_ejected(now)) return tried ? kTriedEjected : kEjected;
  return tried ? kTried : kBest;
}

Server* Cluster::pick(const PickInput& input) {
  const MonotonicNs now = context_.loop.now();
  if (servers_.size() == 1) return grade(0, input, now) == kDead ? nullptr : servers_[0].get();
  std::size_t chosen = kNone;
  switch (settings().balance) {
    case BalancePolicy::round_robin:
      chosen = pick_round_robin(input, now);
      break;
    case BalancePolicy::least_requests:
      chosen = pick_least_requests(input, now);
      break;
    case BalancePolicy::random:
      chosen = pick_random(input, now);
      break;
    case BalancePolicy::consistent_hash:
      chosen = pick_consistent_hash(input, now);
      break;
  }
  return chosen == kNone ? nullptr : servers_[chosen].get();
}

std::size_t Cluster::pick_round_robin(const PickInput& input, MonotonicNs now) {
  const std::span<const std::uint32_t> schedule = shared_->tables().schedule();
  for (std::size_t step = 0; step < kMaxSteps; ++step) {
    const std::size_t index = schedule[cursor_];
    cursor_ = cursor_ + 1 == schedule.size() ? 0 : cursor_ + 1;
    if (grade(index, input, now) == kBest) return index;
  }
  return pick_best(schedule[cursor_], input, now);
}

std::size_t Cluster::pick_random(const PickInput& input, MonotonicNs now) {
  for (std::size_t step = 0; step < kMaxSteps; ++step) {
    const std::size_t index = sample();
    if (grade(index, input, now) == kBest) return index;
  }
  return pick_best(sample(), input, now);
}

bool Cluster::less_loaded(std::size_t a, std::size_t b) const {
  const Server& first = *servers_[a];
  const Server& second = *servers_[b];
  return std::uint64_t{first.in_flight()} * second.weight() <
         std::uint64_t{second.in_flight()} * first.weight();
}

// The power of two choices (M. Mitzenmacher, 2001): two candidates by weight, the one with fewer requests in
// flight for its weight. A worker counts its own requests only; shares even out over workers as they do over
// candidates.
std::size_t Cluster::pick_least_requests(const PickInput& input, MonotonicNs now) {
  const std::size_t first = pick_random(input, now);
  std::size_t second = sample();
  if (second == first) second = second + 1 == servers_.size() ? 0 : second + 1;
  if (first == kNone || grade(second, input, now) != kBest) return first;
  // One that the last resort of pick_random found may be worse than that.
  return less_loaded(second, first) || grade(first, input, now) != kBest ? second : first;
}

std::size_t Cluster::pick_consistent_hash(const PickInput& input, MonotonicNs now) const {
  const BalanceTables& tables = shared_->tables();
  std::size_t point = tables.ring_start(input.hash);
  for (std::size_t step = 0; step < kMaxSteps; ++step) {
    const std::size_t index = tables.ring_server(point);
    if (grade(index, input, now) == kBest) return index;
    point = point + 1 == tables.ring_size() ? 0 : point + 1;
  }
  // Most of the ring is out: rendezvous hashing (D. Thaler and C. Ravishankar, 1998) among the best that
  // there are.
  std::size_t best = kNone;
  Grade best_grade = kDead;
  std::uint64_t best_score = 0;
  for (std::size_t index = 0; index < servers_.size(); ++index) {
    const Grade found = grade(index, input, now);
    const std::uint64_t score = mix(input.hash ^ mix(index + 1));
    if (found > best_grade || found == kDead || (found == best_grade && score <= best_score)) continue;
    best = index;
    best_grade = found;
    best_score = score;
  }
  return best;
}

std::size_t Cluster::pick_best(std::size_t first, const PickInput& input, MonotonicNs now) const {
  std::size_t best = kNone;
  Grade best_grade = kDead;
  for (std::size_t step = 0; step < servers_.size() && best_grade != kBest; ++step) {
    const std::size_t index = (first + step) % servers_.size();
    const Grade found = grade(index, input, now);
    if (found >= best_grade) continue;
    best = index;
    best_grade = found;
  }
  return best;
}

}  // namespace linkspan::upstream
