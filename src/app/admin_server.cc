#include "app/admin_server.h"

#include <utility>

#include "app/break_off.h"

namespace linkspan::app {

namespace {

// Scrapers and operators are few; whoever opens more connections shall not take descriptors from callers.
constexpr std::uint64_t kMaxConnections = 256;

gateway::ServerLimits admin_limits() {
  gateway::ServerLimits limits;
  limits.max_connections = kMaxConnections;
  return limits;
}

}  // namespace

AdminServer::AdminServer(io::Loop& loop, AdminPages pages, FlowHost& flows, const Logger& log,
                         MetricShard& shard)
    : log_(log),
      handler_(std::move(pages), flows),
      server_(loop, handler_, admin_limits(), log_, shard, {}) {}

AdminServer::~AdminServer() {
  break_off(server_, server_.loop());
}

}  // namespace linkspan::app
