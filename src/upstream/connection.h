// A connection to a server, for HTTP/1.1: checked out by one exchange at a time, idle in its server's pool in
// between. It holds no buffer. The objects are recycled; only Server makes and frees them.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "io/stream.h"
#include "io/waiter.h"

namespace linkspan::upstream {

class Server;

class Connection {
 public:
  explicit Connection(io::Loop& loop);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  io::Stream stream;

  Server& server() const { return *server_; }
  // It has carried a whole exchange before: if it now ends before the first byte of an answer, it was stale
  // (Failure::stale) rather than the server at fault.
  bool reused() const { return exchanges_ > 0; }

 private:
  friend class Server;
  friend class ConnectionStore;

  // Open, and nothing waits to be read.
  bool is_quiet();
  // While idle: anything that happens (the server closes, or says something unasked) ends it.
  static void on_idle_event(io::Waiter& waiter);

  struct IdleWaiter : io::Waiter {
    IdleWaiter(io::Loop& loop, Connection& c) : Waiter(loop, &on_idle_event), connection(&c) {}
    Connection* connection;
  };

  IdleWaiter idle_waiter_;
  Server* server_ = nullptr;
  Connection* newer_ = nullptr;  // links of the idle list, newest first; `older_` also links the free list
  Connection* older_ = nullptr;
  MonotonicNs idle_since_ = 0;
  std::uint64_t exchanges_ = 0;
  bool counted_ = false;  // in ServerState::connections
};

// The spare Connection objects of one worker, for all its servers.
class ConnectionStore {
 public:
  explicit ConnectionStore(io::Loop& loop) : loop_(loop) {}
  ConnectionStore(const ConnectionStore&) = delete;
  ConnectionStore& operator=(const ConnectionStore&) = delete;
  ~ConnectionStore();

  Connection* make();
  void recycle(Connection* connection);  // closed

 private:
  static constexpr std::size_t kMaxSpare = 1024;

  io::Loop& loop_;
  Connection* spare_ = nullptr;
  std::size_t spares_ = 0;
};

}  // namespace linkspan::upstream
