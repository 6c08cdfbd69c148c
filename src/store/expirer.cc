#include "store/expirer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "store/sqlite_schema.h"

namespace linkspan::store {
namespace {

constexpr std::int64_t kRunsPerSlice = 64;
constexpr std::int64_t kClaimsPerSlice = 512;
constexpr std::int64_t kPagesPerSlice = 256;
// Free pages that new runs will soon use are left in the file: moving others into their place costs writes.
constexpr std::int64_t kFreePagesKept = 64;
constexpr std::int64_t kFreeSharePart = 20;  // and one in so many pages

}  // namespace

Result<Expirer> Expirer::prepare(Database& database) {
  Expirer expirer;
  expirer.database_ = &database;
  const std::pair<Statement*, std::string_view> statements[] = {
      {&expirer.begin_, "BEGIN IMMEDIATE"},
      {&expirer.commit_, "COMMIT"},
      {&expirer.select_runs_,
       "SELECT run, open, started_at, ended_at FROM run WHERE run > ?1 AND run < (SELECT max(run) FROM run) "
       "ORDER BY run LIMIT ?2"},
      {&expirer.used_bytes_,
       "SELECT (page_count - freelist_count) * page_size "
       "FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()"},
      {&expirer.delete_run_, "DELETE FROM run WHERE run = ?1"},
      {&expirer.delete_records_, "DELETE FROM journal WHERE key BETWEEN ?1 AND ?2"},
      {&expirer.delete_chunks_, "DELETE FROM chunk WHERE key BETWEEN ?1 AND ?2"},
      {&expirer.select_claims_,
       "SELECT space, key, expires_at FROM claim WHERE (space, key) > (?1, ?2) ORDER BY space, key LIMIT ?3"},
      {&expirer.delete_claim_, "DELETE FROM claim WHERE space = ?1 AND key = ?2"},
  };
  for (const auto& [statement, sql] : statements) {
    auto prepared = Statement::prepare(database, sql);
    if (!prepared) return std::move(prepared).error();
    *statement = std::move(*prepared);
  }
  return expirer;
}

void Expirer::begin(const Retention& retention, WallNs now) {
  retention_ = retention;
  now_ = now;
  if (busy()) return;  // else what takes longer than from one call to the next would never be done
  phase_ = Phase::runs;
  after_run_ = 0;
  after_space_ = 0;
  after_key_.clear();
}

Result<void> Expirer::slice() {
  Result<void> outcome;
  switch (phase_) {
    case Phase::runs:
      outcome = in_transaction(&Expirer::expire_runs);
      break;
    case Phase::claims:
      outcome = in_transaction(&Expirer::expire_claims);
      break;
    case Phase::space:
      outcome = give_space_back();
      break;
    case Phase::done:
      break;
  }
  if (!outcome) phase_ = Phase::done;
  return outcome;
}

Result<void> Expirer::in_transaction(Result<void> (Expirer::*work)()) {
  int code = begin_.execute();
  if (code != SQLITE_OK) return database_->error(code, "beginning to forget runs");
  Result<void> done = (this->*work)();
  if (done) {
    code = commit_.execute();
    if (code != SQLITE_OK) done = database_->error(code, "forgetting runs");
  }
  if (!done && sqlite3_get_autocommit(database_->handle()) == 0) (void)database_->run("ROLLBACK");
  return done;
}

Result<std::vector<Expirer::Candidate>> Expirer::next_runs() {
  std::vector<Candidate> found;
  select_runs_.bind(1, after_run_);
  select_runs_.bind(2, kRunsPerSlice);
  int code;
  while ((code = select_runs_.step()) == SQLITE_ROW) {
    found.push_back({select_runs_.integer(0), select_runs_.integer(1) != 0, select_runs_.integer(2),
                     select_runs_.integer(3)});
  }
  select_runs_.reset();
  if (code != SQLITE_DONE) return database_->error(code, "looking for old runs");
  return found;
}

Result<void> Expirer::expire_runs() {
  auto candidates = next_runs();
  if (!candidates) return std::move(candidates).error();
  const WallNs ended_before = retention_.keep_ended_ns > 0 ? now_ - retention_.keep_ended_ns : 0;
  auto over = over_size();
  if (!over) return std::move(over).error();
  for (const Candidate& candidate : *candidates) {
    // Runs are numbered as they start, and end after they start: from here on all ended too late.
    if (!*over && candidate.started_at >= ended_before) {
      phase_ = Phase::claims;
      return {};
    }
    after_run_ = candidate.run;
    if (candidate.open || (!*over && candidate.ended_at >= ended_before)) continue;
    Result<void> removed = remove(candidate.run);
    if (!removed) return removed;
    over = over_size();
    if (!over) return std::move(over).error();
  }
  if (candidates->empty()) phase_ = Phase::claims;
  return {};
}

Result<void> Expirer::remove(RunNo run) {
  delete_run_.bind(1, run);
  int code = delete_run_.execute();
  for (Statement* statement : {&delete_records_, &delete_chunks_}) {
    statement->bind(1, run_key(run));
    statement->bind(2, run_key(run) + kMaxSeq);
    if (code == SQLITE_OK) code = statement->execute();
  }
  if (code != SQLITE_OK) return database_->error(code, "forgetting a run");
  return {};
}

Result<bool> Expirer::over_size() {
  if (retention_.max_bytes == 0) return false;
  const int code = used_bytes_.step();
  const auto used = static_cast<std::uint64_t>(code == SQLITE_ROW ? used_bytes_.integer(0) : 0);
  used_bytes_.reset();
  if (code != SQLITE_ROW) return database_->error(code, "asking for the size of the store");
  return used > retention_.max_bytes;
}

Result<void> Expirer::expire_claims() {
  std::vector<std::pair<std::int64_t, std::string>> expired;
  std::int64_t seen = 0;
  select_claims_.bind(1, after_space_);
  const std::string after_key = std::move(after_key_);
  select_claims_.bind_blob(2, after_key);
  select_claims_.bind(3, kClaimsPerSlice);
  int code;
  while ((code = select_claims_.step()) == SQLITE_ROW) {
    ++seen;
    after_space_ = select_claims_.integer(0);
    after_key_ = select_claims_.bytes(1);
    if (select_claims_.integer(2) <= now_) expired.emplace_back(after_space_, after_key_);
  }
  select_claims_.reset();
  if (code != SQLITE_DONE) return database_->error(code, "looking for expired keys");
  for (const auto& [space, key] : expired) {
    delete_claim_.bind(1, space);
    delete_claim_.bind_blob(2, key);
    code = delete_claim_.execute();
    if (code != SQLITE_OK) return database_->error(code, "forgetting expired keys");
  }
  if (seen < kClaimsPerSlice) phase_ = Phase::space;
  return {};
}

Result<void> Expirer::give_space_back() {
  auto free = database_->number("PRAGMA freelist_count");
  if (!free) return std::move(free).error();
  auto pages = database_->number("PRAGMA page_count");
  if (!pages) return std::move(pages).error();
  const std::int64_t kept = std::max(kFreePagesKept, (*pages - *free) / kFreeSharePart);
  if (*free <= kept) {
    phase_ = Phase::done;
    return {};
  }
  return database_->run("PRAGMA incremental_vacuum(" +
                        std::to_string(std::min(*free - kept, kPagesPerSlice)) + ")");
}

}  // namespace linkspan::store
