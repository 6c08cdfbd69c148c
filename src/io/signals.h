// The signals by which a process is operated, delivered as events of one loop instead of interrupting a
// thread.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "io/loop.h"
#include "io/unique_fd.h"

namespace linkspan::io {

// Blocks SIGTERM, SIGINT, SIGHUP and SIGUSR1 in the calling thread, and so in all threads that it starts
// later, and ignores SIGPIPE in the whole process. main() calls it first.
void block_signals();

class Signals final : private Watcher {
 public:
  // Receives the blocked signals of the process on `loop`; `on_signal` gets SIGTERM, SIGINT, SIGHUP or
  // SIGUSR1. Several signals of one kind that come close together may arrive as one. Errors: system_error.
  static Result<std::unique_ptr<Signals>> create(Loop& loop, std::function<void(int signal)> on_signal);
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

 private:
  Signals(Loop& loop, UniqueFd fd, std::function<void(int)> on_signal);
  static void on_ready(Watcher& watcher, std::uint32_t events);

  Loop& loop_;
  UniqueFd fd_;
  std::function<void(int)> on_signal_;
};

}  // namespace linkspan::io
