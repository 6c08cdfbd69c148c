// A thread with its own loop: one per core serves requests.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "io/loop.h"

namespace linkspan::io {

class Worker {
 public:
  struct Options {
    std::string name;  // of the thread, as top and debuggers show it; cut at 15 bytes
    int cpu = -1;      // the only CPU it may run on; -1: the system's choice
    // Run on the worker's thread: before its loop starts and after it has ended. Whatever uses the loop is
    // made in the one and destroyed in the other (or in messages between).
    std::function<void(Loop&)> on_start;
    std::function<void(Loop&)> on_end;
  };

  // The clock outlives the worker. Errors: system_error.
  static Result<std::unique_ptr<Worker>> start(Clock& clock, Options options);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  // Stops and joins.
  ~Worker();

  // Its post() and stop() are for any thread, the rest for the worker's own.
  Loop& loop() { return *loop_; }
  void post(std::function<void()> message) { loop_->post(std::move(message)); }
  // Ends the loop after the messages posted so far. May be called from any thread.
  void stop() { loop_->stop(); }
  // Waits for the end of the thread. Called by the owner.
  void join();

 private:
  explicit Worker(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
  std::unique_ptr<Loop> loop_;
  std::thread thread_;
};

}  // namespace linkspan::io
