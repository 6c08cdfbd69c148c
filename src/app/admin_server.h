// The admin listener. It runs on the control thread's loop, so that it answers whatever the workers do, and
// also while they drain.
#pragma once

#include "app/admin_handler.h"
#include "app/listeners.h"
#include "base/log.h"
#include "base/metrics.h"
#include "gateway/server/server.h"
#include "io/loop.h"

namespace linkspan::app {

class AdminServer {
 public:
  // `shard` is the control thread's; `flows` outlives it.
  AdminServer(io::Loop& loop, AdminPages pages, FlowHost& flows, const Logger& log, MetricShard& shard);
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;
  // The loop must not run any more: what is in flight is broken off.
  ~AdminServer();

  void adopt(ListenerChange change) { change.apply(server_, log_); }

 private:
  Logger log_;
  AdminHandler handler_;
  gateway::Server server_;
};

}  // namespace linkspan::app
