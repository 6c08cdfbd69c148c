// One open log output: stderr, stdout, a file or nothing. Used by the log's writer thread alone, once it
// runs.
#pragma once

#include <atomic>
#include <cstddef>
#include <span>

#include "base/log_sink.h"
#include "base/result.h"

namespace linkspan {

class LogOutputFile {
 public:
  // `stopping` makes a write to an output that nobody reads give up after two seconds.
  LogOutputFile(const LogOutput& output, const std::atomic<bool>& stopping)
      : output_(output), stopping_(stopping) {}
  ~LogOutputFile();
  LogOutputFile(const LogOutputFile&) = delete;
  LogOutputFile& operator=(const LogOutputFile&) = delete;

  // Opens, or opens anew in place of what is open (which stays in use if that fails).
  Result<void> open();
  bool is_terminal() const;

  // Writes all of it, waiting while the reader is slow; returns how many bytes could not be written (disk
  // full, reader gone).
  std::size_t write(std::span<const char> bytes);

 private:
  bool wait_until_writable();

  const LogOutput output_;
  const std::atomic<bool>& stopping_;
  int fd_ = -1;
  bool given_up_ = false;
};

}  // namespace linkspan
