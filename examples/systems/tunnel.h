// Connections that stop speaking HTTP: a WebSocket or any other protocol, whose bytes come back.
#pragma once

#include <string_view>

#include "gateway/server/exchange.h"
#include "io/task.h"

namespace linkspan::systems {

// Answers 101 and echoes until the client ends; 426 without an Upgrade.
io::Task<void> upgrade(gateway::Exchange& exchange, std::string_view rest, std::string_view served_by);

}  // namespace linkspan::systems
