// A bounded ring of bytes from one producing thread to the log's writer thread: no locks, no system calls, no
// waiting. What does not fit is dropped and counted.
//
//   if (char* line = ring.reserve(max)) { n = format(line); ring.commit(n); }
//
// reserve() and commit() belong to the producer, readable() and consume() to the writer; the rest to anybody.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace linkspan {

// Told at most once per fill that a ring has passed half, so that the writer comes early. Thread-safe.
class LogWakeup {
 public:
  LogWakeup();
  ~LogWakeup();
  LogWakeup(const LogWakeup&) = delete;
  LogWakeup& operator=(const LogWakeup&) = delete;

  // From any thread; one system call if the writer was not already called, else none.
  void notify();
  // The writer: waits for notify() or the time-out, then is ready to be called again.
  void wait_ms(int timeout_ms);

 private:
  int event_fd_;
  std::atomic<bool> called_{false};
};

class LogRing {
 public:
  // `capacity_bytes` is rounded up to a power of two; a single record may take up to a quarter of it.
  LogRing(std::size_t capacity_bytes, LogWakeup& wakeup);
  LogRing(const LogRing&) = delete;
  LogRing& operator=(const LogRing&) = delete;

  // A place for up to `max_bytes` in one piece, or nullptr (counted as a dropped record) if there is no room
  // now.
  char* reserve(std::size_t max_bytes);
  // Makes the first `bytes` of the last reservation visible to the writer; 0 gives it back. A record ends
  // with "\n".
  void commit(std::size_t bytes);

  // All complete bytes in order, in one piece; call again after consume() since the rest may follow a wrap.
  std::span<const char> readable();
  void consume(std::size_t bytes);

  std::uint64_t dropped_records() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_;
  LogWakeup& wakeup_;

  // The producer's cache line. Positions count up for ever; a position modulo capacity is an offset.
  alignas(64) std::atomic<std::uint64_t> head_{0};
  std::atomic<std::uint64_t> lap_end_{
      UINT64_MAX};  // where the data of the last left lap ends, if before its end
  std::atomic<std::uint64_t> dropped_{0};
  std::uint64_t reserved_at_ = 0;
  std::uint64_t seen_tail_ = 0;
  // The writer's.
  alignas(64) std::atomic<std::uint64_t> tail_{0};
};

}  // namespace linkspan
