#include "app/listeners.h"

#include <algorithm>

#include "io/tcp.h"

namespace linkspan::app {

namespace {

constexpr int kBacklog = 4096;

}  // namespace

void ListenerChange::apply(gateway::Server& server, const Logger& log) {
  for (Added& listener : added) {
    const Result<void> result =
        server.add_listener(std::move(listener.key), std::move(listener.socket), std::move(listener.options));
    if (!result) log.error("cannot listen", {{"error", result.error().to_string()}});
  }
  for (Updated& listener : updated) server.update_listener(listener.key, std::move(listener.options));
  for (const std::string& key : removed) server.remove_listener(key);
}

Result<std::vector<ListenerChange>> Listeners::change_to(const std::vector<ListenerPlan>& plans) {
  std::vector<ListenerChange> changes(servers_);
  std::map<std::string, std::string> addresses;
  for (const ListenerPlan& plan : plans) {
    if (const auto open = addresses_.find(plan.key); open != addresses_.end()) {
      addresses.insert(*open);
      for (ListenerChange& change : changes) change.updated.push_back({plan.key, plan.options});
      continue;
    }
    io::SocketAddress address = plan.address;
    for (ListenerChange& change : changes) {
      Result<io::UniqueFd> socket = io::listen_tcp(address, kBacklog);
      if (!socket) return std::move(socket).error();
      Result<io::SocketAddress> bound = io::local_address(socket->get());
      if (!bound) return std::move(bound).error();
      address = *bound;
      change.added.push_back({plan.key, std::move(*socket), plan.options});
    }
    addresses[plan.key] = address.to_string();
  }
  for (const auto& [key, address] : addresses_) {
    if (addresses.contains(key)) continue;
    for (ListenerChange& change : changes) change.removed.push_back(key);
  }
  addresses_ = std::move(addresses);
  return changes;
}

}  // namespace linkspan::app
