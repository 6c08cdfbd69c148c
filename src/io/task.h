// Task<T>: a coroutine of one loop, lazy, awaited exactly once by its owner, or started detached with
// spawn().
//
//   Task<Result<Stream>> connect(Loop& loop, SocketAddress address, MonotonicNs deadline);
//   ...
//   auto stream = co_await connect(loop, address, deadline);
//
// Destroying a Task destroys its suspended coroutine and all that it owns. Frames are recycled
// (frame_pool.h). g++ 12 miscompiles some forms: no capturing lambda coroutines, and no co_await inside a
// conditional expression, in a call's arguments, or in an expression with temporaries. Coroutines must not
// throw; one that does ends the process.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "io/frame_pool.h"

namespace linkspan::io {

template <typename T>
class Task;

namespace detail {

struct PromiseBase {
  std::coroutine_handle<> continuation;

  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* frame, std::size_t bytes) noexcept { free_frame(frame, bytes); }

  // Resumes whoever awaits, if the task was suspended at all; else Task::await_suspend goes on there.
  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) const noexcept {
      const std::coroutine_handle<> awaiting = handle.promise().continuation;
      if (awaiting) awaiting.resume();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

template <typename T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <typename U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
};

}  // namespace detail

template <typename T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  // Runs the task up to its end or first suspension, and only in the latter case suspends the one that
  // awaits. With symmetric transfer instead, a loop over tasks that end at once would pile up stack wherever
  // the compiler makes no tail calls (unoptimised and sanitizer builds).
  bool await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.resume();
    if (handle_.done()) return false;
    handle_.promise().continuation = awaiting;
    return true;
  }
  T await_resume() {
    if constexpr (!std::is_void_v<T>) return std::move(*handle_.promise().value);
  }

 private:
  Handle handle_;
};

namespace detail {

template <typename T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}

inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

// Owns itself: runs at once and frees its frame at the end.
struct Detached {
  struct promise_type {
    static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept { free_frame(frame, bytes); }
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

inline Detached run_detached(Task<void> task) {
  co_await task;
}

}  // namespace detail

// Starts a task that nobody awaits; it runs until its first suspension before spawn returns. Whoever spawns
// must see to it that the task ends before what it refers to does.
inline void spawn(Task<void> task) {
  detail::run_detached(std::move(task));
}

}  // namespace linkspan::io
