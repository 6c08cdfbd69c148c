// One server of one API as one worker sees it: its pool of connections and its part in balancing. Used by the
// worker's thread alone. A Server lives as long as any Cluster that has it, which a request pins with a
// ClusterRef.
//
//   Connection* connection = server.take_idle(waiter);  // most requests: no system call, no suspension
//   if (connection == nullptr) {
//     auto opened = co_await server.open(waiter, loop.now() + cluster.settings().timeouts.connect_ns);
//     ...
//   }
//   ... exchange ...
//   server.release(connection, reusable);
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "base/result.h"
#include "io/resolver.h"
#include "io/task.h"
#include "io/tls_context.h"
#include "upstream/connection.h"
#include "upstream/ref.h"
#include "upstream/shared_cluster.h"

namespace linkspan::upstream {

// What the servers of one worker share; owned by its ClusterSet.
struct WorkerContext {
  io::Loop& loop;
  io::Resolver& resolver;
  MetricShard& metrics;
  ConnectionStore connections;
};

class Server final : public RefCounted<Server> {
 public:
  Server(WorkerContext& context, const SharedCluster& cluster, std::size_t index);

  // As in the configuration, for people: "http://10.0.0.5:7001".
  const std::string& label() const { return settings_.label; }
  // "10.0.0.5:7001", for the Host field; without a default port.
  std::string_view authority() const { return authority_; }
  ServerState& state() const { return *state_; }
  const ServerMetrics& metrics() const { return settings_.metrics; }
  std::uint32_t weight() const { return settings_.weight; }

  // Connections of this worker that are checked out or being opened.
  std::uint32_t in_flight() const { return in_flight_; }
  std::uint32_t idle_connections() const { return idle_; }

  // The connection that was idle for the shortest time, with `waiter` as its stream's; null if there is none.
  Connection* take_idle(io::Waiter& waiter);

  // A new connection, ready to send on, with `waiter` as its stream's: resolves the name, tries its addresses
  // one after the other, and for https completes the handshake. With PoolSettings::max_connections reached,
  // waits in line for a connection that another request gives back (which may then be a used one);
  // `waited_ns`, if any, gets the time that this took and must stay as long as the task.
  // `deadline` is loop time; notifications of `waiter` for other reasons are ignored. The task may be
  // destroyed while it waits. Nothing was sent when it fails.
  // Errors: upstream_dns_failed, upstream_connect_refused, upstream_connect_failed, upstream_timeout_connect,
  // out_of_sockets, upstream_tls_failed, upstream_reset (during the handshake), upstream_none_available (the
  // wait in line took until the deadline, or PoolSettings::max_waiting are in line already).
  io::Task<Result<Connection*>> open(io::Waiter& waiter, MonotonicNs deadline,
                                     MonotonicNs* waited_ns = nullptr);

  // Gives a connection back, after which it must not be touched. `reusable`: the exchange is complete, both
  // sides keep the connection alive, and nothing is left to read; else it is closed. Never runs other
  // requests on this stack.
  void release(Connection* connection, bool reusable);

  // A connection outside the limit, to be given back with reusable = false: for health checks, which must not
  // fail because the pool is busy. As open() otherwise.
  io::Task<Result<Connection*>> open_unlimited(io::Waiter& waiter, MonotonicNs deadline);

 private:
  friend class ClusterSet;
  friend class Connection;
  friend class RefCounted<Server>;
  struct Opening;
  struct Pending;
  struct IdleTimer : io::Timer {
    explicit IdleTimer(Server& s) : Timer(&on_idle_timer), server(&s) {}
    Server* server;
  };
  ~Server();

  // Same scheme, host, port and TLS settings: a reload keeps the pool.
  bool same_peer(const SharedCluster& cluster, std::size_t index) const;
  // Takes over what a reload changed (weight, pool limits, metrics, TLS context).
  void update(const SharedCluster& cluster, std::size_t index);
  // No longer in the configuration: closes the idle connections, and the others as they come back.
  void retire();

  // server_connect.cc: making a connection.
  io::Task<Result<Connection*>> open_new(io::Waiter& waiter, MonotonicNs deadline, bool has_slot);
  io::Task<Result<void>> connect_any(Connection& connection, io::Waiter& waiter, MonotonicNs deadline);
  std::string reason(const Error& error, std::string_view address) const;
  Error describe(const Error& error, std::size_t addresses, std::string_view address = {}) const;

  bool limited() const { return pool_.max_connections > 0; }
  bool try_slot();
  void free_slot();
  bool grant(Pending& pending);
  void serve_waiting();
  void serve_waiting_soon();
  Error waited_too_long(MonotonicNs waited) const;
  Error line_too_long() const;

  Connection* pop_newest();
  void push_idle(Connection* connection);
  void unlink_idle(Connection* connection);
  void drop_idle(Connection* connection);
  void drop_all_idle();
  void close(Connection* connection);
  void check_idle();
  void arm_idle_timer();
  static void on_idle_timer(io::Timer& timer) { static_cast<IdleTimer&>(timer).server->check_idle(); }

  WorkerContext& context_;
  std::shared_ptr<ServerState> state_;
  ServerSettings settings_;
  PoolSettings pool_;
  TlsSettings tls_settings_;
  std::shared_ptr<const io::ClientTls> tls_;
  io::TlsSessionSlot tls_session_;
  std::string authority_;

  Connection* newest_ = nullptr;
  Connection* oldest_ = nullptr;
  Pending* first_pending_ = nullptr;
  Pending* last_pending_ = nullptr;
  std::uint32_t pending_ = 0;
  std::uint32_t idle_ = 0;
  std::uint32_t in_flight_ = 0;
  std::uint32_t open_ = 0;  // connections, idle ones included
  std::uint32_t next_address_ = 0;
  std::uint32_t generation_ = 0;  // the last ClusterSet::adopt that had this server
  bool retired_ = false;
  bool serving_soon_ = false;
  IdleTimer idle_timer_;
};

}  // namespace linkspan::upstream
