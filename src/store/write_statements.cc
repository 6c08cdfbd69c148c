#include "store/write_statements.h"

#include <algorithm>
#include <utility>

#include "base/error_kinds.h"
#include "store/sqlite_schema.h"
#include "store/wait_list.h"

namespace linkspan::store {
namespace {

constexpr std::string_view kInsertRun =
    "INSERT INTO run(run, flow, version, state, started_at, updated_at, ended_at, wake_at, order_key, waits, "
    "reason, open) "
    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
// A run that was and stays open: `open` is not named, so the index of open runs is left alone.
constexpr std::string_view kUpdateOpenRun =
    "UPDATE run SET flow = ?2, version = ?3, state = ?4, started_at = ?5, updated_at = ?6, ended_at = ?7, "
    "wake_at = ?8, "
    "order_key = ?9, waits = ?10, reason = ?11 WHERE run = ?1 AND +open = 1";
constexpr std::string_view kUpdateRun =
    "UPDATE run SET flow = ?2, version = ?3, state = ?4, started_at = ?5, updated_at = ?6, ended_at = ?7, "
    "wake_at = ?8, "
    "order_key = ?9, waits = ?10, reason = ?11, open = ?12 WHERE run = ?1";
constexpr std::string_view kTakeClaim =
    "INSERT INTO claim(space, key, run, expires_at) VALUES(?1, ?2, ?3, ?4) "
    "ON CONFLICT(space, key) DO UPDATE SET run = excluded.run, expires_at = excluded.expires_at "
    "WHERE claim.expires_at <= ?5";

bool fits(const JournalRecord& record) {
  return record.run > 0 && record.run <= kMaxRun && record.seq <= kMaxSeq;
}

}  // namespace

Result<WriteStatements> WriteStatements::prepare(Database& database) {
  WriteStatements all;
  all.database_ = &database;
  all.connection_ = database.handle();
  auto names = NameTable::prepare(database);
  if (!names) return std::move(names).error();
  all.names_ = std::move(*names);
  const std::pair<Statement*, std::string_view> statements[] = {
      {&all.insert_run_, kInsertRun},
      {&all.update_open_run_, kUpdateOpenRun},
      {&all.update_run_, kUpdateRun},
      {&all.insert_record_, "INSERT INTO journal(key, bytes) VALUES(?1, ?2)"},
      {&all.insert_chunk_, "INSERT INTO chunk(key, part, bytes) VALUES(?1, ?2, ?3)"},
      {&all.take_claim_, kTakeClaim},
      {&all.find_claim_, "SELECT run FROM claim WHERE space = ?1 AND key = ?2 AND expires_at > ?3"},
      {&all.set_value_,
       "INSERT INTO value(name, value) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value = "
       "excluded.value"},
      {&all.remove_value_, "DELETE FROM value WHERE name = ?1"},
      {&all.insert_version_,
       "INSERT INTO version(version, flow, digest, definition) VALUES(?1, ?2, ?3, ?4) "
       "ON CONFLICT(version) DO NOTHING"},
  };
  for (const auto& [statement, sql] : statements) {
    auto prepared = Statement::prepare(database, sql);
    if (!prepared) return std::move(prepared).error();
    *statement = std::move(*prepared);
  }
  Result<void> known = all.rolled_back();
  if (!known) return std::move(known).error();
  return all;
}

Result<void> WriteStatements::rolled_back() {
  names_.forget();
  auto last = database_->number("SELECT max(run) FROM run");
  if (!last) return std::move(last).error();
  last_run_ = *last;
  return {};
}

Result<Committed> WriteStatements::apply(const Write& write, WallNs now) {
  for (const JournalRecord& record : write.records) {
    if (!fits(record)) {
      failure_ = SQLITE_RANGE;
      return Error(errors::store_failed, "record " + std::to_string(record.seq) + " of run " +
                                             std::to_string(record.run) + " is past what a store can number");
    }
  }
  Committed committed;
  failure_ = put_all(write, now, committed.taken_by);
  if (failure_ != SQLITE_OK) return sqlite_error(connection_, failure_, "writing");
  return committed;
}

int WriteStatements::put_all(const Write& write, WallNs now, std::optional<RunNo>& holder) {
  int code = put_claims(write, now, holder);
  if (code != SQLITE_OK || holder) return code;
  if (write.version) code = put_version(*write.version);
  if (write.run && code == SQLITE_OK) code = put_run(*write.run);
  for (const JournalRecord& record : write.records) {
    if (code == SQLITE_OK) code = put_record(record);
  }
  for (const NamedValue& value : write.values) {
    if (code == SQLITE_OK) code = put_value(value);
  }
  return code;
}

// All claims are looked up before any is taken, so that a Write which is left out has changed nothing.
int WriteStatements::put_claims(const Write& write, WallNs now, std::optional<RunNo>& holder) {
  if (write.claims.size() == 1) return put_claim(write.claims[0], now, holder);
  for (const Claim& claim : write.claims) {
    const int code = look_up_claim(claim, now, holder);
    if (code != SQLITE_OK || holder) return code;
  }
  std::optional<RunNo> self;  // the same key twice in one Write
  for (const Claim& claim : write.claims) {
    const int code = put_claim(claim, now, self);
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

int WriteStatements::put_claim(const Claim& claim, WallNs now, std::optional<RunNo>& holder) {
  std::int64_t space = 0;
  const int named = names_.number_of(claim.space, space);
  if (named != SQLITE_OK) return named;
  take_claim_.bind(1, space);
  take_claim_.bind_blob(2, claim.key);
  take_claim_.bind(3, claim.run);
  take_claim_.bind(4, claim.expires_at);
  take_claim_.bind(5, now);
  const int code = take_claim_.execute();
  if (code != SQLITE_OK || sqlite3_changes(connection_) > 0) return code;
  return look_up_claim(claim, now, holder);
}

int WriteStatements::look_up_claim(const Claim& claim, WallNs now, std::optional<RunNo>& holder) {
  std::int64_t space = 0;
  const int named = names_.number_of(claim.space, space);
  if (named != SQLITE_OK) return named;
  find_claim_.bind(1, space);
  find_claim_.bind_blob(2, claim.key);
  find_claim_.bind(3, now);
  const int code = find_claim_.step();
  if (code == SQLITE_ROW) holder = find_claim_.integer(0);
  find_claim_.reset();
  return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

void WriteStatements::bind_run(Statement& statement, const RunRow& row, std::int64_t flow) {
  write_waits(row.waits, waits_);
  statement.bind(1, row.run);
  statement.bind(2, flow);
  statement.bind(3, row.version);
  statement.bind(4, row.state);
  statement.bind(5, row.started_at);
  statement.bind(6, row.updated_at);
  statement.bind(7, row.ended_at);
  statement.bind(8, row.wake_at);
  statement.bind_blob(9, row.order_key);
  statement.bind_blob(10, waits_);
  statement.bind_blob(11, row.reason);
}

int WriteStatements::put_run(const RunRow& row) {
  std::int64_t flow = 0;
  int code = names_.number_of(row.flow, flow);
  if (code != SQLITE_OK) return code;
  if (row.run <= last_run_ && row.open) {
    bind_run(update_open_run_, row, flow);
    code = update_open_run_.execute();
    if (code != SQLITE_OK || sqlite3_changes(connection_) > 0) return code;
  }
  if (row.run <= last_run_) {
    bind_run(update_run_, row, flow);
    update_run_.bind(12, row.open ? 1 : 0);
    code = update_run_.execute();
    if (code != SQLITE_OK || sqlite3_changes(connection_) > 0) return code;
  }
  bind_run(insert_run_, row, flow);
  insert_run_.bind(12, row.open ? 1 : 0);
  code = insert_run_.execute();
  if (code == SQLITE_OK) last_run_ = std::max(last_run_, row.run);
  return code;
}

int WriteStatements::put_record(const JournalRecord& record) {
  const std::int64_t key = run_key(record.run) + record.seq;
  insert_record_.bind(1, key);
  if (record.bytes.size() <= kSpillBytes) {
    insert_record_.bind_blob(2, record.bytes);
    return insert_record_.execute();
  }
  insert_record_.bind(2, static_cast<std::int64_t>(record.bytes.size()));
  const int code = insert_record_.execute();
  return code == SQLITE_OK ? put_chunks(key, record.bytes) : code;
}

int WriteStatements::put_chunks(std::int64_t key, std::string_view bytes) {
  int code = SQLITE_OK;
  for (std::int64_t part = 0; !bytes.empty() && code == SQLITE_OK; ++part) {
    insert_chunk_.bind(1, key);
    insert_chunk_.bind(2, part);
    insert_chunk_.bind_blob(3, bytes.substr(0, kSpillBytes));
    bytes.remove_prefix(std::min(bytes.size(), kSpillBytes));
    code = insert_chunk_.execute();
  }
  return code;
}

int WriteStatements::put_value(const NamedValue& value) {
  Statement& statement = value.value ? set_value_ : remove_value_;
  statement.bind_blob(1, value.name);
  if (value.value) statement.bind_blob(2, *value.value);
  return statement.execute();
}

int WriteStatements::put_version(const FlowVersion& version) {
  insert_version_.bind(1, version.version);
  insert_version_.bind_blob(2, version.flow);
  insert_version_.bind_blob(3, version.digest);
  insert_version_.bind_blob(4, version.definition);
  return insert_version_.execute();
}

}  // namespace linkspan::store
