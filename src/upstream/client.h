// A buffered HTTP client over a Cluster: for health checks, token endpoints, flow steps; not for the proxy
// path. Whole request in, whole response out, within limits. Balances, retries and reports like the proxy;
// redirects are answers, not followed. Used by the loop's thread.
//
//   Request request{.method = http::Method::get, .target = "/contacts/7"};
//   auto response = co_await send(*cluster, std::move(request), deadline);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/method.h"
#include "io/task.h"
#include "upstream/cluster.h"

namespace linkspan::upstream {

struct HeaderLine {
  std::string name;
  std::string value;
};

struct Request {
  http::Method method = http::Method::get;
  std::string target = "/";  // path and query; the cluster's path_prefix is put before it
  // Besides Host, Content-Length and the cluster's credentials, which are added.
  std::vector<HeaderLine> headers = {};
  std::string body = {};
  bool idempotent = false;  // may be sent twice whatever its method says
  std::uint64_t hash = 0;   // for consistent_hash
};

struct Response {
  int status = 0;
  std::vector<HeaderLine> headers;
  std::string body;
  std::uint32_t attempts = 1;
  std::string server;  // label of the one that answered

  // Value of the first field of that name, in any case; empty if there is none.
  std::string_view header(std::string_view name) const;
};

struct ClientLimits {
  std::size_t max_header_bytes = 32 * 1024;
  std::size_t max_body_bytes = 4 * 1024 * 1024;
};

// `deadline` is loop time for everything, retries included. Pins the cluster. Errors: upstream_*; those of
// the last attempt. An answer past a limit is upstream_bad_response.
io::Task<Result<Response>> send(Cluster& cluster, Request request, MonotonicNs deadline,
                                ClientLimits limits = {});

}  // namespace linkspan::upstream
