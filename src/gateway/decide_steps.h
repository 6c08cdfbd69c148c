// The steps of decide(), for explain(), which takes them one by one to tell about each.
#pragma once

#include <optional>

#include "gateway/decide.h"

namespace linkspan::gateway {

// Sets context.path from the head; false: refused.
bool normalize_target(RequestContext& context);
RouteQuery route_query(const RequestContext& context);
// Finds the endpoint; a decision if there is none, or the request ends here for another reason.
std::optional<Decision> route(const Snapshot& snapshot, RequestContext& context);
// What the endpoint does with requests that its policies let pass.
Decision dispatch(const RequestContext& context);

}  // namespace linkspan::gateway
