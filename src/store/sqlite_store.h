// The Store in one SQLite file, in WAL mode with synchronous=FULL.
//
// Three threads of its own: the writer commits what was handed over in groups, one transaction and one sync
// each; a loader answers load(); a checkpointer keeps the log short (checkpointer.h). Callbacks are posted to
// the engine's thread, one message for each group. open_runs(), list() and the like run on the caller's
// thread, under a lock, on a connection for them alone; counts() takes time in proportion to the number of
// runs.
//
// A failing disk: the group is rolled back, its Writes are answered with the error, and later ones are tried
// again. SQLite cannot know whether what it wrote before a sync that failed is on disk; if the process dies
// before the next commit, a Write that was answered with an error may be there at the next start, whole.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/checkpointer.h"
#include "store/commit_queue.h"
#include "store/expirer.h"
#include "store/group_writer.h"
#include "store/load_queue.h"
#include "store/sqlite_open.h"
#include "store/sqlite_reader.h"
#include "store/store.h"

namespace linkspan::store {

struct SqliteOptions {
  OpenOptions file;
  CommitQueue::Limits group;
  Checkpointer::Limits checkpoint;
  // Runs a message on the engine's thread, later, in order of posting: io::Loop::post. Called by any thread.
  std::function<void(std::function<void()>)> post;
  // What goes wrong where nobody waits for an answer (checkpoints, retention), on the engine's thread.
  std::function<void(const Error&)> report = [](const Error&) {};
  // Without threads the store does its work in step() alone: for simulations.
  bool threads = true;
};

class SqliteStore final : public Store {
 public:
  // The clock outlives the store. Errors: store_in_use, store_invalid, store_full, store_failed.
  static Result<std::unique_ptr<SqliteStore>> open(SqliteOptions options, const Clock& clock);
  // Commits what was handed over. Callbacks that were not yet run are not run any more.
  ~SqliteStore() override;

  const OpenReport& opened() const { return report_; }

  // Forgets what is too old or too much, expired claims too, and gives the space back; in the background, a
  // little between groups. To be called now and then.
  void expire(const Retention& retention);

  // Without threads: commits one group, answers loads, does one slice of what else there is to do. False:
  // there was nothing.
  bool step();

  const std::string& id() const override { return id_; }
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
  SqliteStore(SqliteOptions options, const Clock& clock, OpenedStore opened, GroupWriter writer,
              Expirer expirer, SqliteReader reader, SqliteReader load_reader);
  void start();
  void write_loop();
  void write_group();
  bool expire_slice(bool writes_wait);
  void report(Error error);

  const SqliteOptions options_;
  const Clock& clock_;
  const WriterLock lock_;
  const std::string id_;
  const OpenReport report_;
  // Outlive the store in messages that are still under way.
  const std::shared_ptr<CommitQueue> queue_;
  const std::shared_ptr<bool> ended_ = std::make_shared<bool>(false);  // engine's thread only

  // The writer's.
  GroupWriter writer_;
  Expirer expirer_;
  std::vector<QueuedWrite> group_;
  GroupNo groups_ = 0;
  MonotonicNs sliced_at_ = 0;

  std::mutex retention_mutex_;
  std::optional<Retention> retention_;  // asked for, not yet begun

  std::mutex reader_mutex_;
  SqliteReader reader_;

  WriterGate gate_;
  std::unique_ptr<Checkpointer> checkpointer_;
  std::unique_ptr<LoadQueue> loads_;
  std::thread thread_;
};

}  // namespace linkspan::store
