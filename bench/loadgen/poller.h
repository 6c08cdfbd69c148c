// The epoll set of the load generator's only thread. Everything is edge-triggered: who is told must read
// until a short read or EAGAIN, which spares the kernel a second look at each socket.
#pragma once

#include <cstdint>
#include <string>

namespace linkspan::loadgen {

// Something in the epoll set.
class Pollable {
 public:
  virtual void on_ready(std::uint32_t events) = 0;

 protected:
  ~Pollable() = default;
};

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // `pollable` must outlive its descriptor; closing the descriptor ends the membership.
  void add(int fd, Pollable& pollable);

  // Serves what is ready, waiting up to `timeout_ms` for something to be.
  void poll(int timeout_ms);

 private:
  int fd_;
};

// End the process with status 1: the generator cannot work without what failed. The second adds errno's
// meaning.
[[noreturn]] void give_up(const std::string& why);
[[noreturn]] void give_up_errno(const char* what);

std::uint64_t now_ns();

// What spares the generator work on a TCP socket: no delay, and a congestion control without pacing timers,
// whatever the machine's default is (the proxies keep that).
void tune_socket(int fd);

}  // namespace linkspan::loadgen
