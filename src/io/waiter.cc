#include "io/waiter.h"

#include "io/loop.h"

namespace linkspan::io {

Waiter::Waiter(Loop& loop, IdleCallback on_idle) : loop_(&loop), on_idle_(on_idle), timer_(*this) {}

Waiter::~Waiter() {
  if (waiting_ != nullptr) waiting_->waiter_ = nullptr;
}

void Waiter::notify() {
  if (waiting_ != nullptr) {
    wake_ = Wake::notified;
    timer_.cancel();
    std::exchange(waiting_, nullptr)->handle_.resume();
  } else if (on_idle_ != nullptr) {
    on_idle_(*this);
  } else {
    notified_ = true;
  }
}

Waiter::Awaiter::~Awaiter() {
  if (waiter_ == nullptr || waiter_->waiting_ != this) return;
  waiter_->waiting_ = nullptr;
  waiter_->timer_.cancel();
}

bool Waiter::Awaiter::await_ready() const noexcept {
  if (!waiter_->notified_) return false;
  waiter_->notified_ = false;
  waiter_->wake_ = Wake::notified;
  return true;
}

void Waiter::Awaiter::await_suspend(std::coroutine_handle<> handle) {
  handle_ = handle;
  waiter_->waiting_ = this;
  if (deadline_ != kNever) waiter_->loop_->arm(waiter_->timer_, deadline_);
}

void Waiter::DeadlineTimer::expired(Timer& timer) {
  Waiter& waiter = *static_cast<DeadlineTimer&>(timer).waiter;
  waiter.wake_ = Wake::timeout;
  std::exchange(waiter.waiting_, nullptr)->handle_.resume();
}

}  // namespace linkspan::io
