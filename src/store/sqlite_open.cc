#include "store/sqlite_open.h"

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/error_kinds.h"
#include "base/random.h"
#include "store/fault_vfs.h"
#include "store/sqlite_schema.h"

namespace linkspan::store {
namespace {

constexpr std::size_t kIdLetters = 8;

Result<std::string> new_id() {
  std::array<std::uint8_t, kIdLetters> random;
  Result<void> filled = fill_secure(random);
  if (!filled) return std::move(filled).error();
  std::string id;
  for (const std::uint8_t byte : random) id += "abcdefghijklmnopqrstuvwxyz234567"[byte % 32];
  return id;
}

Result<void> set_up(Database& database, const OpenOptions& options, bool fresh) {
  Result<void> done;
  // Before anything else is in the file: it cannot be changed later.
  if (fresh) done = database.run("PRAGMA auto_vacuum=INCREMENTAL");
  if (!done) return done;
  auto mode = database.text("PRAGMA journal_mode=WAL");
  if (!mode) return std::move(mode).error();
  if (*mode != "wal") return Error(errors::store_failed, "the file system does not allow a write-ahead log");
  done = database.run(
      "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA secure_delete=OFF; PRAGMA "
      "cache_size=-16384");
  if (done && options.max_pages > 0) {
    done = database.run("PRAGMA max_page_count=" + std::to_string(options.max_pages));
  }
  return done;
}

// Interrupts what a connection is doing if it takes too long. SQLite checks a file in a single step of its
// machine, within which it looks for interruptions alone, so this takes a thread.
class TimeLimit {
 public:
  TimeLimit(Database& database, int max_ms)
      : thread_([this, connection = database.handle(), max_ms] {
          std::unique_lock lock(mutex_);
          if (!over_.wait_for(lock, std::chrono::milliseconds(max_ms), [this] { return done_; })) {
            passed_ = true;
            sqlite3_interrupt(connection);
          }
        }) {}
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;
  ~TimeLimit() { (void)passed(); }

  // Whether it took too long. Ends the watch.
  bool passed() {
    {
      std::lock_guard lock(mutex_);
      done_ = true;
    }
    over_.notify_one();
    if (thread_.joinable()) thread_.join();
    return passed_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  bool done_ = false;
  bool passed_ = false;
  std::thread thread_;  // last: it uses the others
};

// False if there was not time enough for all of it.
Result<bool> check_quickly(Database& database, int max_ms) {
  std::optional<TimeLimit> limit;
  if (max_ms > 0) limit.emplace(database, max_ms);
  auto found = database.text("PRAGMA quick_check(1)");
  // An interrupted check takes pages that it did not come to for lost ones: what it says then means nothing.
  if (limit && limit->passed()) return false;
  if (!found) return std::move(found).error();
  if (*found != "ok") return Error(errors::store_invalid, "it is damaged: " + *found);
  return true;
}

Result<void> check_and_migrate(OpenedStore& store, const OpenOptions& options) {
  Database& database = store.database;
  const auto known = static_cast<std::int64_t>(migrations().size());
  auto state = check_schema(database, known);
  if (!state) return std::move(state).error();
  store.report.created = state->version == 0;
  Result<void> done = set_up(database, options, store.report.created);
  if (!done) return done;
  if (!store.report.created) {
    auto clean = database.number("SELECT value FROM meta WHERE name = 'clean'");
    if (!clean) return std::move(clean).error();
    store.report.ended_cleanly = *clean != 0;
  }
  if (!store.report.ended_cleanly) {
    auto checked = check_quickly(database, options.max_check_ms);
    if (!checked) return std::move(checked).error();
    store.report.checked = *checked;
  }
  if (!store.report.created && state->version < known) store.report.migrated_from = state->version;
  return migrate(database, migrations(), options.path + ".v" + std::to_string(state->version) + ".backup");
}

// Of a backup that is to serve from now on. After it was taken other runs began, and systems may remember
// what was done under their numbers (idempotency keys): ours begin above them, and at random, lest the same
// backup serve twice.
Result<bool> leave_numbers_out(Database& database) {
  auto copy = database.number("SELECT count(*) FROM meta WHERE name = 'copy'");
  if (!copy) return std::move(copy).error();
  if (*copy == 0) return false;
  std::array<std::uint8_t, 4> random;
  Result<void> done = fill_secure(random);
  RunNo above = kRunsAfterCopy;
  for (std::size_t i = 0; i < random.size(); ++i) above += RunNo{random[i]} << (8 * i);
  if (done) {
    done = database.run("BEGIN IMMEDIATE; INSERT OR REPLACE INTO meta(name, value) VALUES('last_run', " +
                        std::to_string(above) + " + " + kLastRun + "); " +
                        "DELETE FROM meta WHERE name = 'copy'; COMMIT");
  }
  if (!done) return std::move(done).error();
  return true;
}

Result<std::string> id_of(Database& database) {
  auto id = new_id();
  if (!id) return id;
  Result<void> kept = database.run("INSERT INTO meta(name, value) VALUES('id', '" + *id +
                                   "') ON CONFLICT DO NOTHING; "
                                   "INSERT OR REPLACE INTO meta(name, value) VALUES('clean', 0)");
  if (!kept) return std::move(kept).error();
  return database.text("SELECT value FROM meta WHERE name = 'id'");
}

}  // namespace

Result<OpenedStore> open_store_file(const OpenOptions& options) {
  OpenedStore store;
  if (options.vfs.empty()) {
    auto lock = WriterLock::take(options.path);
    if (!lock) return std::move(lock).error();
    store.lock = std::move(*lock);
    Result<void> made = make_private_file(options.path);
    if (!made) return std::move(made).error();
  }
  const std::string vfs = options.vfs.empty() ? vfs_with_fault_points() : options.vfs;
  auto database = Database::open(options.path, Database::Mode::create, vfs);
  if (!database) return std::move(database).error();
  store.database = std::move(*database);
  Result<void> usable = check_and_migrate(store, options);
  if (!usable) return std::move(usable).error().context(options.path);
  auto restored = leave_numbers_out(store.database);
  if (!restored) return std::move(restored).error().context(options.path);
  store.report.restored = *restored;
  auto id = id_of(store.database);
  if (!id) return std::move(id).error().context(options.path);
  store.id = std::move(*id);
  return store;
}

Result<void> mark_clean(Database& database) {
  return database.run("UPDATE meta SET value = 1 WHERE name = 'clean'");
}

}  // namespace linkspan::store
