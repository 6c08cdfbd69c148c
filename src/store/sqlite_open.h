// Opening the file of a store: making it, taking it, checking it, bringing it to the current schema.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "store/sqlite_db.h"
#include "store/store_file.h"

namespace linkspan::store {

struct OpenOptions {
  std::string path;
  std::string vfs;  // of SQLite; empty: the system's files, with a lock and private modes
  // After an unclean end the file is checked, for at most so long: a store of many gigabytes must not keep
  // runs waiting. `linkspan store check` checks all of it.
  int max_check_ms = 1500;     // 0: as long as it takes
  std::int64_t max_pages = 0;  // 0: no bound but the disk
};

// For the log.
struct OpenReport {
  bool created = false;
  bool ended_cleanly = true;       // the last time
  bool checked = false;            // the whole file was looked at
  bool restored = false;           // it is a backup, opened for the first time
  std::int64_t migrated_from = 0;  // the version of the schema; 0: it was the current one
};

struct OpenedStore {
  WriterLock lock;
  Database database;  // after the lock: closed before it is given up
  std::string id;
  OpenReport report;
};

// Errors: store_in_use, store_invalid, store_full, store_failed.
Result<OpenedStore> open_store_file(const OpenOptions& options);

// Says in the file that it was closed in good order.
Result<void> mark_clean(Database& database);

}  // namespace linkspan::store
