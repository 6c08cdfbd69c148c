#include "app/break_off.h"

namespace linkspan::app {

namespace {

constexpr int kRoundMs = 10;

}  // namespace

void break_off(gateway::Server& server, io::Loop& loop) {
  server.abort_all();
  const MonotonicNs deadline = loop.clock().monotonic_ns() + kBreakOffNs;
  while (server.open_connections() != 0 && loop.clock().monotonic_ns() < deadline) loop.run_once(kRoundMs);
}

}  // namespace linkspan::app
