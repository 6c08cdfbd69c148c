// Who the client is behind trusted proxies, and what Linkspan tells the next hop about it: X-Forwarded-*,
// Forwarded (RFC 7239) and Via (RFC 9110 section 7.6.3). Pure functions on parsed heads; never allocate.
#pragma once

#include <string_view>

#include "http/fields.h"
#include "http/head_writer.h"
#include "http/ip_address.h"

namespace linkspan::http {

struct ClientInfo {
  IpAddress address;
  bool https = false;
  std::string_view host;  // as the outermost trusted proxy saw it; empty if none says
};

// Walks X-Forwarded-For (or, in its absence, Forwarded) from right to left: as long as the nearer hop is
// trusted, the next address counts. With an untrusted peer the fields are ignored. An element that is no
// address ends the walk, and so does what comes before an open quote in a Forwarded line. `https` and `host`
// come from X-Forwarded-Proto and -Host (or Forwarded's proto and host), if the peer is trusted.
ClientInfo client_info(const Fields& fields, const IpAddress& peer, bool peer_is_https,
                       const NetworkSet& trusted);

struct ForwardedOptions {
  bool x_forwarded = true;    // X-Forwarded-For, -Proto, -Host
  bool forwarded = false;     // Forwarded
  bool peer_trusted = false;  // append to what the peer sent; otherwise replace it
};

// Fields which write_forwarded() replaces: drop them when copying the head.
inline constexpr HeaderSet kForwardedHeaders = {HeaderId::x_forwarded_for,  HeaderId::x_forwarded_proto,
                                                HeaderId::x_forwarded_host, HeaderId::x_forwarded_port,
                                                HeaderId::forwarded,        HeaderId::x_real_ip};

// `peer` is the other end of the connection as text (format_ip_address), `host` the request's authority.
void write_forwarded(const Fields& fields, std::string_view peer, bool peer_is_https, std::string_view host,
                     const ForwardedOptions& options, HeadWriter& out);

// "Via: <received elements>, 1.1 pseudonym\r\n". Drop HeaderId::via when copying.
void write_via(const Fields& fields, int version_minor, std::string_view pseudonym, HeadWriter& out);

// How often our pseudonym is among the received Via elements; above a small number the request goes in
// circles.
int via_count(const Fields& fields, std::string_view pseudonym);

}  // namespace linkspan::http
