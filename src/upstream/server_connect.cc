// Making a connection: name, addresses, TLS.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/error_kinds.h"
#include "base/units.h"
#include "io/tcp.h"
#include "io/tls_handshake.h"
#include "upstream/server_pending.h"

namespace linkspan::upstream {

namespace {

std::string_view advice(const ErrorKind& kind) {
  if (&kind == &errors::upstream_connect_refused) return "is it running, and listening on that port?";
  if (&kind == &errors::upstream_connect_failed) return "check the address and the route to it";
  if (&kind == &errors::upstream_timeout_connect)
    return "check that it is up and that no firewall drops the packets";
  if (&kind == &errors::upstream_dns_failed) return "check the host name in the server's url";
  if (&kind == &errors::upstream_tls_failed) return "check its certificate against the api's tls settings";
  if (&kind == &errors::out_of_sockets)
    return "raise the limit on open files, or keep more connections open to few servers (pool)";
  if (&kind == &errors::upstream_reset) return "check that it speaks TLS on that port";
  return {};
}

// Starts with another address each time, among those of the family that the resolver prefers.
void rotate(std::vector<io::SocketAddress>& addresses, std::uint32_t turn) {
  const int family = addresses.front().family();
  const auto end =
      std::ranges::find_if(addresses, [&](const auto& address) { return address.family() != family; });
  const auto preferred = end - addresses.begin();
  std::rotate(addresses.begin(), addresses.begin() + static_cast<std::ptrdiff_t>(turn) % preferred, end);
}

}  // namespace

// What is undone when opening fails, or when its task is destroyed while it waits.
struct Server::Opening {
  Opening(Server& s, bool slot) : server(s), has_slot(slot) { ++server.in_flight_; }
  Opening(const Opening&) = delete;
  Opening& operator=(const Opening&) = delete;
  ~Opening() {
    if (connection != nullptr) {
      connection->counted_ = has_slot;
      server.close(connection);
    } else if (has_slot && !done) {
      server.free_slot();
    }
    if (!done) --server.in_flight_;
  }

  void make() {
    connection = server.context_.connections.make();
    connection->server_ = &server;
    ++server.open_;
    server.context_.metrics.add(server.settings_.metrics.connections, 1);
  }
  Connection* finish() {
    done = true;
    connection->counted_ = has_slot;
    return std::exchange(connection, nullptr);
  }

  Server& server;
  bool has_slot;
  bool done = false;
  Connection* connection = nullptr;
};

io::Task<Result<Connection*>> Server::open_unlimited(io::Waiter& waiter, MonotonicNs deadline) {
  auto opened = co_await open_new(waiter, deadline, false);
  co_return opened;
}

io::Task<Result<Connection*>> Server::open_new(io::Waiter& waiter, MonotonicNs deadline, bool has_slot) {
  Opening opening(*this, has_slot);
  const MonotonicNs since = context_.loop.now();
  opening.make();
  io::Stream& stream = opening.connection->stream;
  stream.set_waiter(&waiter);
  Result<void> connected = co_await connect_any(*opening.connection, waiter, deadline);
  if (!connected) co_return std::move(connected).error();
  if (settings_.https) {
    const std::string& name = tls_settings_.server_name.empty() ? settings_.host : tls_settings_.server_name;
    stream.start_tls(tls_->connect(name, &tls_session_));
    Result<void> secured = co_await io::tls_connect(stream, waiter, deadline);
    if (!secured) co_return describe(secured.error(), 1);
  }
  context_.metrics.add(settings_.metrics.connects);
  context_.metrics.observe(settings_.metrics.connect_duration, context_.loop.now() - since);
  co_return opening.finish();
}

io::Task<Result<void>> Server::connect_any(Connection& connection, io::Waiter& waiter, MonotonicNs deadline) {
  auto resolving = context_.resolver.resolve(settings_.host, settings_.port, waiter, deadline);
  Result<io::Resolution> found = co_await resolving;
  if (!found) co_return describe(found.error(), 1);
  std::vector<io::SocketAddress>& addresses = found->addresses;
  rotate(addresses, next_address_++);
  for (std::size_t i = 0;; ++i) {
    const std::size_t remaining = addresses.size() - i;
    const MonotonicNs now = context_.loop.now();
    const MonotonicNs share = (deadline - now) / static_cast<MonotonicNs>(remaining);
    const MonotonicNs until = remaining == 1 ? deadline : now + std::max<MonotonicNs>(share, 0);
    Result<void> connected = co_await io::connect(connection.stream, waiter, addresses[i], until);
    if (connected) co_return connected;
    if (remaining == 1) co_return describe(connected.error(), addresses.size(), addresses[i].to_string());
  }
}

// What an error says, without the address where that is a secret or what the server is called anyway.
// `address`: the one that was tried, if any.
std::string Server::reason(const Error& error, std::string_view address) const {
  std::string_view text = error.detail();
  const bool leaves_out = settings_.address_is_secret || settings_.label.ends_with(address);
  const std::string start = std::string(address) + ": ";
  if (leaves_out && !address.empty() && text.starts_with(start)) text.remove_prefix(start.size());
  if (!settings_.address_is_secret) return std::string(text);
  const bool names_host = text.find(settings_.host) != std::string_view::npos;
  return std::string(names_host ? error.kind().title : text);
}

Error Server::describe(const Error& error, std::size_t addresses, std::string_view address) const {
  std::string detail = settings_.label + ": " + reason(error, address);
  if (addresses > 1) detail += " (the last of " + std::to_string(addresses) + " addresses)";
  const std::string_view hint = advice(error.kind());
  if (!hint.empty()) detail.append("; ").append(hint);
  return {error.kind(), std::move(detail)};
}

Error Server::waited_too_long(MonotonicNs waited) const {
  return {errors::upstream_none_available,
          settings_.label + ": all " + std::to_string(pool_.max_connections) +
              " connections (pool max_connections) stayed busy for " +
              format_duration(Duration(waited / kNsPerMs * kNsPerMs)) +
              "; raise the limit, add servers, or find out why it answers slowly"};
}

Error Server::line_too_long() const {
  return {errors::upstream_none_available, settings_.label + ": all " +
                                               std::to_string(pool_.max_connections) +
                                               " connections (pool max_connections) are busy, and " +
                                               std::to_string(pending_) + " requests wait for one already"};
}

}  // namespace linkspan::upstream
