// For the unit tests of rooms that use loops: a loop on real time, running it until something holds, pairs of
// sockets.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "io/loop.h"
#include "io/tcp.h"
#include "io/unique_fd.h"

namespace linkspan::io::testing {

// Long enough for the slowest machine under a sanitizer; reached only by a test that fails.
inline constexpr std::int64_t kGiveUpMs = 20'000;

struct LoopFixture {
  RealClock clock;
  std::unique_ptr<Loop> loop = std::move(*Loop::create(clock));

  // Runs the loop until `done` holds; false if that takes forever.
  bool run_until(const std::function<bool()>& done) {
    const MonotonicNs give_up = clock.monotonic_ns() + kGiveUpMs * kNsPerMs;
    while (!done()) {
      if (clock.monotonic_ns() > give_up) return false;
      loop->run_once(10);
    }
    return true;
  }
  // Handles what is ready now.
  void settle() {
    for (int i = 0; i < 5; ++i) loop->run_once(0);
  }
  MonotonicNs in_ms(std::int64_t ms) const { return clock.monotonic_ns() + ms * kNsPerMs; }
};

inline void set_blocking(int fd, bool blocking) {
  const int flags = ::fcntl(fd, F_GETFL);
  ::fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

struct SocketPair {
  UniqueFd ours;    // non-blocking, for a Stream
  UniqueFd theirs;  // blocking, for plain system calls
};

// A real TCP connection over loopback.
inline SocketPair tcp_pair() {
  UniqueFd listening = std::move(*listen_tcp(*SocketAddress::parse("127.0.0.1", 0), 1));
  const SocketAddress address = *local_address(listening.get());
  SocketPair pair;
  pair.theirs.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::connect(pair.theirs.get(), address.data(), address.size()), 0);
  set_blocking(listening.get(), true);
  pair.ours.reset(::accept4(listening.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  EXPECT_TRUE(pair.ours.valid());
  const int on = 1;
  ::setsockopt(pair.theirs.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return pair;
}

// What a blocking socket gives, until its end or `limit` bytes.
inline std::string receive(int fd, std::size_t limit) {
  std::string all;
  char buffer[4096];
  while (all.size() < limit) {
    const ssize_t got = ::recv(fd, buffer, std::min(sizeof buffer, limit - all.size()), 0);
    if (got <= 0) break;
    all.append(buffer, static_cast<std::size_t>(got));
  }
  return all;
}

}  // namespace linkspan::io::testing
