#include "store/sqlite_schema.h"

#include "base/error_kinds.h"
#include "store/store_file.h"

namespace linkspan::store {
namespace {

constexpr Migration kMigrations[] = {
    R"(
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE name(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE run(
  run INTEGER PRIMARY KEY, flow INTEGER NOT NULL, version INTEGER NOT NULL, state INTEGER NOT NULL,
  open INTEGER NOT NULL, started_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,
  wake_at INTEGER NOT NULL, order_key BLOB NOT NULL, waits BLOB NOT NULL, reason BLOB NOT NULL);
CREATE INDEX run_open ON run(run) WHERE open = 1;
CREATE TABLE journal(key INTEGER PRIMARY KEY, bytes NOT NULL);
CREATE TABLE chunk(
  key INTEGER NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(key, part)) WITHOUT ROWID;
CREATE TABLE claim(
  space INTEGER NOT NULL, key BLOB NOT NULL, run INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  PRIMARY KEY(space, key)) WITHOUT ROWID;
CREATE TABLE value(name BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE version(
  version INTEGER PRIMARY KEY, flow BLOB NOT NULL, digest BLOB NOT NULL, definition BLOB NOT NULL);
)",
};

Result<void> migrate_one(Database& database, Migration migration, std::int64_t version) {
  Result<void> done = database.run("BEGIN IMMEDIATE");
  if (!done) return done;
  done = database.run(migration);
  if (done) done = database.run("PRAGMA user_version=" + std::to_string(version));
  if (done) done = database.run("PRAGMA application_id=" + std::to_string(kApplicationId));
  if (done) done = database.run("COMMIT");
  if (!done && sqlite3_get_autocommit(database.handle()) == 0) (void)database.run("ROLLBACK");
  return done;
}

}  // namespace

std::span<const Migration> migrations() {
  return kMigrations;
}

Result<SchemaState> check_schema(Database& database, std::int64_t known) {
  auto application = database.number("PRAGMA application_id");
  if (!application) return std::move(application).error();
  auto version = database.number("PRAGMA user_version");
  if (!version) return std::move(version).error();
  auto tables = database.number("SELECT count(*) FROM sqlite_schema");
  if (!tables) return std::move(tables).error();
  if (*tables == 0 && *application == 0) return SchemaState{0, known};
  if (*application != kApplicationId || *version < 1) {
    return Error(errors::store_invalid, "it is a database of another program");
  }
  if (*version > known) {
    return Error(errors::store_invalid, "it was written by a newer Linkspan (its version is " +
                                            std::to_string(*version) + ", this Linkspan knows up to " +
                                            std::to_string(known) + ")");
  }
  return SchemaState{*version, known};
}

Result<void> migrate(Database& database, std::span<const Migration> all, const std::string& backup_path) {
  auto state = check_schema(database, static_cast<std::int64_t>(all.size()));
  if (!state) return std::move(state).error();
  if (state->version > 0 && state->version < state->known) {
    Result<void> copied = copy_database(database, backup_path);
    if (!copied) return std::move(copied).error().context("backup before changing the store");
  }
  for (std::int64_t version = state->version + 1; version <= state->known; ++version) {
    Result<void> done = migrate_one(database, all[static_cast<std::size_t>(version - 1)], version);
    if (!done)
      return std::move(done).error().context("bringing the store to version " + std::to_string(version));
  }
  return {};
}

Result<void> copy_database(Database& from, const std::string& to, const std::string& vfs) {
  if (vfs.empty()) {
    Result<void> made = make_private_file(to);
    if (!made) return made;
  }
  auto target = Database::open(to, Database::Mode::create, vfs);
  if (!target) return std::move(target).error();
  sqlite3_backup* backup = sqlite3_backup_init(target->handle(), "main", from.handle(), "main");
  if (backup == nullptr) return target->error(sqlite3_extended_errcode(target->handle()), "backup");
  // In one go: the copy would begin anew each time that another process writes between two steps.
  const int code = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE) return target->error(code, "copying to " + to);
  return target->run("INSERT OR REPLACE INTO meta(name, value) VALUES('copy', 1)");
}

}  // namespace linkspan::store
