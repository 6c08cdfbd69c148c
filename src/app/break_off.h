// The end of a server that may still have connections.
#pragma once

#include "base/clock.h"
#include "gateway/server/server.h"
#include "io/loop.h"

namespace linkspan::app {

// How long connections that are broken off may take to notice.
inline constexpr std::int64_t kBreakOffNs = kNsPerSecond;

// Makes every connection of `server` fail and runs its loop, which no longer runs by itself, until they have
// ended; at most for kBreakOffNs.
void break_off(gateway::Server& server, io::Loop& loop);

}  // namespace linkspan::app
