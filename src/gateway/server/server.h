// The HTTP server of one worker: its listening sockets, its client connections, their limits, and their
// orderly end. Used by the worker's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "gateway/server/buffer_pool.h"
#include "gateway/server/connection.h"
#include "gateway/server/exchange.h"
#include "gateway/server/handler.h"
#include "http/date.h"
#include "http/h1_head.h"
#include "http/ip_address.h"
#include "io/loop.h"
#include "io/tcp.h"
#include "io/tls_context.h"

namespace linkspan::gateway {

struct ServerLimits {
  http::HeadLimits head;
  std::size_t max_buffer_bytes = 64 * 1024;       // read ahead per direction of one exchange
  std::uint64_t max_connections = 0;              // of this worker; 0: unlimited
  std::uint32_t max_requests_per_connection = 0;  // 0: unlimited
  std::int64_t header_timeout_ns = 10 * kNsPerSecond;
  std::int64_t body_timeout_ns = 30 * kNsPerSecond;
  std::int64_t send_timeout_ns = 30 * kNsPerSecond;
  std::int64_t idle_timeout_ns = 75 * kNsPerSecond;
};

// What connections of one listening address have in common. Immutable; connections keep theirs across a
// reload.
struct ListenerOptions {
  std::string name;                          // as configured, "https://0.0.0.0:8443"
  std::shared_ptr<const io::ServerTls> tls;  // null: plain
  bool proxy_protocol = false;
  http::NetworkSet trusted_proxies;
};

struct ServerMetrics {
  CounterId connections_accepted;
  GaugeId connections_open;
  CounterId connections_refused;  // over max_connections
  CounterId accept_backoffs;
  CounterId handshake_failures;  // TLS or PROXY protocol
};

class Server final {
 public:
  Server(io::Loop& loop, Handler& handler, const ServerLimits& limits, Logger log, MetricShard& shard,
         const ServerMetrics& metrics);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();  // aborts what is left; the loop must not run any more

  // For connections and requests from now on.
  void set_limits(const ServerLimits& limits);

  // Serves a listening socket (listen_tcp). `key` identifies it for the two calls below, e.g.
  // "127.0.0.1:8080".
  Result<void> add_listener(std::string key, io::UniqueFd listening,
                            std::shared_ptr<const ListenerOptions> options);
  // New options for connections accepted from now on.
  void update_listener(std::string_view key, std::shared_ptr<const ListenerOptions> options);
  // Takes in what waits in the backlog, then stops listening; its connections go on.
  void remove_listener(std::string_view key);

  // Stops listening, lets requests in flight end with "Connection: close", gives idle keep-alive connections
  // kDrainLingerMs for a last request, then closes them. Calls `drained` once no connection is left.
  void drain(std::function<void()> drained);
  // Makes every remaining connection fail.
  void abort_all();
  bool draining() const { return draining_; }
  std::size_t open_connections() const { return open_; }
  static constexpr int kDrainLingerMs = 1000;

  io::Loop& loop() const { return loop_; }
  Handler& handler() const { return handler_; }
  const ServerLimits& limits() const { return limits_; }
  BufferPool& buffers() { return buffers_; }
  const Logger& log() const { return log_; }
  // The current IMF-fixdate, made anew once a second.
  std::string_view date();

 private:
  friend class Connection;
  struct Listener;

  void accept(io::UniqueFd socket, const io::SocketAddress& peer,
              const std::shared_ptr<const ListenerOptions>& options);
  void refuse(io::UniqueFd socket, bool tls);
  void log_no_proxy_header(const ListenerOptions& listener, std::string_view detail);
  bool make_place();
  void link_last(ConnectionLink& link);
  static void unlink(ConnectionLink& link);
  Exchange* take_exchange();
  void give_back(Exchange* exchange);
  void on_closed(Connection& connection);
  static void on_drain_linger(io::Timer& timer);
  struct DrainTimer : io::Timer {
    explicit DrainTimer(Server& s) : Timer(&on_drain_linger), server(&s) {}
    Server* server;
  };

  io::Loop& loop_;
  Handler& handler_;
  ServerLimits limits_;
  Logger log_;
  MetricShard& shard_;
  ServerMetrics metrics_;
  BufferPool buffers_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<Exchange>> free_exchanges_;
  ConnectionLink connections_;  // all of them, in no particular order
  std::size_t open_ = 0;
  bool draining_ = false;
  std::function<void()> drained_;
  DrainTimer drain_timer_;
  MonotonicNs next_proxy_warning_ = 0;
  std::int64_t date_second_ = -1;
  char date_[http::kHttpDateBytes];
};

}  // namespace linkspan::gateway
