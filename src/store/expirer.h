// Forgets what is no longer wanted: ended runs, expired claims; and gives their space back to the disk.
//
// It works on the writing connection in slices of some milliseconds, between groups of Writes. Open runs are
// never touched, nor the run with the greatest number (numbers are not used twice).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/sqlite_db.h"
#include "store/store.h"

namespace linkspan::store {

struct Retention {
  std::int64_t keep_ended_ns = 0;  // runs that ended longer ago are forgotten; 0: kept
  // Above that, of all that the store holds, the oldest ended runs are forgotten; 0: no bound.
  std::uint64_t max_bytes = 0;
};

class Expirer {
 public:
  // `database` outlives it.
  static Result<Expirer> prepare(Database& database);

  // Begins a round; if one is under way, it goes on with these bounds.
  void begin(const Retention& retention, WallNs now);
  bool busy() const { return phase_ != Phase::done; }
  // One slice, in a transaction of its own. After an error it is done until the next begin().
  Result<void> slice();

 private:
  enum class Phase : unsigned char { runs, claims, space, done };
  struct Candidate {
    RunNo run;
    bool open;
    WallNs started_at;
    WallNs ended_at;
  };

  Result<void> in_transaction(Result<void> (Expirer::*work)());
  Result<void> expire_runs();
  Result<void> expire_claims();
  Result<void> give_space_back();
  Result<std::vector<Candidate>> next_runs();
  Result<void> remove(RunNo run);
  Result<bool> over_size();

  Database* database_ = nullptr;
  Statement begin_, commit_, select_runs_, used_bytes_, delete_run_, delete_records_, delete_chunks_;
  Statement select_claims_, delete_claim_;
  Retention retention_;
  WallNs now_ = 0;
  Phase phase_ = Phase::done;
  RunNo after_run_ = 0;
  std::int64_t after_space_ = 0;
  std::string after_key_;
};

}  // namespace linkspan::store
