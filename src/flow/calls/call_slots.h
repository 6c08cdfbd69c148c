// Who may call an API now: so many calls of steps may be under way to it at once, and they come no faster
// than its rate, which the gateway shares. Whoever may not stands in line; flows take turns at the front of
// it, runs of one flow in the order in which they came. Places in the rate are not taken ahead: what stands
// in line leaves the gateway its share. One thread.
//
//   if (!slots.take(run, flow, now)) ...   // in line: try again when next() names it
//   slots.give_back();                     // its answer is there
//   while (auto run = slots.next(now)) ... // may take now; whoever does not loses its turn
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/clock.h"
#include "store/store.h"
#include "upstream/rate_gate.h"

namespace linkspan::flow {

// The same instant by both clocks.
struct Instant {
  WallNs wall = 0;
  MonotonicNs monotonic = 0;
};

class CallSlots {
 public:
  static constexpr std::uint32_t kUnlimited = 0;

  explicit CallSlots(std::uint32_t limit) : limit_(limit) {}

  // Calls that are under way stay so.
  void set_limit(std::uint32_t limit) { limit_ = limit; }

  // Null: the API has no rate.
  void set_gate(std::shared_ptr<upstream::RateGate> gate) { gate_ = std::move(gate); }

  bool take(store::RunNo run, std::string_view flow, const Instant& now);
  // For what cannot wait: the next page of a list, what was under way before a restart.
  void take_over_limit() { ++busy_; }
  void give_back() { --busy_; }

  // Who may take a slot now; until the next call of next() it comes before those in line.
  std::optional<store::RunNo> next(const Instant& now);
  // When next() is to be asked again because of the rate; 0: not before a call ends.
  WallNs next_at() const { return lines_.empty() ? 0 : next_at_; }
  // Keeps the slot of the one that next() named until it can take it: it has to be read from disk first.
  void hold(store::RunNo run);
  // It did not take it. Whether there was one.
  bool let_go(store::RunNo run);

  std::uint32_t busy() const { return busy_; }
  std::size_t in_line() const { return standing_.size(); }

 private:
  struct Line {
    std::string flow;
    std::deque<store::RunNo> runs;
  };

  bool has_room() const { return limit_ == kUnlimited || busy_ < limit_; }
  bool has_rate(const Instant& now);

  std::uint32_t limit_;
  std::uint32_t busy_ = 0;
  std::shared_ptr<upstream::RateGate> gate_;
  bool has_token_ = false;  // a place in the rate that is taken and not used yet
  WallNs next_at_ = 0;
  store::RunNo served_ = 0;
  std::list<Line> lines_;  // of flows; none is empty; the first is next
  std::unordered_set<store::RunNo> standing_;
  std::unordered_set<store::RunNo> held_;
};

}  // namespace linkspan::flow
