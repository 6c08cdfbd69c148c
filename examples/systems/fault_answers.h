// How a request goes wrong once a fault has been chosen for it.
#pragma once

#include <string_view>

#include "gateway/server/exchange.h"
#include "io/task.h"
#include "systems/fault.h"
#include "systems/system.h"

namespace linkspan::systems {

// Ends the exchange as the fault says; not for FaultKind::none. `answer` is what would have been sent (halves
// need it).
io::Task<void> fail(gateway::Exchange& exchange, const Fault& fault, const Answer& answer,
                    std::string_view served_by);

}  // namespace linkspan::systems
