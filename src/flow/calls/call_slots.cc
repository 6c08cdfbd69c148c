#include "flow/calls/call_slots.h"

#include <algorithm>

namespace linkspan::flow {

bool CallSlots::has_rate(const Instant& now) {
  if (gate_ == nullptr || has_token_) return true;
  const std::int64_t wait_ns = gate_->take(now.monotonic);
  if (wait_ns > 0) {
    next_at_ = now.wall + wait_ns;
    return false;
  }
  has_token_ = true;
  return true;
}

bool CallSlots::take(store::RunNo run, std::string_view flow, const Instant& now) {
  if (held_.erase(run) > 0) return true;
  if (has_room() && (standing_.empty() || served_ == run) && has_rate(now)) {
    has_token_ = false;
    ++busy_;
    return true;
  }
  if (!standing_.insert(run).second) return false;
  auto line = std::find_if(lines_.begin(), lines_.end(), [&](const Line& each) { return each.flow == flow; });
  if (line == lines_.end()) line = lines_.insert(lines_.end(), Line{std::string(flow), {}});
  line->runs.push_back(run);
  return false;
}

std::optional<store::RunNo> CallSlots::next(const Instant& now) {
  served_ = 0;
  next_at_ = 0;
  if (lines_.empty() || !has_room() || !has_rate(now)) return std::nullopt;
  Line& line = lines_.front();
  served_ = line.runs.front();
  line.runs.pop_front();
  standing_.erase(served_);
  if (line.runs.empty()) {
    lines_.pop_front();
  } else {
    lines_.splice(lines_.end(), lines_, lines_.begin());
  }
  return served_;
}

void CallSlots::hold(store::RunNo run) {
  if (!held_.insert(run).second) return;
  has_token_ = false;
  ++busy_;
}

bool CallSlots::let_go(store::RunNo run) {
  if (held_.erase(run) == 0) return false;
  has_token_ = gate_ != nullptr;
  --busy_;
  return true;
}

}  // namespace linkspan::flow
