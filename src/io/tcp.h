// TCP on a loop: connecting, listening, accepting.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "io/loop.h"
#include "io/socket_address.h"
#include "io/stream.h"
#include "io/task.h"

namespace linkspan::io {

// Opens `stream` to `address`. `deadline` is loop time in ns. The stream's waiter must be set to `waiter`,
// which is the one that waits here. Errors: upstream_connect_refused, upstream_connect_failed,
// upstream_timeout_connect, out_of_sockets (no descriptor or local port: nothing was asked of the server).
Task<Result<void>> connect(Stream& stream, Waiter& waiter, SocketAddress address, MonotonicNs deadline);

// A non-blocking socket that listens with SO_REUSEPORT, one per worker on the same address. Errors:
// listen_failed.
Result<UniqueFd> listen_tcp(const SocketAddress& address, int backlog);
// Whether listen_tcp would be alone: sockets that share a port would otherwise also share it with another
// process, each getting a part of the connections. Errors: listen_failed.
Result<void> check_not_listened_to(const SocketAddress& address);
// The address that a listening or connected socket is bound to.
Result<SocketAddress> local_address(int fd);

// Accepts connections of one listening socket and hands each over with its peer's address. When the process
// is out of descriptors or memory it stops accepting for a moment instead of spinning (the connections wait
// in the backlog), and says so through on_backoff.
class Acceptor final : private Watcher {
 public:
  struct Handler {
    virtual ~Handler() = default;
    virtual void on_accept(UniqueFd socket, const SocketAddress& peer) = 0;
    // accept() failed with `error` (an errno) and will be tried again in kBackoffMs.
    virtual void on_backoff(int error) = 0;
  };
  static constexpr int kBackoffMs = 100;

  Acceptor(Loop& loop, UniqueFd listening, Handler& handler);
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  ~Acceptor();

  Result<void> start();
  // Takes in what already waits in the backlog, then closes the listening socket. Who tries to connect
  // meanwhile tries again a second later, by the rules of TCP, and finds it closed.
  void drain_and_close();
  int fd() const { return listening_.get(); }

 private:
  static void on_ready(Watcher& watcher, std::uint32_t events);
  static void on_retry(Timer& timer);
  void accept_some(int at_most);
  void back_off(int error);

  struct RetryTimer : Timer {
    explicit RetryTimer(Acceptor& a) : Timer(&on_retry), acceptor(&a) {}
    Acceptor* acceptor;
  };

  Loop& loop_;
  UniqueFd listening_;
  Handler& handler_;
  RetryTimer retry_;
};

}  // namespace linkspan::io
