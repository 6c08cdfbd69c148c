// The admin listener's pages, for operators and their tools, not for the public:
//   /          what there is
//   /healthz   200 as long as the process lives
//   /readyz    200 while it takes requests, 503 while it drains
//   /metrics   Prometheus text, or OpenMetrics where Accept asks for it
//   /status    JSON (status.h)
// GET and HEAD; other methods get 405. Served by the control thread, so that they answer whatever the workers
// do.
#pragma once

#include <functional>
#include <string>

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
  explicit AdminHandler(AdminPages pages) : pages_(std::move(pages)) {}

  io::Task<void> handle(gateway::Exchange& exchange) override;
  void on_malformed(gateway::Exchange&, const ErrorKind&, std::string_view) override {}

 private:
  AdminPages pages_;
};

}  // namespace linkspan::app
