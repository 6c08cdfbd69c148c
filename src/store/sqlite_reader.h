// A connection that reads. Used by one thread at a time.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/sqlite_db.h"
#include "store/store.h"

namespace linkspan::store {

class SqliteReader {
 public:
  static Result<SqliteReader> open(const std::string& path, const std::string& vfs);
  explicit SqliteReader(Database database) : database_(std::move(database)) {}

  // As the functions of the same name of Store.
  Result<StoredRun> read(RunNo run);
  Result<RunNo> last_run();
  Result<std::vector<RunRow>> open_runs();
  Result<std::vector<NamedValue>> values();
  Result<std::vector<FlowVersion>> versions();
  Result<std::vector<RunRow>> list(const RunFilter& filter);
  // `bytes` is that of the database alone, without its log.
  Result<StoreCounts> counts();

 private:
  Result<std::vector<std::string>> records(RunNo run);
  Result<std::string> spilled(std::int64_t key, std::int64_t size);
  Result<std::vector<RunRow>> rows(Statement& statement);

  Database database_;
  Statement find_run_, find_records_, find_chunks_;  // prepared at their first use
};

inline constexpr std::size_t kMaxListed = 10'000;  // rows of one list(), whatever its filter asks for

}  // namespace linkspan::store
