// The event loop of one thread: epoll (edge-triggered), timers, and messages from other threads.
//
// Everything a loop owns (streams, timers, waiters, coroutines) is used by its own thread only; post() is the
// one call that other threads may make. Edge-triggered: a watcher is told once when its descriptor becomes
// ready and must remember it until a read or write says that it would block.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include <sys/epoll.h>

#include "base/clock.h"
#include "base/result.h"
#include "io/timer_wheel.h"
#include "io/unique_fd.h"

namespace linkspan::io {

// Something that is told of readiness. Derive from it; the callback gets the derived object's base.
struct Watcher {
  using Callback = void (*)(Watcher&, std::uint32_t epoll_events);
  explicit Watcher(Callback callback) : on_events(callback) {}
  Callback on_events;
  const void* needs =
      nullptr;  // looked at by the callback after the watcher; only fetched ahead, so it may dangle
};

class Loop {
 public:
  // Fails with system_error when the process is out of descriptors.
  static Result<std::unique_ptr<Loop>> create(Clock& clock);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  static constexpr std::uint32_t kEdgeTriggered = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  static constexpr std::uint32_t kLevelRead = EPOLLIN;

  // Watches `fd` until remove(fd), which must come before the descriptor is closed. Events already fetched
  // for a removed descriptor are not delivered.
  Result<void> add(int fd, Watcher& watcher, std::uint32_t events = kEdgeTriggered);
  void remove(int fd);
  // Closes a watched descriptor of which no duplicate exists: the kernel then stops watching by itself, which
  // saves a system call.
  void close(int fd);
  // Points the events of a watched descriptor at another watcher (its object has moved).
  void rebind(int fd, Watcher& watcher);

  void arm(Timer& timer, MonotonicNs at) { wheel_.arm(timer, at); }

  // Time when the current batch of events was fetched, in ns; cheap, and steady within a callback.
  MonotonicNs now() const { return now_; }
  // The wall time at a monotonic time of about now, without another look at the clock: a wall clock that is
  // set shows from the next batch on.
  WallNs wall_ns_at(MonotonicNs at) const { return at + wall_ahead_ns_; }
  Clock& clock() const { return clock_; }

  // Runs until stop().
  void run();
  // One round: waits at most `max_wait_ms` for events and handles them. For tests and for embedding.
  void run_once(int max_wait_ms);

  // Called after each batch of events, messages and timers, before the loop waits again: for work that many
  // of them may ask for and that is done once. It may arm timers.
  void set_after_batch(std::function<void()> callback) { after_batch_ = std::move(callback); }

  // Safe from any thread. Messages run on the loop's thread, in order of posting; those posted after the loop
  // ended are destroyed unrun.
  void post(std::function<void()> message);
  void stop();

  // Room for reading and for composing messages, shared by everything on this loop: its content is only valid
  // until the caller next suspends or returns to the loop. kScratchBytes each.
  static constexpr std::size_t kScratchBytes = 128 * 1024;
  std::span<char> read_scratch() { return {read_scratch_.get(), kScratchBytes}; }
  std::span<char> write_scratch() { return {write_scratch_.get(), kScratchBytes}; }
  // For TLS streams, which gather the records of one write in it.
  static constexpr std::size_t kCipherScratchBytes = 72 * 1024;
  std::span<char> cipher_scratch() { return {cipher_scratch_.get(), kCipherScratchBytes}; }

 private:
  struct Slot {
    Watcher* watcher = nullptr;
    std::uint32_t generation = 0;
  };
  struct Mailbox;

  Loop(Clock& clock, UniqueFd epoll);
  void deliver(std::span<const epoll_event> events);
  int wait_ms(int max_wait_ms) const;
  void read_clocks();

  Clock& clock_;
  MonotonicNs now_;
  std::int64_t wall_ahead_ns_;  // of the monotonic clock
  UniqueFd epoll_;
  TimerWheel wheel_;
  std::vector<Slot> slots_;  // by descriptor
  std::unique_ptr<Mailbox> mailbox_;
  std::function<void()> after_batch_;
  bool stopping_ = false;
  std::unique_ptr<char[]> read_scratch_;
  std::unique_ptr<char[]> write_scratch_;
  std::unique_ptr<char[]> cipher_scratch_;
};

}  // namespace linkspan::io
