// Names that rows refer to by number (table `name`).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "store/sqlite_db.h"

namespace linkspan::store {

// The writer's view of the table: knows what it has met.
class NameTable {
 public:
  static Result<NameTable> prepare(Database& database);

  // The number of a name, which is added if it is new. Within a transaction: after a rollback call forget().
  // The code is SQLITE_OK or an error.
  int number_of(const std::string& name, std::int64_t& number);
  void forget() { known_.clear(); }

 private:
  Statement find_, add_;
  sqlite3* connection_ = nullptr;
  std::unordered_map<std::string, std::int64_t> known_;
};

}  // namespace linkspan::store
