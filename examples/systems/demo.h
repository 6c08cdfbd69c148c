// The demo systems together: their states, their faults, the log of their effects, and the ports on which
// they can be reached. Everything runs on one loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/metrics.h"
#include "base/result.h"
#include "gateway/server/handler.h"
#include "gateway/server/server.h"
#include "io/loop.h"
#include "io/socket_address.h"
#include "systems/effect_log.h"
#include "systems/fault.h"
#include "systems/system.h"

namespace linkspan::systems {

// A system and what is wrong with it.
struct PlayedSystem {
  std::unique_ptr<System> system;
  FaultTable faults;
};

class Demo {
 public:
  Demo(io::Loop& loop, std::size_t max_effects);
  Demo(const Demo&) = delete;
  Demo& operator=(const Demo&) = delete;
  ~Demo();

  std::vector<PlayedSystem>& systems() { return systems_; }
  PlayedSystem* find(std::string_view name);
  EffectLog& effects() { return effects_; }

  // Opens one more port for a system (they all share its state), or for control alone if `system` is null.
  // Port 0 takes a free one. Errors: listen_failed.
  Result<void> listen(PlayedSystem* system, const io::SocketAddress& address);

  // Closes the listening socket and cuts the connections, or listens again, at one address ("127.0.0.1:7001")
  // or at all of the system. Errors: bad_request if the system has no such address, listen_failed.
  Result<void> set_down(const PlayedSystem& system, std::string_view address, bool down);

  // {"systems": {"stock": [{"address": "127.0.0.1:7001", "up": true}], ...}, "control": [...]}
  std::string to_json() const;

  // Ends in an orderly way: `done` is called once no connection is left, which abort() hastens.
  void drain(std::function<void()> done);
  void abort();

 private:
  struct Port;

  Result<void> open(Port& port);
  void write_ports(JsonStringWriter& json, const PlayedSystem* system) const;

  io::Loop& loop_;
  MetricsRegistry metrics_;
  MetricShard& shard_;
  std::vector<PlayedSystem> systems_;
  EffectLog effects_;
  std::vector<std::unique_ptr<Port>> ports_;
  std::size_t ports_to_drain_ = 0;
};

}  // namespace linkspan::systems
