// Where one coroutine of a loop waits: for any of the streams that point at it, or for a deadline, whichever
// comes first. The coroutine then looks at its streams and does what has become possible; that one suspension
// point is the only place where an exchange is ever interrupted, so everything between two waits is plain
// code.
//
// Used by the loop's thread alone, by one coroutine at a time. A waiter destroyed before its coroutine never
// wakes it.
#pragma once

#include <coroutine>
#include <utility>

#include "base/clock.h"
#include "io/timer_wheel.h"

namespace linkspan::io {

class Loop;

enum class Wake : unsigned char { notified, timeout };

class Waiter {
 public:
  // `on_idle` (optional) is called on notify when no coroutine waits; without it, the next wait returns at
  // once.
  using IdleCallback = void (*)(Waiter&);
  explicit Waiter(Loop& loop, IdleCallback on_idle = nullptr);
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter();

  // Wakes the coroutine, on this stack. The Waiter may be gone when this returns.
  void notify();

  void set_idle_callback(IdleCallback callback) { on_idle_ = callback; }
  Loop& loop() const { return *loop_; }

  class Awaiter {
   public:
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    // A coroutine destroyed while it waits waits no more.
    ~Awaiter();
    bool await_ready() const noexcept;
    void await_suspend(std::coroutine_handle<> handle);
    Wake await_resume() noexcept { return std::exchange(waiter_, nullptr)->wake_; }

   private:
    friend class Waiter;
    Awaiter(Waiter& waiter, MonotonicNs deadline) : waiter_(&waiter), deadline_(deadline) {}
    Waiter* waiter_;
    MonotonicNs deadline_;
    std::coroutine_handle<> handle_;
  };

  // Suspends until notify() or the deadline (loop time, ns); kNever waits without one.
  static constexpr MonotonicNs kNever = -1;
  Awaiter wait(MonotonicNs deadline) { return {*this, deadline}; }

 private:
  struct DeadlineTimer : Timer {
    explicit DeadlineTimer(Waiter& w) : Timer(&expired), waiter(&w) {}
    static void expired(Timer& timer);
    Waiter* waiter;
  };

  Loop* loop_;
  IdleCallback on_idle_;
  Awaiter* waiting_ = nullptr;
  DeadlineTimer timer_;
  bool notified_ = false;
  Wake wake_ = Wake::notified;
};

}  // namespace linkspan::io
