#include "store/sqlite_db.h"

#include <utility>

#include "base/error_kinds.h"

namespace linkspan::store {
namespace {

const ErrorKind& kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return errors::store_full;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return errors::store_invalid;
    default:
      return errors::store_failed;
  }
}

int flags_of(Database::Mode mode) {
  switch (mode) {
    case Database::Mode::read_only:
      return SQLITE_OPEN_READONLY;
    case Database::Mode::read_write:
      return SQLITE_OPEN_READWRITE;
    case Database::Mode::create:
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }
  return SQLITE_OPEN_READONLY;
}

}  // namespace

Error sqlite_error(sqlite3* connection, int code, std::string_view doing) {
  std::string detail(doing);
  detail += ": ";
  // The connection's own words belong to its latest call, which may not be the one that failed.
  const bool latest = connection != nullptr && sqlite3_extended_errcode(connection) == code;
  detail += latest ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  if ((code & 0xff) == SQLITE_IOERR) detail += " (SQLite code " + std::to_string(code) + ")";
  return {kind_of(code), std::move(detail)};
}

void prepare_sqlite() {
  // Counting what it allocates costs a lock of the whole process each time (sqlite.org/c3ref,
  // SQLITE_CONFIG_MEMSTATUS).
  static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(once);
}

Result<Database> Database::open(const std::string& path, Mode mode, const std::string& vfs,
                                int busy_timeout_ms) {
  prepare_sqlite();
  sqlite3* handle = nullptr;
  const int flags = flags_of(mode) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
  Database database(handle);  // also of a failed open, which must be closed too
  if (code != SQLITE_OK) return sqlite_error(handle, code, "opening " + path);
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  return database;
}

Database::Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

Database& Database::operator=(Database&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

Result<void> Database::run(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code, sql.substr(0, 60));
  return {};
}

Result<std::int64_t> Database::number(const std::string& sql) {
  auto statement = Statement::prepare(*this, sql);
  if (!statement) return std::move(statement).error();
  const int code = statement->step();
  if (code == SQLITE_DONE) return std::int64_t{0};
  if (code != SQLITE_ROW) return error(code, sql);
  return statement->integer(0);
}

Result<std::string> Database::text(const std::string& sql) {
  auto statement = Statement::prepare(*this, sql);
  if (!statement) return std::move(statement).error();
  const int code = statement->step();
  if (code == SQLITE_DONE) return std::string();
  if (code != SQLITE_ROW) return error(code, sql);
  return std::string(statement->bytes(0));
}

Result<Statement> Statement::prepare(Database& database, std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) return database.error(code, sql.substr(0, 60));
  return Statement(handle);
}

Statement::Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

}  // namespace linkspan::store
