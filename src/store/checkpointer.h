// Carries what was committed from the write-ahead log (WAL) into the database, off the commit path, and so
// keeps the log short.
//
// What bounds the log. SQLite begins it anew only when all of it has been carried over and somebody writes; a
// writer that never pauses would let it grow for ever. So once the log has `log_pages` pages, passes are made
// beside the writer, each shorter than the one before, since only what came meanwhile is left; the last one,
// after at most kPasses, while the writer waits between two groups. The log is thus bounded by `log_pages`
// and what is written during kPasses passes. Only a reader that stays in one read transaction (a backup, a
// list in mid-way) makes it longer: by what is written until it is done.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "store/sqlite_db.h"

namespace linkspan::store {

// Lets one thread have a moment in which the writer is between two groups.
class WriterGate {
 public:
  void enter();  // the writer, before a group
  void leave();  // and after it
  void hold();   // returns when the writer is outside; it stays there until release()
  void release();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool inside_ = false;
  bool held_ = false;
};

class Checkpointer {
 public:
  struct Limits {
    std::uint32_t log_pages = 4096;  // 16 MiB
    int idle_ms = 2000;              // without a commit, after which the log is emptied
  };
  static constexpr int kPasses = 3;

  // The gate outlives it. `report` is called from the checkpointer's thread when checkpoints begin to fail.
  static Result<std::unique_ptr<Checkpointer>> open(const std::string& path, const std::string& vfs,
                                                    Limits limits, WriterGate& gate,
                                                    std::function<void(Error)> report);
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;
  ~Checkpointer();

  void start();  // its thread; without it, run_if_due() is to be called
  void stop();   // after the checkpoint under way

  // The writer tells after each group how long the log is.
  void written(std::uint32_t log_pages);
  void run_if_due();

 private:
  Checkpointer(Database database, Limits limits, WriterGate& gate, std::function<void(Error)> report);
  void loop();
  void shorten();
  Result<void> pass(int mode, int& left);
  void settle(Result<void> outcome);

  Database database_;
  const Limits limits_;
  WriterGate& gate_;
  std::function<void(Error)> report_;
  bool failing_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint32_t pages_ = 0;
  std::uint32_t due_at_;       // pages
  std::uint64_t commits_ = 0;  // so many were told of
  bool dirty_ = false;         // committed to since the log was emptied
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace linkspan::store
