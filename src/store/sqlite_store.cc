#include "store/sqlite_store.h"

#include <filesystem>
#include <system_error>
#include <utility>

namespace linkspan::store {
namespace {

// While Writes come, forgetting takes no more than one slice in so long.
constexpr std::int64_t kSliceEveryNs = 20 * kNsPerMs;

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(SqliteOptions options, const Clock& clock) {
  const std::string path = options.file.path;
  auto opened = open_store_file(options.file);
  if (!opened) return std::move(opened).error();
  auto writer = GroupWriter::create(std::move(opened->database));
  if (!writer) return std::move(writer).error();
  auto expirer = Expirer::prepare(writer->database());
  if (!expirer) return std::move(expirer).error();
  auto reader = SqliteReader::open(path, options.file.vfs);
  if (!reader) return std::move(reader).error();
  auto load_reader = SqliteReader::open(path, options.file.vfs);
  if (!load_reader) return std::move(load_reader).error();
  std::unique_ptr<SqliteStore> store(new SqliteStore(std::move(options), clock, std::move(*opened),
                                                     std::move(*writer), std::move(*expirer),
                                                     std::move(*reader), std::move(*load_reader)));
  const SqliteOptions& kept = store->options_;
  auto checkpointer =
      Checkpointer::open(path, kept.file.vfs, kept.checkpoint, store->gate_,
                         [self = store.get()](Error error) { self->report(std::move(error)); });
  if (!checkpointer) return std::move(checkpointer).error();
  store->checkpointer_ = std::move(*checkpointer);
  if (kept.threads) store->start();
  return store;
}

SqliteStore::SqliteStore(SqliteOptions options, const Clock& clock, OpenedStore opened, GroupWriter writer,
                         Expirer expirer, SqliteReader reader, SqliteReader load_reader)
    : options_(std::move(options)),
      clock_(clock),
      lock_(std::move(opened.lock)),
      id_(std::move(opened.id)),
      report_(opened.report),
      queue_(std::make_shared<CommitQueue>(options_.group)),
      writer_(std::move(writer)),
      expirer_(std::move(expirer)),
      reader_(std::move(reader)),
      loads_(std::make_unique<LoadQueue>(std::move(load_reader), options_.post, ended_)) {}

SqliteStore::~SqliteStore() {
  *ended_ = true;
  queue_->ignore_answers();
  queue_->close();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    write_loop();
  }
  loads_.reset();
  checkpointer_.reset();
  // If it cannot be marked, the next start checks the file.
  (void)mark_clean(writer_.database());
}

void SqliteStore::start() {
  checkpointer_->start();
  loads_->start();
  thread_ = std::thread([this] { write_loop(); });
}

void SqliteStore::hand_over(std::shared_ptr<const Write> write, CommitDone done) {
  queue_->push({std::move(write), std::move(done)});
}

void SqliteStore::load(RunNo run, LoadDone done) {
  loads_->push(run, std::move(done));
}

void SqliteStore::expire(const Retention& retention) {
  {
    std::lock_guard lock(retention_mutex_);
    retention_ = retention;
  }
  queue_->wake();
}

void SqliteStore::write_loop() {
  for (;;) {
    const CommitQueue::Taken taken = queue_->take(group_, !expirer_.busy());
    if (taken == CommitQueue::Taken::closed) return;
    if (taken == CommitQueue::Taken::group) write_group();
    expire_slice(taken == CommitQueue::Taken::group);
  }
}

bool SqliteStore::step() {
  const bool wrote = queue_->take(group_, false) == CommitQueue::Taken::group;
  if (wrote) write_group();
  checkpointer_->run_if_due();
  const bool loaded = loads_->step();
  const bool expired = expire_slice(false);
  return wrote || loaded || expired;
}

void SqliteStore::write_group() {
  auto answers = std::make_shared<std::vector<Answer>>();
  const GroupNo number = ++groups_;
  gate_.enter();
  writer_.commit(group_, clock_.wall_ns(), number, *queue_, *answers);
  checkpointer_->written(writer_.log_pages());
  gate_.leave();
  // The answers, and the Writes with them, are let go of there.
  options_.post([queue = queue_, answers = std::move(answers), number] { queue->deliver(*answers, number); });
  group_.clear();
}

bool SqliteStore::expire_slice(bool writes_wait) {
  {
    std::lock_guard lock(retention_mutex_);
    if (retention_) expirer_.begin(*retention_, clock_.wall_ns());
    retention_.reset();
  }
  if (!expirer_.busy()) return false;
  const MonotonicNs now = clock_.monotonic_ns();
  if (writes_wait && now - sliced_at_ < kSliceEveryNs) return true;
  sliced_at_ = now;
  gate_.enter();
  Result<void> done = expirer_.slice();
  checkpointer_->written(writer_.log_pages());
  gate_.leave();
  if (!done) report(std::move(done).error());
  return true;
}

void SqliteStore::report(Error error) {
  auto shared = std::make_shared<Error>(std::move(error));
  options_.post([shared, ended = ended_, tell = options_.report] {
    if (!*ended) tell(*shared);
  });
}

Result<RunNo> SqliteStore::last_run() {
  std::lock_guard lock(reader_mutex_);
  return reader_.last_run();
}

Result<std::vector<RunRow>> SqliteStore::open_runs() {
  std::lock_guard lock(reader_mutex_);
  return reader_.open_runs();
}

Result<std::vector<NamedValue>> SqliteStore::values() {
  std::lock_guard lock(reader_mutex_);
  return reader_.values();
}

Result<std::vector<FlowVersion>> SqliteStore::versions() {
  std::lock_guard lock(reader_mutex_);
  return reader_.versions();
}

Result<std::vector<RunRow>> SqliteStore::list(const RunFilter& filter) {
  std::lock_guard lock(reader_mutex_);
  return reader_.list(filter);
}

Result<StoredRun> SqliteStore::read(RunNo run) {
  std::lock_guard lock(reader_mutex_);
  return reader_.read(run);
}

Result<StoreCounts> SqliteStore::counts() {
  std::lock_guard lock(reader_mutex_);
  auto counts = reader_.counts();
  if (!counts) return counts;
  std::error_code missing;
  const auto log_bytes = std::filesystem::file_size(options_.file.path + "-wal", missing);
  if (!missing) counts->bytes += log_bytes;
  return counts;
}

}  // namespace linkspan::store
