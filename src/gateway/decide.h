// What happens to a request, from its head alone: normalise the target, route, run the endpoint's policies.
// decide() is all of it. Live traffic takes the steps one by one (GatewayHandler::decide): each ends by
// asking memory for what the next one looks at, so that other work can be done while that comes. explain()
// takes the same steps without their effects.
#pragma once

#include <cstdint>
#include <optional>

#include "gateway/request_context.h"
#include "gateway/snapshot.h"

namespace linkspan::gateway {

struct Decision {
  enum class Kind : std::uint8_t {
    proxy,    // to context.endpoint->proxy
    respond,  // with *response
    flow,     // starts a run of context.endpoint->config->flow
    refuse,   // context.refusal says why
  };
  Kind kind = Kind::refuse;
  const StaticResponse* response = nullptr;
};

// `context` was started (RequestContext::start). In every case context.response_fields belong on the answer.
// Never allocates, save for a path that needs normalising.
Decision decide(const Snapshot& snapshot, RequestContext& context);

// Finds the endpoint; a decision if there is none, or the request ends here for another reason.
std::optional<Decision> route(const Snapshot& snapshot, RequestContext& context);
// Runs the policies that find out who calls; false: refused.
bool identify(RequestContext& context);
// Runs the others. What the endpoint does with the request, or a refusal.
Decision admit(RequestContext& context);

// The parts of route() and admit() that explain() needs by themselves.
// Sets context.path from the head; false: refused.
bool normalize_target(RequestContext& context);
RouteQuery route_query(const RequestContext& context);
// What the endpoint does with requests that its policies let pass.
Decision dispatch(const RequestContext& context);

}  // namespace linkspan::gateway
