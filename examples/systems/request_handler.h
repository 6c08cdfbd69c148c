// Answers what arrives at one port of the demo: control, tools, or the operations of the port's system, with
// the faults that were asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/server/exchange.h"
#include "gateway/server/handler.h"
#include "systems/fault.h"

namespace linkspan::systems {

class Demo;
struct PlayedSystem;

class RequestHandler final : public gateway::Handler {
 public:
  // `system` is null at a port for control alone. Both outlive the handler.
  RequestHandler(Demo& demo, PlayedSystem* system) : demo_(demo), system_(system) {}

  // What X-Served-By says: the port's address.
  void set_served_by(std::string_view address) { served_by_ = address; }

  io::Task<void> handle(gateway::Exchange& exchange) override;
  void on_malformed(gateway::Exchange&, const ErrorKind&, std::string_view) override {}

 private:
  io::Task<void> operate(gateway::Exchange& exchange, std::optional<Fault> fault);

  Demo& demo_;
  PlayedSystem* system_;
  std::string served_by_;
};

}  // namespace linkspan::systems
