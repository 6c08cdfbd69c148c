#include "io/waiter.h"

#include "io/loop.h"

namespace linkspan::io {

Waiter::Waiter(Loop& loop, IdleCallback on_idle) : loop_(&loop), on_idle_(on_idle), timer_(*this) {}

void Waiter::notify() {
  if (waiting_) {
    wake_ = Wake::notified;
    timer_.cancel();
    std::exchange(waiting_, nullptr).resume();
  } else if (on_idle_ != nullptr) {
    on_idle_(*this);
  } else {
    notified_ = true;
  }
}

bool Waiter::Awaiter::await_ready() const noexcept {
  if (!waiter_->notified_) return false;
  waiter_->notified_ = false;
  waiter_->wake_ = Wake::notified;
  return true;
}

void Waiter::Awaiter::await_suspend(std::coroutine_handle<> handle) {
  waiter_->waiting_ = handle;
  if (deadline_ != kNever) waiter_->loop_->arm(waiter_->timer_, deadline_);
}

void Waiter::DeadlineTimer::expired(Timer& timer) {
  Waiter& waiter = *static_cast<DeadlineTimer&>(timer).waiter;
  waiter.wake_ = Wake::timeout;
  std::exchange(waiter.waiting_, nullptr).resume();
}

}  // namespace linkspan::io
