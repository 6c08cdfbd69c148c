// The requests by which flows are reached: endpoints that name a flow, webhooks, below both of them a place
// that tells how a run is doing, and the page of approvals. All but the first are made endpoints like others,
// so that they are routed, limited, counted and logged in the same way.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "app/flows/flow_set.h"
#include "config/config.h"

namespace linkspan::app {

// The config with endpoints for flows behind its own; the same object if there are none to add. `routes` is
// what each endpoint has to do with flows.
std::shared_ptr<const config::Config> with_flow_routes(std::shared_ptr<const config::Config> config,
                                                       std::vector<std::optional<FlowRoute>>& routes);

// Where the status of a run is told, by the path of the request that started it: "/orders/runs/ID".
std::string status_path(std::string_view path, std::string_view status_id);

}  // namespace linkspan::app
