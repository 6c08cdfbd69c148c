#include "io/loop.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <sys/eventfd.h>

#include "base/error_kinds.h"
#include "io/system_call.h"

namespace linkspan::io {

namespace {

Error system_failure(const char* call) {
  return {errors::system_error, std::string(call) + ": " + std::strerror(errno)};
}

}  // namespace

// Messages from other threads, and the eventfd that announces the first of a batch.
struct Loop::Mailbox : Watcher {
  explicit Mailbox(Loop& owner)
      : Watcher(&drain), loop(&owner), wakeup(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

  static void drain(Watcher& watcher, std::uint32_t) {
    auto& self = static_cast<Mailbox&>(watcher);
    std::uint64_t count = 0;
    if (::read(self.wakeup.get(), &count, sizeof count) < 0 && errno != EAGAIN) return;
    std::vector<std::function<void()>> batch;
    {
      const std::lock_guard lock(self.mutex);
      batch.swap(self.messages);
    }
    for (auto& message : batch) message();
  }

  Loop* loop;
  UniqueFd wakeup;
  std::mutex mutex;
  std::vector<std::function<void()>> messages;
};

Result<std::unique_ptr<Loop>> Loop::create(Clock& clock) {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return system_failure("epoll_create1");
  std::unique_ptr<Loop> loop(new Loop(clock, std::move(epoll)));
  if (!loop->mailbox_->wakeup.valid()) return system_failure("eventfd");
  Result<void> added = loop->add(loop->mailbox_->wakeup.get(), *loop->mailbox_, kLevelRead);
  if (!added) return std::move(added).error();
  return loop;
}

Loop::Loop(Clock& clock, UniqueFd epoll)
    : clock_(clock),
      now_(clock.monotonic_ns()),
      wall_ahead_ns_(clock.wall_ns() - now_),
      epoll_(std::move(epoll)),
      wheel_(now_),
      mailbox_(std::make_unique<Mailbox>(*this)),
      read_scratch_(new char[kScratchBytes]),
      write_scratch_(new char[kScratchBytes]),
      cipher_scratch_(new char[kCipherScratchBytes]) {}

Loop::~Loop() = default;

Result<void> Loop::add(int fd, Watcher& watcher, std::uint32_t events) {
  const auto index = static_cast<std::size_t>(fd);
  if (index >= slots_.size()) slots_.resize(std::max(index + 1, slots_.size() * 2));
  Slot& slot = slots_[index];
  slot.watcher = &watcher;
  ++slot.generation;
  epoll_event event{};
  event.events = events;
  event.data.u64 = (std::uint64_t{slot.generation} << 32) | static_cast<std::uint32_t>(fd);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    slot.watcher = nullptr;
    return system_failure("epoll_ctl");
  }
  return {};
}

void Loop::remove(int fd) {
  slots_[static_cast<std::size_t>(fd)].watcher = nullptr;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void Loop::close(int fd) {
  slots_[static_cast<std::size_t>(fd)].watcher = nullptr;
  ::close(fd);
}

void Loop::rebind(int fd, Watcher& watcher) {
  slots_[static_cast<std::size_t>(fd)].watcher = &watcher;
}

void Loop::run() {
  while (!stopping_) run_once(-1);
  stopping_ = false;
}

int Loop::wait_ms(int max_wait_ms) const {
  const MonotonicNs due = wheel_.next_due();
  if (due < 0) return max_wait_ms;
  const MonotonicNs left = due - clock_.monotonic_ns();
  const auto until_due =
      static_cast<int>(std::clamp<MonotonicNs>((left + 999'999) / 1'000'000, 0, 3'600'000));
  return max_wait_ms < 0 ? until_due : std::min(max_wait_ms, until_due);
}

void Loop::read_clocks() {
  now_ = clock_.monotonic_ns();
  wall_ahead_ns_ = clock_.wall_ns() - now_;
}

void Loop::run_once(int max_wait_ms) {
  std::array<epoll_event, 256> events;
  const int count = system_call::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                            wait_ms(max_wait_ms));
  read_clocks();
  if (count > 0) deliver({events.data(), static_cast<std::size_t>(count)});
  wheel_.advance(now_);
  if (after_batch_) after_batch_();
}

void Loop::deliver(std::span<const epoll_event> events) {
  const auto watcher_of = [this](const epoll_event& event) {
    return slots_[static_cast<std::uint32_t>(event.data.u64)].watcher;
  };
  for (std::size_t i = 0; i < events.size(); ++i) {
    // While one event is handled, what the next ones need can come from memory.
    if (i + 2 < events.size()) __builtin_prefetch(watcher_of(events[i + 2]));
    if (i + 1 < events.size()) {
      const Watcher* const next = watcher_of(events[i + 1]);
      if (next != nullptr) __builtin_prefetch(next->needs);
    }
    const epoll_event& event = events[i];
    const auto fd = static_cast<std::uint32_t>(event.data.u64);
    const auto generation = static_cast<std::uint32_t>(event.data.u64 >> 32);
    const Slot slot = slots_[fd];
    // An earlier event of this batch may have closed it, and its number may even be in use again.
    if (slot.watcher == nullptr || slot.generation != generation) continue;
    slot.watcher->on_events(*slot.watcher, event.events);
  }
}

void Loop::post(std::function<void()> message) {
  bool first = false;
  {
    const std::lock_guard lock(mailbox_->mutex);
    first = mailbox_->messages.empty();
    mailbox_->messages.push_back(std::move(message));
  }
  if (!first) return;
  const std::uint64_t one = 1;
  // The counter cannot overflow (one write a batch), and an interrupted write is not possible on an eventfd.
  [[maybe_unused]] const ssize_t written = ::write(mailbox_->wakeup.get(), &one, sizeof one);
}

void Loop::stop() {
  post([this] { stopping_ = true; });
}

}  // namespace linkspan::io
