// The admin listener's pages: /healthz, /readyz, /metrics, /status. Served by the control thread, so that they answer
// whatever the workers do; for operators and their tools, not for the public.
#pragma once

#include "gateway/server/exchange.h"
#include "gateway/server/handler.h"

namespace linkspan::app {

class Runtime;

class AdminHandler final : public gateway::Handler {
 public:
  explicit AdminHandler(Runtime& runtime) : runtime_(runtime) {}

  io::Task<void> handle(gateway::Exchange& exchange) override;
  void on_malformed(gateway::Exchange&, const ErrorKind&, std::string_view) override {}

 private:
  Runtime& runtime_;
};

}  // namespace linkspan::app
