// A buffered HTTP client over a Cluster: for health checks, token endpoints, flow steps; not for the proxy
// path. Whole request in, whole response out, within limits. Balances, retries and reports like the proxy;
// redirects are answers, not followed. Used by the loop's thread.
//
//   Request request{.method = http::Method::get, .target = "/contacts/7"};
//   auto response = co_await send(*cluster, std::move(request), deadline);
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/method.h"
#include "io/task.h"
#include "upstream/cluster.h"
#include "upstream/response_reader.h"

namespace linkspan::upstream {

struct Request {
  http::Method method = http::Method::get;  // not `other`, not CONNECT
  std::string target = "/";                 // path and query; the cluster's path_prefix is put before it
  // Besides Host, Content-Length and the cluster's credentials, which are added. Such fields given here,
  // Expect and those of one connection (RFC 9110 section 7.6.1) are left out.
  std::vector<HeaderLine> headers = {};
  std::string body = {};
  bool idempotent = false;  // may be sent twice whatever its method says
  std::uint64_t hash = 0;   // for consistent_hash
};

// `deadline` is loop time for everything, retries included. Pins the cluster. Errors: upstream_*; those of
// the last attempt. An answer past a limit is upstream_bad_response; a target or field that cannot be sent is
// target_invalid or header_invalid. The returned Response::attempts counts what was made, free retries
// included. `reached` (may be null; it outlives the task) is set to whether bytes of the request were sent in
// any attempt, so that after an error it may have happened.
io::Task<Result<Response>> send(Cluster& cluster, Request request, MonotonicNs deadline,
                                ClientLimits limits = {}, bool* reached = nullptr);

}  // namespace linkspan::upstream
