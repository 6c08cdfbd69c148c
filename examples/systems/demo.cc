#include "systems/demo.h"

#include "base/error_kinds.h"
#include "io/tcp.h"
#include "systems/crm.h"
#include "systems/customers.h"
#include "systems/mail.h"
#include "systems/payments.h"
#include "systems/request_handler.h"
#include "systems/shop.h"
#include "systems/stock.h"

namespace linkspan::systems {

namespace {

constexpr int kBacklog = 1024;

gateway::ServerLimits server_limits() {
  gateway::ServerLimits limits;
  limits.head.max_header_bytes = 128 * 1024;
  limits.head.max_target_bytes = 64 * 1024;
  limits.head.max_fields = 500;
  return limits;
}

}  // namespace

// One port with its own server, so that it can be taken down alone.
struct Demo::Port {
  Port(Demo& demo, PlayedSystem* s, const io::SocketAddress& a)
      : system(s),
        address(a),
        handler(demo, s),
        server(demo.loop_, handler, server_limits(), Logger(), demo.shard_, gateway::ServerMetrics{}) {}

  PlayedSystem* system;  // null: control alone
  io::SocketAddress address;
  RequestHandler handler;
  gateway::Server server;
  bool up = false;
};

Demo::Demo(io::Loop& loop, std::size_t max_effects)
    : loop_(loop), shard_(metrics_.add_shard()), effects_(max_effects) {
  systems_.push_back({std::make_unique<Shop>(), {}});
  systems_.push_back({std::make_unique<Customers>(), {}});
  systems_.push_back({std::make_unique<Stock>(), {}});
  systems_.push_back({std::make_unique<Payments>(), {}});
  systems_.push_back({std::make_unique<Crm>(), {}});
  systems_.push_back({std::make_unique<Mail>(), {}});
}

Demo::~Demo() = default;

PlayedSystem* Demo::find(std::string_view name) {
  for (PlayedSystem& played : systems_) {
    if (played.system->name() == name) return &played;
  }
  return nullptr;
}

Result<void> Demo::listen(PlayedSystem* system, const io::SocketAddress& address) {
  auto port = std::make_unique<Port>(*this, system, address);
  Result<void> opened = open(*port);
  if (opened) ports_.push_back(std::move(port));
  return opened;
}

Result<void> Demo::open(Port& port) {
  Result<io::UniqueFd> listening = io::listen_tcp(port.address, kBacklog);
  if (!listening) return std::move(listening).error();
  const Result<io::SocketAddress> bound = io::local_address(listening->get());
  if (!bound) return Error(errors::listen_failed, bound.error().detail());
  port.address = *bound;
  const std::string name = port.address.to_string();
  port.handler.set_served_by(name);
  auto options = std::make_shared<gateway::ListenerOptions>();
  options->name = "http://" + name;
  Result<void> added = port.server.add_listener(name, std::move(*listening), std::move(options));
  port.up = added.ok();
  return added;
}

Result<void> Demo::set_down(const PlayedSystem& system, std::string_view address, bool down) {
  bool found = false;
  for (const auto& port : ports_) {
    const std::string name = port->address.to_string();
    if (port->system != &system || (!address.empty() && address != name)) continue;
    found = true;
    if (port->up != down) continue;
    if (down) {
      port->up = false;
      port->server.remove_listener(name);
      // Later, as the connection that asked for this may be one of those that are cut.
      loop_.post([server = &port->server] { server->abort_all(); });
    } else {
      Result<void> opened = open(*port);
      if (!opened) return opened;
    }
  }
  if (!found)
    return Error(errors::bad_request, "listener: the system has no address \"" + std::string(address) + "\"");
  return {};
}

void Demo::write_ports(JsonStringWriter& json, const PlayedSystem* system) const {
  json.begin_array();
  for (const auto& port : ports_) {
    if (port->system != system) continue;
    json.begin_object();
    json.member("address", port->address.to_string());
    json.member("up", port->up);
    json.end_object();
  }
  json.end_array();
}

std::string Demo::to_json() const {
  std::string text;
  JsonStringWriter json(text);
  json.begin_object();
  json.key("systems");
  json.begin_object();
  for (const PlayedSystem& played : systems_) {
    json.key(played.system->name());
    write_ports(json, &played);
  }
  json.end_object();
  json.key("control");
  write_ports(json, nullptr);
  json.end_object();
  return text;
}

void Demo::drain(std::function<void()> done) {
  ports_to_drain_ = ports_.size();
  if (ports_.empty()) {
    loop_.post(std::move(done));
    return;
  }
  for (const auto& port : ports_) {
    port->server.drain([this, done] {
      if (--ports_to_drain_ == 0) done();
    });
  }
}

void Demo::abort() {
  for (const auto& port : ports_) port->server.abort_all();
}

}  // namespace linkspan::systems
