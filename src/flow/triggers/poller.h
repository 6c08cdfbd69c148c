// Starts runs for what other systems have anew: for each flow with a poll, asks every so often and starts a
// run for each item (poll.h says how none is lost and none starts twice).
//
//   Poller poller({.engine = engine, .store = store, .caller = caller, ...}, store_values);
//   poller.adopt(triggers);
//   ... at next_wake(): poller.wake();
//
// Where a flow's poll stands stays in the store under the flow's name: a changed flow goes on there, and so
// does one that was taken out and is put back. One thread, that of the engine.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "flow/triggers/poll.h"

namespace linkspan::flow {

class Poller {
 public:
  struct Parts {
    Engine& engine;
    store::Store& store;
    Caller& caller;
    const Clock& clock;
    Random& random;
    Logger log;
  };

  // `values` are those of the store at its start.
  Poller(const Parts& parts, const std::vector<store::NamedValue>& values);
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // From now on these. After the engine's adopt().
  void adopt(std::vector<PollTrigger> triggers);
  // No more polls and starts.
  void stop() { adopt({}); }

  // Wall time when wake() is to be called next; 0: not before something happens.
  WallNs next_wake() const;
  void wake();

  // Of all polls together, and how many fail now.
  PollCounts counts() const;
  std::size_t failing() const;
  // Of the flows that are polled for, by name.
  std::vector<PollStatus> status() const;

 private:
  const Parts parts_;
  Evaluator evaluator_;
  std::map<std::string, std::string> values_;
  // Those of flows that are gone rest here, so that what they have under way ends in good order.
  std::map<std::string, std::unique_ptr<Poll>> polls_;
  std::vector<std::string> flows_;  // that do not rest
};

}  // namespace linkspan::flow
