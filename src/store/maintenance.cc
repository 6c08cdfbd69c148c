#include "store/maintenance.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/error_kinds.h"
#include "store/sqlite_db.h"
#include "store/sqlite_schema.h"
#include "store/store_file.h"

namespace linkspan::store {
namespace {

constexpr std::size_t kMaxProblems = 100;

Result<SchemaState> look_at(Database& database) {
  auto state = check_schema(database, static_cast<std::int64_t>(migrations().size()));
  if (state && state->version == 0) return Error(errors::store_invalid, "it is empty");
  return state;
}

Result<Database> open_existing(const std::string& path, Database::Mode mode) {
  std::error_code missing;
  if (!std::filesystem::is_regular_file(path, missing)) {
    return Error(errors::store_invalid, path + ": there is no such file");
  }
  auto database = Database::open(path, mode);
  if (!database) return database;
  auto state = look_at(*database);
  if (!state) return std::move(state).error().context(path);
  return database;
}

// Each gives a row with words for everything that is wrong.
constexpr const char* kChecks[] = {
    "PRAGMA integrity_check(100)",
    "SELECT 'unknown table or index ' || name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name NOT "
    "IN "
    "('meta', 'name', 'run', 'run_open', 'journal', 'chunk', 'claim', 'value', 'version')",
    "SELECT 'records of a run that is not there: ' || (key >> 22) FROM journal "
    "WHERE (key >> 22) NOT IN (SELECT run FROM run) GROUP BY key >> 22",
    "SELECT 'run ' || (key >> 22) || ' lacks some of its records' FROM journal "
    "GROUP BY key >> 22 HAVING count(*) <> max(key & 4194303) + 1",
    "SELECT 'record ' || (j.key & 4194303) || ' of run ' || (j.key >> 22) || ' is not whole' FROM journal j "
    "WHERE typeof(j.bytes) = 'integer' AND j.bytes <> "
    "(SELECT coalesce(sum(length(c.bytes)), 0) FROM chunk c WHERE c.key = j.key)",
    "SELECT 'a part of a large record that is not there: ' || key FROM chunk WHERE key NOT IN (SELECT key "
    "FROM journal)",
    "SELECT 'run ' || run || ' is of a flow without a name' FROM run WHERE flow NOT IN (SELECT id FROM name)",
};
static_assert(kSeqBits == 22 && kMaxSeq == 4194303, "the checks above say so in SQL");

Result<void> run_check(Database& database, const char* sql, std::vector<std::string>& problems) {
  auto statement = Statement::prepare(database, sql);
  if (!statement) return std::move(statement).error();
  int code;
  while ((code = statement->step()) == SQLITE_ROW) {
    const std::string_view words = statement->bytes(0);
    if (words != "ok" && problems.size() < kMaxProblems) problems.emplace_back(words);
  }
  if (code == SQLITE_DONE) return {};
  // Damage that keeps a check from being made is a finding, too.
  Error error = database.error(code, "reading");
  if (&error.kind() != &errors::store_invalid) return error;
  problems.push_back(error.detail());
  return {};
}

Result<void> count(Database& database, StoreReport& report) {
  const std::pair<std::uint64_t*, const char*> wanted[] = {
      {&report.runs, "SELECT count(*) FROM run"},
      {&report.open_runs, "SELECT count(*) FROM run WHERE open = 1"},
      {&report.records, "SELECT count(*) FROM journal"},
      {&report.claims, "SELECT count(*) FROM claim"},
      {&report.versions, "SELECT count(*) FROM version"},
      {&report.bytes, "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"},
      {&report.free_bytes,
       "SELECT freelist_count * page_size FROM pragma_freelist_count(), pragma_page_size()"}};
  for (const auto& [number, sql] : wanted) {
    auto counted = database.number(sql);
    if (!counted) return std::move(counted).error();
    *number = static_cast<std::uint64_t>(*counted);
  }
  return {};
}

}  // namespace

Result<void> backup_store(const std::string& path, const std::string& to) {
  auto database = open_existing(path, Database::Mode::read_only);
  if (!database) return std::move(database).error();
  std::error_code unknown;
  if (std::filesystem::exists(to, unknown)) return Error(errors::store_failed, to + " is there already");
  Result<void> copied = copy_database(*database, to);
  if (!copied) std::filesystem::remove(to, unknown);
  return copied;
}

Result<StoreReport> check_store(const std::string& path) {
  auto database = open_existing(path, Database::Mode::read_only);
  if (!database) return std::move(database).error();
  // One moment for all that is read: what a running engine writes meanwhile is not mistaken for damage.
  Result<void> done = database->run("BEGIN");
  if (!done) return std::move(done).error();
  StoreReport report;
  auto version = database->number("PRAGMA user_version");
  if (!version) return std::move(version).error();
  report.schema_version = *version;
  for (const char* sql : kChecks) {
    done = run_check(*database, sql, report.problems);
    if (!done) return std::move(done).error();
  }
  // Without the structure being sound, numbers mean little.
  done = count(*database, report);
  if (!done && report.healthy()) return std::move(done).error();
  return report;
}

Result<void> vacuum_store(const std::string& path) {
  auto lock = WriterLock::take(path);
  if (!lock) return std::move(lock).error();
  auto database = open_existing(path, Database::Mode::read_write);
  if (!database) return std::move(database).error();
  Result<void> done = database->run(
      "DELETE FROM version WHERE version NOT IN (SELECT DISTINCT version FROM run) "
      "AND version NOT IN (SELECT max(version) FROM version GROUP BY flow)");
  if (done) done = database->run("VACUUM");
  if (done) done = database->run("PRAGMA wal_checkpoint(TRUNCATE)");
  return done;
}

}  // namespace linkspan::store
