// The control API, under /_control on every port. It concerns the port's own system, or the one that
// ?system=NAME names; effects and reset at a control port concern all systems if none is named.
//
//   GET    /_control                          the systems and their addresses
//   GET    /_control/effects                  what was done, by Idempotency-Key (effect_log.h)
//   POST   /_control/reset                    state, effects and faults as at the start
//   GET    /_control/faults                   the rules and how often they were met
//   POST   /_control/faults                   adds a rule (fault.h), such as {"path": "/charges", "method":
//   "POST",
//                                             "kind": "reset", "when": "after", "count": 1}
//   DELETE /_control/faults[/ID]              clears all, or one
//   POST   /_control/down, /_control/up       {"listener": "127.0.0.1:7001"}: one address, or all without a
//   body
#pragma once

#include <string_view>

#include "gateway/server/exchange.h"
#include "io/task.h"

namespace linkspan::systems {

class Demo;
struct PlayedSystem;

io::Task<void> control(gateway::Exchange& exchange, Demo& demo, PlayedSystem* system,
                       std::string_view served_by);

}  // namespace linkspan::systems
