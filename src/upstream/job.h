// A task that runs by itself and is owned: it starts at once, and destroying the Job destroys the coroutine
// where it is suspended, with all that it owns. Must not be destroyed from within itself. Loop's thread.
#pragma once

#include <coroutine>
#include <exception>
#include <utility>

#include "io/task.h"

namespace linkspan::upstream {

class Job {
 public:
  struct promise_type {
    static void* operator new(std::size_t bytes) { return io::allocate_frame(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept { io::free_frame(frame, bytes); }
    Job get_return_object() { return Job(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };

  Job() = default;
  Job(Job&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Job& operator=(Job&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Job() {
    if (handle_) handle_.destroy();
  }

  bool done() const { return !handle_ || handle_.done(); }

 private:
  explicit Job(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

inline Job start(io::Task<void> task) {
  co_await task;
}

}  // namespace linkspan::upstream
