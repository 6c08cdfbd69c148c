#include "app/listeners.h"

#include <span>

#include "io/tcp.h"

namespace linkspan::app {

namespace {

constexpr int kBacklog = 4096;

std::string_view port_of(std::string_view address) {
  return address.substr(address.rfind(':') + 1);
}

// Says which listener it is about, and its address only if that may be seen.
Error named(const Error& error, const ListenerPlan& plan) {
  std::string_view detail = error.detail();
  const std::string start = plan.address.to_string() + ": ";
  if (plan.address_is_secret && detail.starts_with(start)) detail.remove_prefix(start.size());
  return {error.kind(), plan.options->name + ": " + std::string(detail)};
}

// One socket for each server on the address of `plan`; returns where.
Result<std::string> open_sockets(const ListenerPlan& plan, std::span<ListenerChange> servers) {
  io::SocketAddress address = plan.address;
  for (ListenerChange& server : servers) {
    Result<io::UniqueFd> socket = io::listen_tcp(address, kBacklog);
    if (!socket) return std::move(socket).error();
    Result<io::SocketAddress> bound = io::local_address(socket->get());
    if (!bound) return std::move(bound).error();
    address = *bound;
    server.added.push_back({plan.key, std::move(*socket), plan.options});
  }
  return address.to_string();
}

// The change of a group of servers that all listen alike, and where they listen after it.
Result<Listeners::Addresses> prepare_group(const std::vector<ListenerPlan>& plans,
                                           const Listeners::Addresses& before,
                                           std::set<std::string>& own_ports,
                                           std::span<ListenerChange> servers) {
  Listeners::Addresses after;
  for (const ListenerPlan& plan : plans) {
    if (const auto open = before.find(plan.key); open != before.end()) {
      after.insert(*open);
      for (ListenerChange& server : servers) server.updated.push_back({plan.key, plan.options});
      continue;
    }
    if (plan.address.port() != 0 && !own_ports.contains(std::to_string(plan.address.port()))) {
      Result<void> alone = io::check_not_listened_to(plan.address);
      if (!alone) return named(alone.error(), plan);
    }
    Result<std::string> address = open_sockets(plan, servers);
    if (!address) return named(address.error(), plan);
    own_ports.emplace(port_of(*address));
    after.emplace(plan.key, std::move(*address));
  }
  for (const auto& [key, address] : before) {
    if (after.contains(key)) continue;
    for (ListenerChange& server : servers) server.removed.push_back(key);
  }
  return after;
}

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

Result<Listeners::Change> Listeners::prepare(const Generation& generation) const {
  Change change;
  change.workers.resize(workers_);
  std::set<std::string> own_ports = own_ports_;
  Result<Addresses> addresses = prepare_group(generation.listeners, addresses_, own_ports, change.workers);
  if (!addresses) return std::move(addresses).error();
  change.addresses = std::move(*addresses);
  Result<Addresses> admin =
      prepare_group(generation.admin, admin_addresses_, own_ports, std::span(&change.admin, 1));
  if (!admin) return std::move(admin).error();
  change.admin_addresses = std::move(*admin);
  return change;
}

void Listeners::commit(const Change& change) {
  addresses_ = change.addresses;
  admin_addresses_ = change.admin_addresses;
  for (const Addresses* group : {&addresses_, &admin_addresses_}) {
    for (const auto& [key, address] : *group) own_ports_.emplace(port_of(address));
  }
}

}  // namespace linkspan::app
