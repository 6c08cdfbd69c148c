// One client connection: TLS and PROXY protocol first, then requests one after another (RFC 9112 section 9).
// While it is idle it is this object alone; a request borrows an Exchange with its buffers and a coroutine,
// and gives them back. Made by Server, destroys itself at the end.
#pragma once

#include <cstdint>
#include <memory>

#include "gateway/server/exchange.h"
#include "http/ip_address.h"
#include "io/socket_address.h"
#include "io/stream.h"
#include "io/task.h"
#include "io/timer_wheel.h"
#include "io/waiter.h"

namespace linkspan::gateway {

class Server;
struct ListenerOptions;

struct ConnectionLink {
  ConnectionLink* next = this;
  ConnectionLink* previous = this;
};

class Connection final : public ConnectionLink {
 public:
  Connection(Server& server, std::shared_ptr<const ListenerOptions> listener, const io::SocketAddress& peer);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Takes the socket; false if it cannot be watched.
  bool open(io::UniqueFd socket);

  // Ends an idle connection now.
  bool idle() const { return exchange_ == nullptr; }
  // Of two idle ones.
  bool idle_longer_than(const Connection& other) const { return idle_timer_.tick < other.idle_timer_.tick; }
  void close_idle();
  // Makes a busy connection fail: whatever it waits for ends, and so does its request.
  void abort();

 private:
  friend class Exchange;

  enum class HeadState : std::uint8_t { complete, need_more, idle, closed, refused, timeout };

  static void on_wake(io::Waiter& waiter);
  static void on_idle_timeout(io::Timer& timer);
  struct OwnWaiter : io::Waiter {
    OwnWaiter(Connection& c, io::Loop& loop) : Waiter(loop, &on_wake), connection(&c) {}
    Connection* connection;
  };
  struct IdleTimer : io::Timer {
    explicit IdleTimer(Connection& c) : Timer(&on_idle_timeout), connection(&c) {}
    Connection* connection;
  };

  void start();
  io::Task<void> serve();
  io::Task<bool> establish();
  io::Task<bool> read_proxy_header(MonotonicNs deadline);
  io::Task<bool> shake_hands(MonotonicNs deadline);
  HeadState read_head();
  void make_room(InputBuffer& input) const;
  io::Task<void> refuse(HeadState state);
  io::Task<void> linger();
  void begin_request();
  bool finish_request();
  void rest();
  void end();

  Server& server_;
  std::shared_ptr<const ListenerOptions> listener_;
  io::Stream stream_;
  OwnWaiter waiter_;
  IdleTimer idle_timer_;
  Exchange* exchange_ = nullptr;
  MonotonicNs head_deadline_ = 0;
  MonotonicNs batch_ns_ = 0;
  http::IpAddress peer_;
  std::uint32_t requests_ = 0;
  std::uint16_t requests_in_batch_ = 0;
  bool established_ = false;
};

}  // namespace linkspan::gateway
