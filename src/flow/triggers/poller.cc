#include "flow/triggers/poller.h"

#include <algorithm>
#include <utility>

namespace linkspan::flow {

Poller::Poller(const Parts& parts, const std::vector<store::NamedValue>& values)
    : parts_(parts), evaluator_(parts.clock) {
  for (const store::NamedValue& value : values) {
    if (value.name.starts_with("poll") && value.value) values_[value.name] = *value.value;
  }
}

void Poller::adopt(std::vector<PollTrigger> triggers) {
  flows_.clear();
  for (PollTrigger& trigger : triggers) {
    flows_.push_back(trigger.flow);
    std::unique_ptr<Poll>& poll = polls_[trigger.flow];
    if (poll == nullptr) {
      poll = std::make_unique<Poll>(Poll::Parts{.engine = parts_.engine,
                                                .store = parts_.store,
                                                .caller = parts_.caller,
                                                .clock = parts_.clock,
                                                .random = parts_.random,
                                                .evaluator = evaluator_,
                                                .log = parts_.log,
                                                .values = values_},
                                    trigger.flow);
    }
    poll->adopt(std::move(trigger));
  }
  std::ranges::sort(flows_);
  for (const auto& [flow, poll] : polls_) {
    if (!std::ranges::binary_search(flows_, flow)) poll->rest();
  }
}

WallNs Poller::next_wake() const {
  WallNs next = 0;
  for (const auto& [flow, poll] : polls_) {
    const WallNs at = poll->next_wake();
    if (at != 0 && (next == 0 || at < next)) next = at;
  }
  return next;
}

void Poller::wake() {
  for (const auto& [flow, poll] : polls_) poll->wake();
}

PollCounts Poller::counts() const {
  PollCounts sum;
  for (const auto& [flow, poll] : polls_) {
    const PollCounts& one = poll->counts();
    sum.succeeded += one.succeeded;
    sum.failed += one.failed;
    sum.started += one.started;
    sum.known += one.known;
    sum.refused += one.refused;
  }
  return sum;
}

std::size_t Poller::failing() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      flows_, [this](const std::string& flow) { return polls_.at(flow)->is_failing(); }));
}

std::vector<PollStatus> Poller::status() const {
  std::vector<PollStatus> all;
  for (const std::string& flow : flows_) all.push_back(polls_.at(flow)->status());
  return all;
}

}  // namespace linkspan::flow
