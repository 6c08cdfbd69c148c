// What the database file looks like, and how files of earlier versions become such.
//
//   run      a row for each run: what lists show. run_open finds the open ones at start.
//   journal  the records; `key` is run_key(run) + seq, so the records of a run lie side by side. `bytes` is
//            the record, or, if that is larger than kSpillBytes, its size as an integer.
//   chunk    the pieces of such large records, by the record's key.
//   claim    keys taken, by space and key.
//   value    named values.
//   version  versions of flows.
//   name     names of flows and of spaces of claims, which rows refer to by number.
//   meta     what the file says about itself.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "store/sqlite_db.h"
#include "store/store.h"

namespace linkspan::store {

inline constexpr std::int64_t kApplicationId = 0x4c4b5350;  // "LKSP", in the header of the file
inline constexpr std::size_t kSpillBytes = 64 * 1024;

inline constexpr int kSeqBits = 22;
inline constexpr std::uint32_t kMaxSeq = (1u << kSeqBits) - 1;
inline constexpr RunNo kMaxRun = (RunNo{1} << (63 - kSeqBits)) - 1;

constexpr std::int64_t run_key(RunNo run) {
  return run << kSeqBits;
}

// Brings the schema from one version to the next. Run in one transaction; versions count from 1, and the
// first migration makes version 1 out of nothing.
using Migration = const char*;
std::span<const Migration> migrations();

struct SchemaState {
  std::int64_t version = 0;  // 0: an empty file
  std::int64_t known = 0;    // the version that this program wants
};

// Looks only. Errors: store_invalid if it is no store of Linkspan's, is damaged, or is of a version above
// `known`.
Result<SchemaState> check_schema(Database& database, std::int64_t known);

// Runs the migrations that are missing. A file that holds something is copied to `backup_path` first. Errors:
// store_full, store_failed; then the file is of the last version that was reached.
Result<void> migrate(Database& database, std::span<const Migration> all, const std::string& backup_path);

// The greatest number that a run ever had, as an SQL expression; 0: none.
inline constexpr const char* kLastRun =
    "max(coalesce((SELECT max(run) FROM run), 0), coalesce((SELECT value FROM meta WHERE name = 'last_run'), "
    "0))";

// How far above the last run of a copy the first one after it is, at least: more runs than anybody starts
// between a backup and the day it is needed.
inline constexpr RunNo kRunsAfterCopy = RunNo{1} << 32;

// Copies a store as it is at one moment, while others may write to it, and marks the copy as one (meta:
// 'copy'). Errors: as sqlite_error().
Result<void> copy_database(Database& from, const std::string& to, const std::string& vfs = {});

}  // namespace linkspan::store
