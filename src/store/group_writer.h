// The writing connection: turns a group of Writes into one transaction.
//
// Used by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/commit_queue.h"
#include "store/sqlite_db.h"
#include "store/write_statements.h"

namespace linkspan::store {

class GroupWriter {
 public:
  // `database` is open for writing and of the current schema.
  static Result<GroupWriter> create(Database database);

  // Commits the group and answers each Write of it, in order. If the transaction fails for what one Write
  // says (a record that is there already), the Writes are tried one by one, so that only that one fails and
  // those after it of the same run; if it fails for the disk, all fail. Failed Writes are made known to
  // `queue` as of group `number`.
  void commit(std::vector<QueuedWrite>& group, WallNs now, GroupNo number, CommitQueue& queue,
              std::vector<Answer>& answers);

  Database& database() { return *database_; }
  // Pages in the write-ahead log after the latest commit.
  std::uint32_t log_pages() const { return *log_pages_; }

 private:
  GroupWriter() = default;
  Result<void> commit_all(const std::vector<QueuedWrite>& group, WallNs now,
                          std::vector<Committed>& outcomes);
  void commit_each(std::vector<QueuedWrite>& group, WallNs now, GroupNo number, CommitQueue& queue,
                   std::vector<Answer>& answers);
  Result<void> begin();
  Result<void> end();
  void roll_back();

  // Behind pointers since the statements and SQLite's hook know their addresses.
  std::unique_ptr<Database> database_;
  std::unique_ptr<std::uint32_t> log_pages_;
  WriteStatements statements_;
  Statement begin_, commit_, rollback_;
  bool stale_ = false;   // after a rollback, what statements_ knows of the tables must be read again
  bool guilty_ = false;  // the latest failure came of what a Write says
};

}  // namespace linkspan::store
