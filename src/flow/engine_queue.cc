// Who may go on: order_by and concurrency. Runs of one key go one after the other in the order in which they
// came, and a parked one holds those behind it; runs of one flow share its places until they end.
#include <algorithm>

#include "flow/engine_impl.h"

namespace linkspan::flow {

namespace {

std::string order_of(const std::string& flow, const std::string& order_key) {
  return flow + '\0' + order_key;
}

}  // namespace

std::uint32_t Engine::Impl::limit_of(const std::string& flow) const {
  const auto plan = plans_->plans.find(flow);
  return plan == plans_->plans.end() ? 0 : plan->second->concurrency;
}

// Puts it at the end of its queue; whether it may go on at once.
bool Engine::Impl::queue_up(Active& active) {
  if (!active.row.order_key.empty()) {
    std::deque<store::RunNo>& queue = order_[order_of(active.row.flow, active.row.order_key)];
    queue.push_back(active.run);
    if (queue.front() != active.run) return false;
  }
  return try_admit(active.run, active.row.flow);
}

// The first of its key takes a place of its flow, or waits for one.
bool Engine::Impl::try_admit(store::RunNo run, const std::string& flow) {
  const std::uint32_t limit = limit_of(flow);
  Lane& lane = lanes_[flow];
  if (limit != 0 && lane.busy >= limit) {
    lane.waiting.push_back(run);
    return false;
  }
  ++lane.busy;
  return true;
}

void Engine::Impl::leave_queues(store::RunNo run, const std::string& flow, const std::string& order_key,
                                bool admitted) {
  Lane& lane = lanes_[flow];
  if (admitted) {
    --lane.busy;
  } else {
    std::erase(lane.waiting, run);
  }
  if (order_key.empty()) return;
  const auto queue = order_.find(order_of(flow, order_key));
  if (queue == order_.end()) return;
  std::erase(queue->second, run);
  if (queue->second.empty()) order_.erase(queue);
}

// A place is free, or the first of a key has left.
void Engine::Impl::admit_next(const std::string& flow, const std::string& order_key) {
  if (!order_key.empty()) {
    const auto queue = order_.find(order_of(flow, order_key));
    if (queue != order_.end()) {
      const store::RunNo next = queue->second.front();
      const auto active = active_.find(next);
      const bool waits = active != active_.end() ? !active->second->admitted
                                                 : dormant_.contains(next) && !dormant_.at(next).admitted;
      Lane& lane = lanes_[flow];
      const bool in_lane = std::find(lane.waiting.begin(), lane.waiting.end(), next) != lane.waiting.end();
      if (waits && !in_lane && try_admit(next, flow)) admit(next);
    }
  }
  Lane& lane = lanes_[flow];
  const std::uint32_t limit = limit_of(flow);
  while (!lane.waiting.empty() && (limit == 0 || lane.busy < limit)) {
    const store::RunNo next = lane.waiting.front();
    lane.waiting.pop_front();
    ++lane.busy;
    admit(next);
  }
}

// Its place is taken already.
void Engine::Impl::admit(store::RunNo run) {
  if (const auto active = active_.find(run); active != active_.end()) {
    active->second->admitted = true;
    active->second->again = true;
    if (!active->second->busy) take_turn(*active->second);
    return;
  }
  const auto sleeping = dormant_.find(run);
  if (sleeping == dormant_.end()) return;
  sleeping->second.admitted = true;
  load(run);
}

}  // namespace linkspan::flow
