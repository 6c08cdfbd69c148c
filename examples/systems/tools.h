// Paths that every system's port has besides its own, for tests and benchmarks of what is in front of it:
//
//   GET  /bytes/N                 N bytes (with ?chunked=1 in chunks)
//   GET  /stream/N?interval_ms=M  N server-sent events, M milliseconds apart
//   any  /headers                 the request as it arrived, as JSON
//   any  /echo                    the body back (with ?stream=1 while it arrives)
//   any  /sink                    the body's length and SHA-256
//   any  /status/N                an answer with that status
//   any  /delay/MS                an answer after that time
//   GET  /upgrade                 101: a WebSocket that echoes messages, or for another protocol raw bytes
#pragma once

#include <string_view>

#include "gateway/server/exchange.h"
#include "io/task.h"

namespace linkspan::systems {

// `rest` is what follows the tool's name in the path, without the slash.
using Tool = io::Task<void> (*)(gateway::Exchange& exchange, std::string_view rest,
                                std::string_view served_by);

// The tool of a path and the rest of it; null if the path is none of theirs.
Tool find_tool(std::string_view path, std::string_view& rest);

}  // namespace linkspan::systems
