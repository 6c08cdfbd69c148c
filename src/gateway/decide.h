// What happens to a request, from its head alone: normalise the target, route, run the endpoint's policies.
// The one function behind live traffic; explain() follows the same steps without their effects.
#pragma once

#include <cstdint>

#include "gateway/request_context.h"
#include "gateway/snapshot.h"

namespace linkspan::gateway {

struct Decision {
  enum class Kind : std::uint8_t {
    proxy,    // to context.endpoint->proxy
    respond,  // with *response
    refuse,   // context.refusal says why
  };
  Kind kind = Kind::refuse;
  const StaticResponse* response = nullptr;
};

// `context` was started (RequestContext::start). In every case context.response_fields belong on the answer.
// Never allocates, save for a path that needs normalising.
Decision decide(const Snapshot& snapshot, RequestContext& context);

}  // namespace linkspan::gateway
