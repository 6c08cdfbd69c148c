// The seam behind which everything durable lies: runs, their journals, the keys that make a trigger happen
// once, small named values, versions of flows.
//
// One Write is one atomic unit: all of it is on disk or nothing. Writes are committed in the order in which
// they were handed over, many of them in one transaction with one sync (group commit); the callback of each
// comes after that sync, so whoever acts upon it acts upon what a crash cannot take back.
//
//   Write write;
//   write.run = row;                              // a new run, or what is new about one
//   write.records.push_back({row.run, 0, bytes});
//   write.claims.push_back({"dedupe:intake", "order-7", expires_at});
//   store.commit(std::move(write), [](Result<Committed> outcome) {...});
//
// A Store is used by one thread, that of the engine, except where a call says otherwise. Callbacks come on
// that thread, never from inside the call that they answer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace linkspan::store {

// Counts runs of one store from 1, in the order in which they began; never used twice.
using RunNo = std::int64_t;
// Counts versions of flows of one store from 1.
using VersionNo = std::int64_t;

// What a list of runs shows of one, and what must be known of it without reading its journal.
struct RunRow {
  RunNo run = 0;
  std::string flow;
  VersionNo version = 0;
  std::uint8_t state = 0;  // the engine's own (flow/run_state.h)
  bool open = true;        // it has not ended: it is read again at the next start
  std::string order_key;   // runs of one flow with the same key go one after the other; empty: none
  WallNs started_at = 0;
  WallNs updated_at = 0;
  WallNs ended_at = 0;  // 0: it has not ended
  WallNs wake_at = 0;   // when it has something to do next; 0: when something happens
  // What it waits for besides time ("event:NAME:KEY", "approval:STEP"): looked up when something happens.
  std::vector<std::string> waits;
  std::string reason;  // for people: why it waits, is parked or failed; empty if there is nothing to say
};

struct JournalRecord {
  RunNo run = 0;
  std::uint32_t seq = 0;  // from 0, without gaps
  std::string bytes;
};

// A key that can be taken once until it expires: a webhook's message id, a caller's idempotency key. If the
// key is taken, nothing of its Write happens.
struct Claim {
  std::string space;  // keys of different spaces do not meet: "dedupe:FLOW"
  std::string key;
  RunNo run = 0;          // who took it
  WallNs expires_at = 0;  // it may be taken again from then on
};

// A named value that is replaced as a whole: the cursor of a poll, the last tick of a schedule.
struct NamedValue {
  std::string name;
  std::optional<std::string> value;  // nullopt removes it
};

// A flow as it was when runs began with it. Kept while a run, ended ones included, is of that version.
struct FlowVersion {
  VersionNo version = 0;
  std::string flow;
  std::string digest;  // of `definition`: the same flow is not stored twice
  std::string definition;
};

struct Write {
  std::optional<RunRow> run;  // inserted, or replaces the row of that run
  std::vector<JournalRecord> records;
  std::vector<Claim> claims;
  std::vector<NamedValue> values;
  std::optional<FlowVersion> version;  // one that is there already stays as it is
};

struct Committed {
  // A claim was taken already: nothing of the Write happened. The run that has it.
  std::optional<RunNo> taken_by;
};

struct StoredRun {
  RunRow row;
  std::vector<std::string> records;  // by seq
};

struct RunFilter {
  std::string flow;                   // empty: all
  std::optional<std::uint8_t> state;  // all if nullopt
  std::optional<bool> open;
  WallNs started_from = 0;
  WallNs started_before = 0;  // 0: no bound
  RunNo before = 0;           // only runs less than this one: to page; 0: from the newest
  std::size_t limit = 100;
};

struct StoreCounts {
  std::uint64_t runs = 0;
  std::uint64_t open_runs = 0;
  std::uint64_t bytes = 0;  // on disk
};

class Store {
 public:
  using CommitDone = std::function<void(Result<Committed>)>;
  using LoadDone = std::function<void(Result<StoredRun>)>;

  virtual ~Store() = default;

  // Names this store for as long as it lives, 8 characters of a-z2-7: part of the ids of its runs.
  virtual const std::string& id() const = 0;

  // Errors: store_full, store_failed. Then nothing of the Write happened, nor of those after it that were
  // already handed over and are of the same run; the same Write may be handed over again. It is let go of on
  // the engine's thread.
  virtual void hand_over(std::shared_ptr<const Write> write, CommitDone done) = 0;
  void commit(Write write, CommitDone done) {
    hand_over(std::make_shared<const Write>(std::move(write)), std::move(done));
  }

  // What was committed of a run. Writes handed over before and not yet committed may or may not be there.
  // Errors: run_not_found, store_failed.
  virtual void load(RunNo run, LoadDone done) = 0;

  // At start, before anything is committed: the greatest number so far (0: none), the open runs by number,
  // the values and versions.
  virtual Result<RunNo> last_run() = 0;
  virtual Result<std::vector<RunRow>> open_runs() = 0;
  virtual Result<std::vector<NamedValue>> values() = 0;
  virtual Result<std::vector<FlowVersion>> versions() = 0;

  // For people and tools, from any thread; they see what is committed.
  virtual Result<std::vector<RunRow>> list(const RunFilter& filter) = 0;  // newest first
  virtual Result<StoredRun> read(RunNo run) = 0;
  virtual Result<StoreCounts> counts() = 0;
};

}  // namespace linkspan::store
