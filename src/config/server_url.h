// URLs of listeners and of servers: a scheme, a host and a port, nothing else. (URLs in general are the http
// room's.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace linkspan::config {

struct ServerUrl {
  bool tls = false;
  std::string host;  // lower case, no brackets
  std::uint16_t port = 0;
  bool is_address = false;  // the host is an IP address
  bool is_ipv6 = false;

  // "host:port", with brackets around an IPv6 address.
  std::string authority() const;
};

// For messages: a URL without what may be a password in front of its host.
std::string without_password(std::string_view url);

// Fails with errors::config_invalid; the detail is for the user and says nothing of the text itself.
Result<ServerUrl> parse_server_url(std::string_view text);
// The same for where to listen: the host is an IP address or "localhost" (which becomes 127.0.0.1); port 0 is
// allowed.
Result<ServerUrl> parse_listen_url(std::string_view text);

}  // namespace linkspan::config
