// The Writes that wait for the writer, and the promise about failing ones: once a Write of a run has failed,
// everything of that run that was handed over before the engine could know fails too, in one go and in order.
//
// push() and deliver() are called by the engine's thread, take() and fail() by the writer's, close() and
// wake() by any. Only between fail() and deliver() does the queue look at what it holds; all else costs a
// lock.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "store/store.h"

namespace linkspan::store {

struct QueuedWrite {
  std::shared_ptr<const Write> write;
  Store::CommitDone done;
};

// The outcome of one Write on its way to whoever asked.
struct Answer {
  Store::CommitDone done;
  Result<Committed> result;
  std::shared_ptr<const Write> write;  // only to be let go of where it was made
};

using GroupNo = std::uint64_t;  // counts the groups of one queue

class CommitQueue {
 public:
  // How much one transaction may hold; a Write larger than that is a group of its own.
  struct Limits {
    std::size_t max_writes = 4096;
    std::size_t max_bytes = 8 << 20;
  };

  explicit CommitQueue(Limits limits) : limits_(limits) {}

  void push(QueuedWrite write);

  enum class Taken : unsigned char { group, nothing, closed };
  // Fills `group` with what comes next. With `wait`, waits for a Write, wake() or close(); `nothing` then
  // means that somebody woke it. After close() what was pushed is still given out, then `closed`.
  Taken take(std::vector<QueuedWrite>& group, bool wait);
  void wake();
  void close();

  // The Write failed by an error of `kind`, as part of group `number`. From now on nothing of its runs is
  // given out until deliver() of that group.
  void fail(const Write& write, const ErrorKind& kind, GroupNo number);
  // Runs the callbacks of a group, then those of Writes that fail because of it. After ignore_answers()
  // nothing is run.
  void deliver(std::vector<Answer>& answers, GroupNo number);
  void ignore_answers();

 private:
  struct Failure {
    const ErrorKind* kind;
    GroupNo group;
  };
  const Failure* failure_of(const Write& write) const;  // the earliest; nullptr: none
  void gather_failing(GroupNo number, std::vector<Answer>& answers);
  void move_failing(std::deque<QueuedWrite>& from, GroupNo number, std::vector<Answer>& answers);

  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<QueuedWrite> queue_;
  std::deque<QueuedWrite> held_;  // taken out of the queue, of runs that failed: to be answered by deliver()
  std::unordered_map<RunNo, Failure> failed_;
  bool waiting_ = false;
  bool woken_ = false;
  bool closed_ = false;
  bool ignoring_ = false;  // engine's thread only
};

// About how much of the disk it takes.
std::size_t bytes_of(const Write& write);

}  // namespace linkspan::store
