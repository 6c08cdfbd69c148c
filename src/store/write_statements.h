// Puts one Write into the tables, within a transaction that somebody else has begun.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "store/names.h"
#include "store/sqlite_db.h"
#include "store/store.h"

namespace linkspan::store {

class WriteStatements {
 public:
  static Result<WriteStatements> prepare(Database& database);

  // Applies all of it, or nothing if a claim is taken at `now`. After an error some of it may be done: the
  // transaction must be rolled back, and then rolled_back() called.
  Result<Committed> apply(const Write& write, WallNs now);
  // SQLite's code for the latest error of apply().
  int failure() const { return failure_; }
  Result<void> rolled_back();

 private:
  // Each returns SQLITE_OK or an error.
  int put_run(const RunRow& row);
  int put_record(const JournalRecord& record);
  int put_chunks(std::int64_t key, std::string_view bytes);
  int put_value(const NamedValue& value);
  int put_version(const FlowVersion& version);
  // `holder` is set if somebody has it, in which case nothing was changed.
  int put_claim(const Claim& claim, WallNs now, std::optional<RunNo>& holder);
  int look_up_claim(const Claim& claim, WallNs now, std::optional<RunNo>& holder);
  int put_claims(const Write& write, WallNs now, std::optional<RunNo>& holder);
  int put_all(const Write& write, WallNs now, std::optional<RunNo>& holder);
  void bind_run(Statement& statement, const RunRow& row, std::int64_t flow);

  sqlite3* connection_ = nullptr;
  Database* database_ = nullptr;
  NameTable names_;
  RunNo last_run_ = 0;  // greater ones are new
  std::string waits_;
  int failure_ = SQLITE_OK;
  Statement insert_run_, update_open_run_, update_run_;
  Statement insert_record_, insert_chunk_;
  Statement take_claim_, find_claim_;
  Statement set_value_, remove_value_, insert_version_;
};

}  // namespace linkspan::store
