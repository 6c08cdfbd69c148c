// What a person does to a store from the command line, beside a running Linkspan or without one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace linkspan::store {

// Copies the store at `path` to the new file `to`, as it is at one moment, while another process may use it.
// While it copies, that process's log grows by what it writes. Errors: store_invalid, store_full,
// store_failed; then there is no file `to`.
Result<void> backup_store(const std::string& path, const std::string& to);

struct StoreReport {
  std::vector<std::string> problems;  // in words; empty: all is well
  std::int64_t schema_version = 0;
  std::uint64_t runs = 0;
  std::uint64_t open_runs = 0;
  std::uint64_t records = 0;
  std::uint64_t claims = 0;
  std::uint64_t versions = 0;
  std::uint64_t bytes = 0;       // of the file
  std::uint64_t free_bytes = 0;  // of those, unused

  bool healthy() const { return problems.empty(); }
};

// Reads all of it: the structure of the file (SQLite's integrity_check), tables that are not Linkspan's,
// records without a run or with gaps between them, large records that are not whole. Another process may use
// it meanwhile. Errors: store_invalid if it cannot be read as a store at all; store_failed.
Result<StoreReport> check_store(const std::string& path);

// Writes the file anew without unused space, and forgets versions of flows that no run has and that are not
// the newest of their flow. Nobody else may use the store. Errors: store_in_use, store_invalid, store_full
// (it needs as much room again), store_failed.
Result<void> vacuum_store(const std::string& path);

}  // namespace linkspan::store
