#include "gateway/server/server.h"

#include <algorithm>
#include <span>

#include <sys/socket.h>

#include "base/error_kinds.h"

namespace linkspan::gateway {

namespace {

constexpr std::size_t kKeptExchanges = 256;
// What is sent before closing when there is no place; small enough for any empty socket buffer.
constexpr std::string_view kOverloaded =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: 177\r\n"
    "Retry-After: 1\r\nConnection: close\r\n\r\n"
    "{\"type\":\"urn:linkspan:error:overloaded\",\"title\":\"Over capacity\",\"status\":503,\"detail\":"
    "\"this worker has as many connections as limits.max_connections allows\",\"source\":\"linkspan\"}";
static_assert(kOverloaded.size() - kOverloaded.find('{') == 177, "as Content-Length says");

}  // namespace

struct Server::Listener final : io::Acceptor::Handler {
  Listener(Server& s, std::string k, io::UniqueFd socket, std::shared_ptr<const ListenerOptions> o)
      : server(s), key(std::move(k)), options(std::move(o)), acceptor(s.loop_, std::move(socket), *this) {}

  void on_accept(io::UniqueFd socket, const io::SocketAddress& peer) override {
    server.accept(std::move(socket), peer, options);
  }
  void on_backoff(int error) override {
    server.shard_.add(server.metrics_.accept_backoffs);
    server.log_.error(
        "accept failed, waiting a moment: raise the limit on open files or lower max_connections",
        {{"listener", options->name}, {"errno", error}});
  }

  Server& server;
  std::string key;
  std::shared_ptr<const ListenerOptions> options;
  io::Acceptor acceptor;
};

Server::Server(io::Loop& loop, Handler& handler, const ServerLimits& limits, Logger log, MetricShard& shard,
               const ServerMetrics& metrics)
    : loop_(loop),
      handler_(handler),
      limits_(limits),
      log_(log),
      shard_(shard),
      metrics_(metrics),
      drain_timer_(*this) {}

Server::~Server() {
  for (ConnectionLink* link = connections_.next; link != &connections_;) {
    auto* connection = static_cast<Connection*>(link);
    link = link->next;
    delete connection;
  }
}

void Server::set_limits(const ServerLimits& limits) {
  // Exchanges have room for as many fields as the limit says.
  if (limits.head.max_fields > limits_.head.max_fields) free_exchanges_.clear();
  limits_ = limits;
}

Result<void> Server::add_listener(std::string key, io::UniqueFd listening,
                                  std::shared_ptr<const ListenerOptions> options) {
  auto listener = std::make_unique<Listener>(*this, std::move(key), std::move(listening), std::move(options));
  Result<void> started = listener->acceptor.start();
  if (started) listeners_.push_back(std::move(listener));
  return started;
}

void Server::update_listener(std::string_view key, std::shared_ptr<const ListenerOptions> options) {
  for (auto& listener : listeners_) {
    if (listener->key == key) listener->options = options;
  }
}

void Server::remove_listener(std::string_view key) {
  std::erase_if(listeners_, [&](const std::unique_ptr<Listener>& listener) {
    if (listener->key != key) return false;
    listener->acceptor.drain_and_close();
    return true;
  });
}

void Server::accept(io::UniqueFd socket, const io::SocketAddress& peer,
                    const std::shared_ptr<const ListenerOptions>& options) {
  shard_.add(metrics_.connections_accepted);
  if (limits_.max_connections != 0 && open_ >= limits_.max_connections && !make_place()) {
    refuse(std::move(socket), options->tls != nullptr);
    return;
  }
  auto connection = std::make_unique<Connection>(*this, options, peer);
  if (!connection->open(std::move(socket))) return;
  Connection* placed = connection.release();  // it ends through on_closed
  link_last(*placed);
  ++open_;
  shard_.add(metrics_.connections_open, 1);
}

void Server::refuse(io::UniqueFd socket, bool tls) {
  shard_.add(metrics_.connections_refused);
  if (tls) return;
  [[maybe_unused]] const ssize_t sent =
      ::send(socket.get(), kOverloaded.data(), kOverloaded.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  // Closing with a request unread would reset the connection, and the client might not see the answer.
  ::shutdown(socket.get(), SHUT_WR);
  const std::span<char> scratch = loop_.read_scratch();
  [[maybe_unused]] const ssize_t dropped = ::recv(socket.get(), scratch.data(), scratch.size(), MSG_DONTWAIT);
}

// A warning now and then, as a balancer may be set up wrongly; each time would let a port scan fill the log.
void Server::log_no_proxy_header(const ListenerOptions& listener, std::string_view detail) {
  const bool warn = loop_.now() >= next_proxy_warning_;
  if (warn) next_proxy_warning_ = loop_.now() + 60 * kNsPerSecond;
  log_.log(warn ? Level::warn : Level::debug, "connection refused: PROXY protocol expected",
           {{"listener", listener.name}, {"detail", detail}});
}

// Makes an idle connection give way; RFC 9112 section 9.4 lets a server close one at any time. Looks at a few
// only, each time at the next ones, and takes the longest idle of them.
bool Server::make_place() {
  constexpr std::size_t kLooks = 64;
  Connection* longest_idle = nullptr;
  for (std::size_t i = 0; i < std::min(kLooks, open_); ++i) {
    auto& connection = static_cast<Connection&>(*connections_.next);
    unlink(connection);
    link_last(connection);
    if (connection.idle() && (longest_idle == nullptr || connection.idle_longer_than(*longest_idle))) {
      longest_idle = &connection;
    }
  }
  if (longest_idle == nullptr) return false;
  longest_idle->close_idle();
  return true;
}

void Server::link_last(ConnectionLink& link) {
  link.previous = connections_.previous;
  link.next = &connections_;
  connections_.previous->next = &link;
  connections_.previous = &link;
}

void Server::unlink(ConnectionLink& link) {
  link.previous->next = link.next;
  link.next->previous = link.previous;
}

void Server::on_closed(Connection& connection) {
  unlink(connection);
  --open_;
  shard_.add(metrics_.connections_open, -1);
  delete &connection;
  if (draining_ && open_ == 0 && drained_) {
    drain_timer_.cancel();
    loop_.post(std::exchange(drained_, nullptr));
  }
}

Exchange* Server::take_exchange() {
  if (free_exchanges_.empty()) return new Exchange(limits_.head.max_fields);
  Exchange* exchange = free_exchanges_.back().release();
  free_exchanges_.pop_back();
  return exchange;
}

void Server::give_back(Exchange* exchange) {
  exchange->recycle();
  std::unique_ptr<Exchange> owned(exchange);
  const bool fits = exchange->request().fields.capacity() >= limits_.head.max_fields;
  if (fits && free_exchanges_.size() < kKeptExchanges) free_exchanges_.push_back(std::move(owned));
}

void Server::drain(std::function<void()> drained) {
  draining_ = true;
  drained_ = std::move(drained);
  for (auto& listener : listeners_) listener->acceptor.drain_and_close();
  listeners_.clear();
  if (open_ == 0) {
    loop_.post(std::exchange(drained_, nullptr));
  } else {
    loop_.arm(drain_timer_, loop_.now() + kDrainLingerMs * kNsPerMs);
  }
}

void Server::on_drain_linger(io::Timer& timer) {
  Server& self = *static_cast<DrainTimer&>(timer).server;
  // Again and again: what was busy now and rests later finds its last answer said "close" and does not rest
  // at all, but a connection that was just accepted may still be silent.
  for (ConnectionLink* link = self.connections_.next; link != &self.connections_;) {
    auto& connection = static_cast<Connection&>(*link);
    link = link->next;
    if (connection.idle()) connection.close_idle();
  }
  if (self.open_ != 0) self.loop_.arm(self.drain_timer_, self.loop_.now() + kDrainLingerMs * kNsPerMs);
}

void Server::abort_all() {
  for (ConnectionLink* link = connections_.next; link != &connections_;) {
    auto& connection = static_cast<Connection&>(*link);
    link = link->next;
    if (connection.idle()) {
      connection.close_idle();
    } else {
      connection.abort();
    }
  }
}

std::string_view Server::date() {
  const std::int64_t second = loop_.clock().wall_ns() / kNsPerSecond;
  if (second != date_second_) {
    date_second_ = second;
    http::format_http_date(second, date_);
  }
  return {date_, sizeof date_};
}

}  // namespace linkspan::gateway
