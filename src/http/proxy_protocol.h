// The PROXY protocol, versions 1 and 2, as a load balancer in front of a listener sends it before anything
// else. Incremental like the head parsers: call again with more bytes. Pure; never allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/h1_head.h"
#include "http/ip_address.h"
#include "http/protocol_error.h"

namespace linkspan::http {

struct ProxyHeader {
  // False for LOCAL and UNKNOWN (health checks of the balancer): use the connection's own addresses.
  bool has_addresses = false;
  IpAddress source;
  IpAddress destination;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  ProtocolError error;  // proxy-protocol-invalid
};

inline constexpr std::size_t kMaxProxyHeaderBytes = 16 + 4096;  // longer version 2 headers are refused

// complete: status.bytes is the size of the header. TLVs are skipped, but a CRC32c TLV is verified.
ParseStatus parse_proxy_header(std::string_view buffer, ProxyHeader& out);

}  // namespace linkspan::http
