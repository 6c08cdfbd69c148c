#include "gateway/proxy/request_writer.h"

#include "http/forwarded.h"

namespace linkspan::gateway {

namespace {

using http::HeaderId;

std::string_view host_value(const http::RequestHead& head, const ProxyTarget& target,
                            std::string_view server_authority) {
  switch (target.host_mode) {
    case HostMode::fixed:
      return target.host;
    case HostMode::preserve:
      return head.authority.empty() ? server_authority : head.authority;
    case HostMode::upstream:
      return server_authority;
  }
  return server_authority;
}

// What concerns this connection alone is said anew (RFC 9110 section 7.6.1).
void write_connection_fields(const http::RequestHead& head, http::HeadWriter& out) {
  if (head.framing == http::Framing::chunked) out.raw("Transfer-Encoding: chunked\r\n");
  const bool upgrade = asks_for_upgrade(head);
  if (upgrade) out.field("Upgrade", head.upgrade);
  if (head.accepts_trailers) out.raw("TE: trailers\r\n");
  if (upgrade) {
    out.raw(head.accepts_trailers ? "Connection: Upgrade, TE\r\n" : "Connection: Upgrade\r\n");
  } else if (head.accepts_trailers) {
    out.raw("Connection: TE\r\n");
  }
}

}  // namespace

http::CopyRules request_copy_rules(const ProxyTarget& target) {
  return {.drop = kOwnRequestFields | http::kForwardedHeaders | target.request_drop,
          .drop_names = target.request_drop_names,
          .drop_lookalikes = true};
}

void write_request_head(const Exchange& exchange, const ProxyTarget& target, const RequestContext& context,
                        const config::ForwardedConfig& forwarded, const RequestHeadParts& parts,
                        http::HeadWriter& out) {
  const http::RequestHead& head = *context.head;
  out.request_line(parts.method, parts.target);
  out.field("Host", host_value(head, target, parts.server_authority));
  http::copy_end_to_end(head.fields, request_copy_rules(target), out);
  write_connection_fields(head, out);
  if (head.expect_continue && head.version_minor != 0) out.raw("Expect: 100-continue\r\n");
  http::write_forwarded(head.fields, parts.peer, exchange.is_tls(), head.authority,
                        {.x_forwarded = forwarded.x_forwarded,
                         .forwarded = forwarded.forwarded,
                         .peer_trusted = parts.peer_trusted},
                        out);
  if (forwarded.via) http::write_via(head.fields, head.version_minor, forwarded.via_name, out);
  out.field("X-Request-Id", context.request_id);
  out.field("traceparent", parts.trace_parent);
  if (parts.keep_trace_state) {
    for (const http::Field& field : head.fields) {
      if (field.id == HeaderId::tracestate) out.field("tracestate", field.value());
    }
  }
  out.raw(target.request_lines);
  out.end();
}

}  // namespace linkspan::gateway
