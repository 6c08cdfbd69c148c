// The head of a request on its way to a server.
#pragma once

#include <string_view>

#include "base/trace.h"
#include "config/config.h"
#include "gateway/proxy_target.h"
#include "gateway/request_context.h"
#include "gateway/server/exchange.h"
#include "http/head_writer.h"

namespace linkspan::gateway {

// All that goes into it besides the received head.
struct RequestHeadParts {
  std::string_view method;
  std::string_view target;            // as write_upstream_target() made it
  std::string_view server_authority;  // for Host with HostMode::upstream
  std::string_view peer;              // the other end of the client's connection, as text
  std::string_view trace_parent;
  bool keep_trace_state = false;
  bool peer_trusted = false;
};

// Fields of a caller's request that are written anew, or of which it is decided here whether they go on.
inline constexpr http::HeaderSet kOwnRequestFields = {
    http::HeaderId::host,   http::HeaderId::traceparent, http::HeaderId::tracestate,
    http::HeaderId::expect, http::HeaderId::via,         http::HeaderId::x_request_id};

// Upgrade is passed on with requests that have no body: the body would have to be sent before the switch.
inline bool asks_for_upgrade(const http::RequestHead& head) {
  return !head.upgrade.empty() && head.framing == http::Framing::none;
}

// Which fields of a request, and of its trailer section, stay behind.
http::CopyRules request_copy_rules(const ProxyTarget& target);

void write_request_head(const Exchange& exchange, const ProxyTarget& target, const RequestContext& context,
                        const config::ForwardedConfig& forwarded, const RequestHeadParts& parts,
                        http::HeadWriter& out);

}  // namespace linkspan::gateway
