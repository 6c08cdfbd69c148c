// SQLite as the store uses it: connections and prepared statements that close themselves, and its result
// codes as errors.
//
// A connection and its statements are used by one thread at a time; nothing here locks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "base/result.h"

namespace linkspan::store {

// store_full for a full disk, store_invalid for what is no database or is damaged, else store_failed; with
// what was being done and SQLite's own words.
Error sqlite_error(sqlite3* connection, int code, std::string_view doing);

// Settings of SQLite for the whole process, which count only before its first use: Database::open() makes
// them, and whoever uses it before that must.
void prepare_sqlite();

class Database {
 public:
  enum class Mode : unsigned char { read_only, read_write, create };

  // `vfs`: the name of a registered SQLite VFS; empty for the system's files.
  // Waits up to `busy_timeout_ms` for locks of other connections.
  static Result<Database> open(const std::string& path, Mode mode, const std::string& vfs = {},
                               int busy_timeout_ms = 5000);

  Database() = default;
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  ~Database();

  sqlite3* handle() const { return handle_; }
  Error error(int code, std::string_view doing) const { return sqlite_error(handle_, code, doing); }

  // Runs statements that give no rows (or whose rows do not matter).
  Result<void> run(const std::string& sql);
  // The first column of the first row; 0 where there is none.
  Result<std::int64_t> number(const std::string& sql);
  Result<std::string> text(const std::string& sql);

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_ = nullptr;
};

// A prepared statement. What is bound must live until reset(): nothing is copied.
class Statement {
 public:
  static Result<Statement> prepare(Database& database, std::string_view sql);

  Statement() = default;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  bool valid() const { return handle_ != nullptr; }

  void bind(int parameter, std::int64_t value) { sqlite3_bind_int64(handle_, parameter, value); }
  void bind_null(int parameter) { sqlite3_bind_null(handle_, parameter); }
  // A null pointer would bind NULL where an empty value is meant.
  void bind_text(int parameter, std::string_view text) {
    sqlite3_bind_text64(handle_, parameter, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC,
                        SQLITE_UTF8);
  }
  void bind_blob(int parameter, std::string_view bytes) {
    sqlite3_bind_blob64(handle_, parameter, bytes.empty() ? "" : bytes.data(), bytes.size(), SQLITE_STATIC);
  }

  // SQLITE_ROW, SQLITE_DONE or an error.
  int step() { return sqlite3_step(handle_); }
  void reset() { sqlite3_reset(handle_); }
  // One that gives no row: SQLITE_OK or an error. The statement can be used again at once.
  int execute() {
    const int code = sqlite3_step(handle_);
    const int after = sqlite3_reset(handle_);
    return code == SQLITE_DONE ? SQLITE_OK : after;
  }

  std::int64_t integer(int column) const { return sqlite3_column_int64(handle_, column); }
  int type(int column) const { return sqlite3_column_type(handle_, column); }
  // Lives until the next step() or reset().
  std::string_view bytes(int column) const {
    const void* data = sqlite3_column_blob(handle_, column);
    return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
  }

 private:
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  sqlite3_stmt* handle_ = nullptr;
};

}  // namespace linkspan::store
