// The admin listener's pages, for operators and their tools, not for the public:
//   /          what there is
//   /healthz   200 as long as the process lives
//   /readyz    200 while it takes requests, 503 while it drains
//   /metrics   Prometheus text, or OpenMetrics where Accept asks for it
//   /status    JSON (status.h)
//   /runs, /flows, /events   runs of flows (flows/flow_admin.h)
// GET and HEAD; other methods get 405, but where runs are changed. Served by the control thread, so that they
// answer whatever the workers do.
#pragma once

#include <functional>
#include <string>

#include "app/flows/flow_admin.h"
#include "base/metrics.h"
#include "gateway/server/exchange.h"
#include "gateway/server/handler.h"

namespace linkspan::app {

// Where the pages come from; called on the thread that serves them. The texts are appended.
struct AdminPages {
  std::function<bool()> ready;
  std::function<void(MetricsFormat, std::string&)> metrics;
  std::function<void(std::string&)> status;
};

class AdminHandler final : public gateway::Handler {
 public:
  // `flows` outlives it.
  AdminHandler(AdminPages pages, FlowHost& flows) : pages_(std::move(pages)), flows_(flows) {}

  io::Task<void> handle(gateway::Exchange& exchange) override;
  void on_malformed(gateway::Exchange&, const ErrorKind&, std::string_view) override {}

 private:
  AdminPages pages_;
  FlowAdmin flows_;
};

}  // namespace linkspan::app
