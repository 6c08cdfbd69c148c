#include "store/sqlite_reader.h"

#include <algorithm>
#include <utility>

#include "base/error_kinds.h"
#include "store/sqlite_schema.h"
#include "store/wait_list.h"

namespace linkspan::store {
namespace {

constexpr std::string_view kSelectRun =
    "SELECT run, name.text, version, state, open, started_at, updated_at, ended_at, wake_at, order_key, "
    "waits, reason "
    // CROSS JOIN: the runs first, in their order, whatever the planner thinks of their numbers.
    "FROM run CROSS JOIN name ON name.id = run.flow ";

RunRow row_of(const Statement& statement) {
  RunRow row;
  row.run = statement.integer(0);
  row.flow = statement.bytes(1);
  row.version = statement.integer(2);
  row.state = static_cast<std::uint8_t>(statement.integer(3));
  row.open = statement.integer(4) != 0;
  row.started_at = statement.integer(5);
  row.updated_at = statement.integer(6);
  row.ended_at = statement.integer(7);
  row.wake_at = statement.integer(8);
  row.order_key = statement.bytes(9);
  row.waits = read_waits(statement.bytes(10));
  row.reason = statement.bytes(11);
  return row;
}

// All reads of a run see the same moment.
class ReadTransaction {
 public:
  explicit ReadTransaction(Database& database) : database_(database), begun_(database.run("BEGIN")) {}
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;
  ~ReadTransaction() {
    if (begun_) (void)database_.run("COMMIT");
  }
  Result<void>& begun() { return begun_; }

 private:
  Database& database_;
  Result<void> begun_;
};

std::string conditions_of(const RunFilter& filter) {
  std::string sql = "WHERE 1";
  // Literals for what the planner should know: the index of open runs is one for `open = 1`.
  if (filter.open) sql += *filter.open ? " AND open = 1" : " AND open = 0";
  if (!filter.flow.empty()) sql += " AND flow = (SELECT id FROM name WHERE text = ?1)";
  if (filter.state) sql += " AND state = ?2";
  if (filter.started_from != 0) sql += " AND started_at >= ?3";
  if (filter.started_before != 0) sql += " AND started_at < ?4";
  if (filter.before != 0) sql += " AND run < ?5";
  return sql + " ORDER BY run DESC LIMIT ?6";
}

// Reading fails for damage as for any other reason, while the store runs.
Error as_failed(Error error) {
  return {errors::store_failed, error.detail()};
}

}  // namespace

Result<SqliteReader> SqliteReader::open(const std::string& path, const std::string& vfs) {
  auto database = Database::open(path, Database::Mode::read_only, vfs);
  if (!database) return std::move(database).error();
  return SqliteReader(std::move(*database));
}

Result<std::vector<RunRow>> SqliteReader::rows(Statement& statement) {
  std::vector<RunRow> found;
  int code;
  while ((code = statement.step()) == SQLITE_ROW) found.push_back(row_of(statement));
  statement.reset();
  if (code != SQLITE_DONE) return as_failed(database_.error(code, "reading runs"));
  return found;
}

Result<StoredRun> SqliteReader::read(RunNo run) {
  ReadTransaction transaction(database_);
  if (!transaction.begun()) return as_failed(std::move(transaction.begun()).error());
  if (!find_run_.valid()) {
    auto prepared = Statement::prepare(database_, std::string(kSelectRun) + "WHERE run = ?1");
    if (!prepared) return as_failed(std::move(prepared).error());
    find_run_ = std::move(*prepared);
  }
  find_run_.bind(1, run);
  auto found = rows(find_run_);
  if (!found) return std::move(found).error();
  if (found->empty()) return Error(errors::run_not_found, "there is no run " + std::to_string(run));
  auto journal = records(run);
  if (!journal) return std::move(journal).error();
  return StoredRun{std::move(found->front()), std::move(*journal)};
}

Result<std::vector<std::string>> SqliteReader::records(RunNo run) {
  if (!find_records_.valid()) {
    auto prepared = Statement::prepare(
        database_, "SELECT key, bytes FROM journal WHERE key BETWEEN ?1 AND ?2 ORDER BY key");
    if (!prepared) return as_failed(std::move(prepared).error());
    find_records_ = std::move(*prepared);
  }
  std::vector<std::string> found;
  find_records_.bind(1, run_key(run));
  find_records_.bind(2, run_key(run) + kMaxSeq);
  int code;
  while ((code = find_records_.step()) == SQLITE_ROW) {
    if (find_records_.type(1) != SQLITE_INTEGER) {
      found.emplace_back(find_records_.bytes(1));
      continue;
    }
    auto large = spilled(find_records_.integer(0), find_records_.integer(1));
    if (!large) {
      find_records_.reset();
      return std::move(large).error();
    }
    found.push_back(std::move(*large));
  }
  find_records_.reset();
  if (code != SQLITE_DONE) return as_failed(database_.error(code, "reading the journal"));
  return found;
}

Result<std::string> SqliteReader::spilled(std::int64_t key, std::int64_t size) {
  if (!find_chunks_.valid()) {
    auto prepared = Statement::prepare(database_, "SELECT bytes FROM chunk WHERE key = ?1 ORDER BY part");
    if (!prepared) return as_failed(std::move(prepared).error());
    find_chunks_ = std::move(*prepared);
  }
  std::string whole;
  find_chunks_.bind(1, key);
  int code;
  while ((code = find_chunks_.step()) == SQLITE_ROW) whole += find_chunks_.bytes(0);
  find_chunks_.reset();
  if (code != SQLITE_DONE) return as_failed(database_.error(code, "reading a large record"));
  if (whole.size() != static_cast<std::size_t>(size)) {
    return Error(errors::store_failed, "a large record is not whole; the store is damaged");
  }
  return whole;
}

Result<RunNo> SqliteReader::last_run() {
  return database_.number(std::string("SELECT ") + kLastRun);
}

Result<std::vector<RunRow>> SqliteReader::open_runs() {
  auto statement = Statement::prepare(database_, std::string(kSelectRun) + "WHERE open = 1 ORDER BY run");
  if (!statement) return as_failed(std::move(statement).error());
  return rows(*statement);
}

Result<std::vector<NamedValue>> SqliteReader::values() {
  auto statement = Statement::prepare(database_, "SELECT name, value FROM value ORDER BY name");
  if (!statement) return as_failed(std::move(statement).error());
  std::vector<NamedValue> found;
  int code;
  while ((code = statement->step()) == SQLITE_ROW) {
    found.push_back({std::string(statement->bytes(0)), std::string(statement->bytes(1))});
  }
  if (code != SQLITE_DONE) return as_failed(database_.error(code, "reading values"));
  return found;
}

Result<std::vector<FlowVersion>> SqliteReader::versions() {
  auto statement =
      Statement::prepare(database_, "SELECT version, flow, digest, definition FROM version ORDER BY version");
  if (!statement) return as_failed(std::move(statement).error());
  std::vector<FlowVersion> found;
  int code;
  while ((code = statement->step()) == SQLITE_ROW) {
    found.push_back({statement->integer(0), std::string(statement->bytes(1)),
                     std::string(statement->bytes(2)), std::string(statement->bytes(3))});
  }
  if (code != SQLITE_DONE) return as_failed(database_.error(code, "reading versions of flows"));
  return found;
}

Result<std::vector<RunRow>> SqliteReader::list(const RunFilter& filter) {
  auto statement = Statement::prepare(database_, std::string(kSelectRun) + conditions_of(filter));
  if (!statement) return as_failed(std::move(statement).error());
  if (!filter.flow.empty()) statement->bind_text(1, filter.flow);
  if (filter.state) statement->bind(2, *filter.state);
  if (filter.started_from != 0) statement->bind(3, filter.started_from);
  if (filter.started_before != 0) statement->bind(4, filter.started_before);
  if (filter.before != 0) statement->bind(5, filter.before);
  statement->bind(6, static_cast<std::int64_t>(std::min(filter.limit, kMaxListed)));
  return rows(*statement);
}

Result<StoreCounts> SqliteReader::counts() {
  StoreCounts counts;
  const std::pair<std::uint64_t*, const char*> wanted[] = {
      {&counts.runs, "SELECT count(*) FROM run"},
      {&counts.open_runs, "SELECT count(*) FROM run WHERE open = 1"},
      {&counts.bytes, "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"}};
  for (const auto& [count, sql] : wanted) {
    auto number = database_.number(sql);
    if (!number) return as_failed(std::move(number).error());
    *count = static_cast<std::uint64_t>(*number);
  }
  return counts;
}

}  // namespace linkspan::store
