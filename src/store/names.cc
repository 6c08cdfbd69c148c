#include "store/names.h"

#include <utility>

namespace linkspan::store {

Result<NameTable> NameTable::prepare(Database& database) {
  NameTable table;
  table.connection_ = database.handle();
  auto find = Statement::prepare(database, "SELECT id FROM name WHERE text = ?1");
  if (!find) return std::move(find).error();
  auto add = Statement::prepare(database, "INSERT INTO name(text) VALUES(?1)");
  if (!add) return std::move(add).error();
  table.find_ = std::move(*find);
  table.add_ = std::move(*add);
  return table;
}

int NameTable::number_of(const std::string& name, std::int64_t& number) {
  const auto known = known_.find(name);
  if (known != known_.end()) {
    number = known->second;
    return SQLITE_OK;
  }
  find_.bind_text(1, name);
  int code = find_.step();
  if (code == SQLITE_ROW) number = find_.integer(0);
  find_.reset();
  if (code == SQLITE_DONE) {
    add_.bind_text(1, name);
    code = add_.execute();
    if (code != SQLITE_OK) return code;
    number = sqlite3_last_insert_rowid(connection_);
  } else if (code != SQLITE_ROW) {
    return code;
  }
  known_.emplace(name, number);
  return SQLITE_OK;
}

}  // namespace linkspan::store
