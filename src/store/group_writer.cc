#include "store/group_writer.h"

#include <unordered_set>
#include <utility>

#include "base/error_kinds.h"
#include "base/fault_point.h"
#include "store/write_runs.h"

namespace linkspan::store {
namespace {

int remember_log_pages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<std::uint32_t*>(pages) = static_cast<std::uint32_t>(count);
  return SQLITE_OK;
}

// Errors that come of what was to be written; others come of where it was to be written to.
bool is_of_the_write(int code) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
      return true;
    default:
      return false;
  }
}

// While the store runs, damage is one more way in which it cannot be used for now.
Error as_answer(const Error& error) {
  const bool full = &error.kind() == &errors::store_full;
  return {full ? errors::store_full : errors::store_failed, error.detail()};
}

}  // namespace

Result<GroupWriter> GroupWriter::create(Database database) {
  GroupWriter writer;
  writer.database_ = std::make_unique<Database>(std::move(database));
  writer.log_pages_ = std::make_unique<std::uint32_t>(0);
  auto statements = WriteStatements::prepare(*writer.database_);
  if (!statements) return std::move(statements).error();
  writer.statements_ = std::move(*statements);
  const std::pair<Statement*, std::string_view> wanted[] = {
      {&writer.begin_, "BEGIN IMMEDIATE"}, {&writer.commit_, "COMMIT"}, {&writer.rollback_, "ROLLBACK"}};
  for (const auto& [statement, sql] : wanted) {
    auto prepared = Statement::prepare(*writer.database_, sql);
    if (!prepared) return std::move(prepared).error();
    *statement = std::move(*prepared);
  }
  sqlite3_wal_hook(writer.database_->handle(), remember_log_pages, writer.log_pages_.get());
  return writer;
}

Result<void> GroupWriter::begin() {
  guilty_ = false;
  if (stale_) {
    Result<void> known = statements_.rolled_back();
    if (!known) return known;
    stale_ = false;
  }
  const int code = begin_.execute();
  if (code != SQLITE_OK) return database_->error(code, "beginning to write");
  return {};
}

Result<void> GroupWriter::end() {
  LINKSPAN_FAULT_POINT("store:after-write");
  const int code = commit_.execute();
  if (code != SQLITE_OK) return database_->error(code, "committing");
  return {};
}

void GroupWriter::roll_back() {
  stale_ = true;
  // SQLite has rolled back by itself after some errors.
  if (sqlite3_get_autocommit(database_->handle()) == 0) (void)rollback_.execute();
}

Result<void> GroupWriter::commit_all(const std::vector<QueuedWrite>& group, WallNs now,
                                     std::vector<Committed>& outcomes) {
  Result<void> done = begin();
  if (!done) return done;
  LINKSPAN_FAULT_POINT("store:before-write");
  for (const QueuedWrite& queued : group) {
    Result<Committed> outcome = statements_.apply(*queued.write, now);
    if (!outcome) {
      guilty_ = is_of_the_write(statements_.failure());
      roll_back();
      return std::move(outcome).error();
    }
    outcomes.push_back(*outcome);
  }
  done = end();
  if (!done) roll_back();
  return done;
}

void GroupWriter::commit(std::vector<QueuedWrite>& group, WallNs now, GroupNo number, CommitQueue& queue,
                         std::vector<Answer>& answers) {
  std::vector<Committed> outcomes;
  outcomes.reserve(group.size());
  answers.reserve(group.size());
  Result<void> done = commit_all(group, now, outcomes);
  if (done) {
    for (std::size_t i = 0; i < group.size(); ++i) {
      answers.push_back({std::move(group[i].done), outcomes[i], std::move(group[i].write)});
    }
    return;
  }
  if (guilty_ && group.size() > 1) return commit_each(group, now, number, queue, answers);
  for (QueuedWrite& queued : group) {
    Error error = as_answer(done.error());
    queue.fail(*queued.write, error.kind(), number);
    answers.push_back({std::move(queued.done), std::move(error), std::move(queued.write)});
  }
}

void GroupWriter::commit_each(std::vector<QueuedWrite>& group, WallNs now, GroupNo number, CommitQueue& queue,
                              std::vector<Answer>& answers) {
  std::unordered_set<RunNo> failed;
  std::vector<QueuedWrite> single(1);
  std::vector<Committed> outcome;
  for (QueuedWrite& queued : group) {
    bool after_failed = false;
    for_each_run(*queued.write, [&](RunNo run) { after_failed |= failed.contains(run); });
    single[0].write = std::move(queued.write);
    outcome.clear();
    Result<void> done = after_failed ? Error(errors::store_failed, "an earlier write of the same run failed")
                                     : commit_all(single, now, outcome);
    if (done) {
      answers.push_back({std::move(queued.done), outcome[0], std::move(single[0].write)});
      continue;
    }
    for_each_run(*single[0].write, [&](RunNo run) { failed.insert(run); });
    Error error = as_answer(done.error());
    queue.fail(*single[0].write, error.kind(), number);
    answers.push_back({std::move(queued.done), std::move(error), std::move(single[0].write)});
  }
}

}  // namespace linkspan::store
