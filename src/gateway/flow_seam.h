// The seam between the gateway, which knows who calls and whether the call may proceed, and flows, which the
// gateway knows nothing of: an endpoint that neither proxies nor answers by itself gives its requests away
// here. Who implements it answers them.
#pragma once

#include <string_view>

#include "base/error.h"
#include "gateway/request_context.h"
#include "gateway/server/exchange.h"
#include "io/task.h"

namespace linkspan::gateway {

// A request that the endpoint's policies have let pass. Valid until handle() ends.
struct FlowRequest {
  const RequestContext& context;     // its response_fields belong on the answer, whatever it is
  std::string_view client;           // address as text
  const ErrorKind* error = nullptr;  // to be set where it is refused, for the access log
};

// One for each worker; used by its thread.
class FlowIntake {
 public:
  virtual ~FlowIntake() = default;

  // Answers the request. The body has not been read; it may be as large as the endpoint's max_body_bytes
  // allow, which is the implementation's to see to where no length is declared. Several are handled at once.
  virtual io::Task<void> handle(Exchange& exchange, FlowRequest& request) = 0;
};

}  // namespace linkspan::gateway
