// One flow's poll: asks, deals the items of the answer out to runs one after the other, and moves its cursor.
//
// What it promises: each item starts one run, whatever happens in between. An answer with several items is
// written to the store first, with none of them dealt with; each start then carries in its own transaction
// how far the page is done, the last one the new cursor. So a crash goes on in the middle of the very page
// that was read, though the system may answer something else by now. An answer with one item needs no such
// write: start and cursor are one transaction, and before it nothing has happened.
//
// The next item begins when the one before it is on disk, the next poll when all items are. What cannot be
// written is tried again with back-off, the page stays. An item that will never do (not the flow's input, no
// key to be had) is counted, logged and passed over. Part of poller.h; the engine's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "data/json.h"
#include "data/schema/schema.h"
#include "flow/caller.h"
#include "flow/engine.h"
#include "flow/plan/poll_plan.h"
#include "flow/triggers/poll_position.h"
#include "flow/triggers/source.h"
#include "store/store.h"

namespace linkspan::flow {

struct PollTrigger {
  std::string flow;
  std::shared_ptr<const PollPlan> plan;
  std::optional<data::JsonSchema> input;  // what items must be; none: anything
  std::string input_name;
};

struct PollCounts {  // since the process began
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t started = 0;  // items whose runs began
  std::uint64_t known = 0;    // items that were there before
  std::uint64_t refused = 0;  // items that will never do
};

struct PollStatus {
  std::string flow;
  WallNs last_at = 0;  // when the last poll began; 0: there was none
  WallNs next_at = 0;  // 0: one is under way
  data::JsonValue cursor;
  std::string problem;       // why the last one failed, or cannot go on; empty if it did not
  std::string last_refusal;  // of an item, and why
  PollCounts counts;
};

class Poll {
 public:
  struct Parts {
    Engine& engine;
    store::Store& store;
    Caller& caller;
    const Clock& clock;
    Random& random;
    Evaluator& evaluator;
    Logger log;
    // Values of the store at its start, by name; of items (item_name) kept up to date. Shared by all polls.
    std::map<std::string, std::string>& values;
  };

  Poll(const Parts& parts, std::string flow);
  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;
  ~Poll();

  // From now on it is made like this. What is under way goes on.
  void adopt(PollTrigger trigger);
  // No more polls and starts, until adopt().
  void rest() { resting_ = true; }

  // Wall time of the next wake(); 0: something is under way, or it rests.
  WallNs next_wake() const { return resting_ || busy_ ? 0 : next_at_; }
  void wake();

  const PollCounts& counts() const { return counts_; }
  bool is_failing() const { return !problem_.empty(); }
  PollStatus status() const;

 private:
  struct Dealing {
    PollPage page;
    std::size_t done = 0;
    std::uint64_t refused = 0;
    bool kept = false;     // the page is on disk
    bool written = false;  // so is what follows from it
  };

  void restore();
  void plan_next();
  void ask();
  void on_answer(const PollPlan& plan, const CallOutcome& outcome);
  Result<PollPage> read_page(const PollPlan& plan, const Incoming& answer);
  void keep_page();
  void deal();
  std::optional<SourceEvent> event_of(const data::JsonValue& item);
  void take(SourceEvent event);
  void on_taken(const std::vector<store::NamedValue>& values, const Receipt& receipt);
  void refuse_item(const Error& error);
  void finish();
  void finished();
  PollPosition position_after(std::size_t done) const;
  std::vector<store::NamedValue> values_after(std::size_t done) const;
  using Written = std::function<void(const Result<store::Committed>&)>;
  void write(std::vector<store::NamedValue> values, Written done);
  void failed(const std::string& problem, Duration at_least);
  void hold(const Error& error);
  Duration trouble(const std::string& problem, Duration max_delay, Duration at_least);

  const Parts parts_;
  const std::string flow_;
  PollTrigger trigger_;
  std::optional<EventSink> sink_;
  PollPosition position_;  // on disk, but for the time of polls that gave nothing
  WallNs kept_at_ = 0;     // PollPosition::at on disk
  std::optional<Dealing> dealing_;
  bool resting_ = true;
  bool busy_ = false;        // a call or a write is under way
  bool is_dealing_ = false;  // inside of deal()
  bool is_held_ = false;     // what was to be written could not be
  WallNs next_at_ = 0;
  WallNs place_at_ = 0;  // in the budget of the API; 0: none is taken
  std::uint32_t failures_ = 0;
  std::string problem_;
  std::string last_refusal_;
  PollCounts counts_;
  std::shared_ptr<bool> alive_;  // for callbacks
};

}  // namespace linkspan::flow
