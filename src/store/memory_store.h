// A Store in memory that does nothing by itself: for tests of flows and for simulations.
//
//   MemoryStore store(clock);
//   store.commit(write, done);   // queued
//   store.pump();                // durable now; runs `done`
//   store.crash();               // what is queued never was; its callbacks are never run
//   MemoryStore later(clock, store.state());   // what a new process finds
//
// Used by one thread.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "store/store.h"

namespace linkspan::store {

// All that is durable. A value: it can be copied, and given to another store.
struct MemoryState {
  struct Taken {
    RunNo run = 0;
    WallNs expires_at = 0;
  };
  std::string id = "aaaaaaaa";
  std::map<RunNo, RunRow> runs;
  std::map<RunNo, std::map<std::uint32_t, std::string>> journals;
  std::map<std::pair<std::string, std::string>, Taken> claims;  // by space and key
  std::map<std::string, std::string> values;
  std::map<VersionNo, FlowVersion> versions;
};

class MemoryStore final : public Store {
 public:
  // The clock, which tells what claims have expired, outlives the store.
  explicit MemoryStore(const Clock& clock) : clock_(clock) {}
  MemoryStore(const Clock& clock, MemoryState state) : clock_(clock), state_(std::move(state)) {}

  static constexpr std::size_t kAll = static_cast<std::size_t>(-1);
  // Does what is asked for now, the oldest first, at most `max` Writes and loads of it; what callbacks ask
  // for is for the next time. Returns how many were done.
  std::size_t pump(std::size_t max = kAll);
  // Forgets what is queued, callbacks too.
  void crash();
  // The next Write fails so, and with it those of the same run that are queued by then.
  void fail_next(const ErrorKind& kind) { failing_ = &kind; }

  const MemoryState& state() const { return state_; }
  std::size_t queued() const { return queue_.size(); }

  const std::string& id() const override { return state_.id; }
  void hand_over(std::shared_ptr<const Write> write, CommitDone done) override;
  void load(RunNo run, LoadDone done) override;
  Result<RunNo> last_run() override;
  Result<std::vector<RunRow>> open_runs() override;
  Result<std::vector<NamedValue>> values() override;
  Result<std::vector<FlowVersion>> versions() override;
  Result<std::vector<RunRow>> list(const RunFilter& filter) override;
  Result<StoredRun> read(RunNo run) override;
  Result<StoreCounts> counts() override;

 private:
  struct Asked {  // a Write or a load
    std::shared_ptr<const Write> write;
    CommitDone committed;
    RunNo run = 0;
    LoadDone loaded;
    const ErrorKind* failed = nullptr;  // by an earlier one of the same run
  };
  void serve(Asked asked);
  Result<Committed> apply(const Write& write);
  Result<void> check(const Write& write) const;
  void fail_followers(const Write& write, const ErrorKind& kind);

  const Clock& clock_;
  MemoryState state_;
  std::deque<Asked> queue_;
  const ErrorKind* failing_ = nullptr;
};

}  // namespace linkspan::store
