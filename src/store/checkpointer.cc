#include "store/checkpointer.h"

#include <chrono>
#include <utility>

namespace linkspan::store {
namespace {

constexpr int kShortPages = 256;    // so few may be carried over while the writer waits
constexpr int kBusyTimeoutMs = 50;  // emptying the log keeps writers out while it waits for readers

}  // namespace

void WriterGate::enter() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !held_; });
  inside_ = true;
}

void WriterGate::leave() {
  bool notify;
  {
    std::lock_guard lock(mutex_);
    inside_ = false;
    notify = held_;
  }
  if (notify) changed_.notify_all();
}

void WriterGate::hold() {
  std::unique_lock lock(mutex_);
  held_ = true;
  changed_.wait(lock, [this] { return !inside_; });
}

void WriterGate::release() {
  {
    std::lock_guard lock(mutex_);
    held_ = false;
  }
  changed_.notify_all();
}

Result<std::unique_ptr<Checkpointer>> Checkpointer::open(const std::string& path, const std::string& vfs,
                                                         Limits limits, WriterGate& gate,
                                                         std::function<void(Error)> report) {
  auto database = Database::open(path, Database::Mode::read_write, vfs, kBusyTimeoutMs);
  if (!database) return std::move(database).error();
  // Makes it look at the file now: a connection that has never read does not know that there is a log.
  auto version = database->number("PRAGMA schema_version");
  if (!version) return std::move(version).error();
  Result<void> set = database->run("PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=FULL");
  if (!set) return std::move(set).error();
  return std::unique_ptr<Checkpointer>(
      new Checkpointer(std::move(*database), limits, gate, std::move(report)));
}

Checkpointer::Checkpointer(Database database, Limits limits, WriterGate& gate,
                           std::function<void(Error)> report)
    : database_(std::move(database)),
      limits_(limits),
      gate_(gate),
      report_(std::move(report)),
      due_at_(limits.log_pages) {}

Checkpointer::~Checkpointer() {
  stop();
}

void Checkpointer::start() {
  thread_ = std::thread([this] { loop(); });
}

void Checkpointer::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Checkpointer::written(std::uint32_t log_pages) {
  bool notify;
  {
    std::lock_guard lock(mutex_);
    if (log_pages < pages_) due_at_ = limits_.log_pages;  // the log has begun anew
    pages_ = log_pages;
    ++commits_;
    notify = !std::exchange(dirty_, true) || pages_ >= due_at_;
  }
  if (notify && thread_.joinable()) changed_.notify_one();
}

void Checkpointer::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (!dirty_) {
      changed_.wait(lock);
      continue;
    }
    const std::uint64_t commits = commits_;
    changed_.wait_for(lock, std::chrono::milliseconds(limits_.idle_ms),
                      [this] { return stopping_ || pages_ >= due_at_; });
    if (stopping_) break;
    const bool due = pages_ >= due_at_;
    const bool idle = commits == commits_;
    if (!due && !idle) continue;
    dirty_ = due;  // a commit from now on says so again
    lock.unlock();
    if (due) {
      shorten();
      lock.lock();
      continue;
    }
    int left = 0;
    Result<void> emptied = pass(SQLITE_CHECKPOINT_TRUNCATE, left);
    const bool failed = !emptied;
    settle(std::move(emptied));
    lock.lock();
    dirty_ = dirty_ || failed;
  }
}

void Checkpointer::run_if_due() {
  {
    std::lock_guard lock(mutex_);
    if (pages_ < due_at_) return;
  }
  shorten();
}

void Checkpointer::shorten() {
  Result<void> outcome;
  int left = kShortPages + 1;
  for (int passes = 1; passes < kPasses && outcome && left > kShortPages; ++passes) {
    outcome = pass(SQLITE_CHECKPOINT_PASSIVE, left);
  }
  if (outcome) {
    gate_.hold();
    outcome = pass(SQLITE_CHECKPOINT_PASSIVE, left);
    gate_.release();
  }
  {
    std::lock_guard lock(mutex_);
    // If somebody still reads from the log, it goes on; not every commit is to bring a pass.
    due_at_ = pages_ + limits_.log_pages / 4;
  }
  settle(std::move(outcome));
}

// `left`: pages of the log that are not yet in the database, those which came meanwhile included.
Result<void> Checkpointer::pass(int mode, int& left) {
  int in_log = 0;
  int carried = 0;
  const int code = sqlite3_wal_checkpoint_v2(database_.handle(), nullptr, mode, &in_log, &carried);
  {
    std::lock_guard lock(mutex_);
    left = static_cast<int>(pages_) - carried;
  }
  // Busy: a reader, or another process that checkpoints; the next one does it.
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_LOCKED) {
    return database_.error(code, "carrying the log into the store");
  }
  return {};
}

void Checkpointer::settle(Result<void> outcome) {
  const bool failed = !outcome;
  if (failed && !failing_) report_(std::move(outcome).error());
  failing_ = failed;
}

}  // namespace linkspan::store
