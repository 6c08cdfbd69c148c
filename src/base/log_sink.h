// The receiving side of logging: outputs, levels, a ring for each worker and the one thread that writes.
//
// app makes one LogSink at start and ends it last: its destructor writes everything that was committed
// (waiting at most two seconds for an output that nobody reads). Workers get a LogProducer each; all other
// threads use shared(). Records of one thread keep their order; between threads only the time stamps tell.
//
// JSON lines: {"time":"2026-11-22T07:47:31.123456Z","level":"info","room":"gateway","message":"...",
// fields...} Human:      07:47:31.123 info  gateway   listening  address=127.0.0.1:8080 workers=2 (coloured
// on a terminal)
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/log_ring.h"
#include "base/result.h"
#include "base/timestamp.h"

namespace linkspan {

class LogOutputFile;
class LogSink;

enum class LogFormat : unsigned char { automatic, json, human };  // automatic: human on a terminal, else JSON

struct LogOutput {
  enum class Kind : unsigned char { standard_error, standard_output, file, discard };
  Kind kind = Kind::standard_error;
  std::string path;  // for file: appended to, made with mode 0640 if missing

  bool operator==(const LogOutput&) const = default;
};

struct LogSinkOptions {
  LogOutput general;
  LogOutput access = {LogOutput::Kind::standard_output, {}};
  LogFormat format = LogFormat::automatic;  // of the general log; the gateway formats access-log lines itself
  Level level = Level::info;                // of rooms without a level of their own
  std::size_t ring_bytes = 1 << 20;         // per producer and stream, touched only as far as used
  int drain_interval_ms = 50;
};

// What one worker thread logs through. Made by LogSink::add_producer(), which keeps it until the sink ends;
// only that worker may use it (shared() is the exception and locks).
class LogProducer {
 public:
  LogProducer(LogSink& sink, std::size_t ring_bytes, bool shared);

  // The logger of a room on this thread. Takes a lock: once at start, not per request.
  Logger room(std::string_view name);

  // The access log's raw entry: reserve() a line, format it in place, commit(). Not for the shared producer.
  LogRing& access() { return access_; }

 private:
  friend class Logger;
  friend class LogSink;
  void write(const LogRoom& room, Level level, std::string_view message, LogFields fields);

  LogSink& sink_;
  LogRing general_;
  LogRing access_;
  TimestampFormatter timestamp_;
  std::unique_ptr<std::mutex> mutex_;  // of the shared producer
};

class LogSink {
 public:
  // Opens the outputs and starts the writer thread. `clock` must outlive the sink. Fails with
  // errors::system_error, naming the file.
  static Result<std::unique_ptr<LogSink>> open(const LogSinkOptions& options, const Clock& clock);
  ~LogSink();
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;

  // A producer for one more worker thread; lives as long as the sink. Any thread.
  LogProducer& add_producer();
  // For threads that have none: locks, and drops rather than waits when full.
  LogProducer& shared() { return *shared_; }

  // Levels, at any time from any thread: of every room that has none of its own, and of one room.
  void set_default_level(Level level);
  void set_room_level(std::string_view room, Level level);
  // Forgets the rooms' own levels (before a reloaded config sets its own).
  void clear_room_levels();

  // Closes and opens the files again, so that a rotated log continues in a new file. Returns at once; the
  // writer thread does it before its next write. A file that cannot be opened leaves the old one in use, and
  // is logged.
  void request_reopen();
  // Waits until all that was committed before the call is written (or the outputs are stuck for two seconds).
  void flush();

  // Records that found their ring full (of both streams), and bytes that an output refused (disk full). For
  // metrics; both are also told in the general log, at most once a second.
  std::uint64_t dropped_records() const;
  std::uint64_t failed_bytes() const { return failed_bytes_.load(std::memory_order_relaxed); }

  bool human() const { return human_; }

 private:
  friend class LogProducer;
  struct Room {
    Room(std::string_view name, Level level) : room{std::string(name), level} {}
    LogRoom room;
    bool own_level = false;
  };

  LogSink(const LogSinkOptions& options, const Clock& clock);
  Result<void> start();
  Room& find_room(std::string_view name);  // with mutex_ held
  const LogRoom& room(std::string_view name);
  std::size_t format(const LogRoom& room, Level level, std::string_view message, LogFields fields,
                     TimestampFormatter& timestamp, char* out) const;

  // The writer thread.
  void run();
  void drain_all();
  void drain(LogRing& ring, LogOutputFile& output);
  void report_losses();
  void reopen_outputs();
  void write_own(Level level, std::string_view message, LogFields fields);

  const LogSinkOptions options_;
  const Clock& clock_;
  bool human_ = false;     // set before the writer thread and the first producer, then constant
  bool coloured_ = false;  // likewise
  LogWakeup wakeup_;

  mutable std::mutex mutex_;  // guards the next five
  std::condition_variable round_done_;
  std::deque<Room> rooms_;
  std::vector<std::unique_ptr<LogProducer>> producers_;
  Level default_level_;
  std::uint64_t rounds_done_ = 0;

  LogProducer* shared_ = nullptr;
  std::unique_ptr<LogOutputFile> general_;
  std::unique_ptr<LogOutputFile> access_;  // null: the same as general_
  std::atomic<std::uint64_t> failed_bytes_{0};
  std::atomic<bool> reopen_{false};
  std::atomic<bool> stopping_{false};

  // The writer thread's own.
  TimestampFormatter timestamp_;
  std::uint64_t reported_drops_ = 0;
  std::uint64_t reported_failed_bytes_ = 0;
  MonotonicNs reported_at_ = 0;

  std::thread writer_;
};

}  // namespace linkspan
