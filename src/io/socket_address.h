// An IPv4 or IPv6 address with a port, as the sockets API wants it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/result.h"

namespace linkspan::io {

class SocketAddress {
 public:
  SocketAddress() { storage_.base.sa_family = AF_UNSPEC; }
  // From a sockaddr_in or sockaddr_in6.
  static SocketAddress from(const sockaddr* address);
  // A numeric host ("10.0.0.5", "::1", "[::1]") and a port; errors with system_error for anything else.
  static Result<SocketAddress> parse(std::string_view host, std::uint16_t port);

  const sockaddr* data() const { return &storage_.base; }
  sockaddr* data() { return &storage_.base; }
  socklen_t size() const { return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }
  static constexpr socklen_t kCapacity = sizeof(sockaddr_in6);
  int family() const { return storage_.base.sa_family; }
  std::uint16_t port() const;
  void set_port(std::uint16_t port);

  // "10.0.0.5" or "2001:db8::1", without port or brackets, into `out` (at least INET6_ADDRSTRLEN bytes).
  std::string_view format_host(char* out) const;
  // "10.0.0.5:80" or "[2001:db8::1]:80".
  std::string to_string() const;

  friend bool operator==(const SocketAddress& a, const SocketAddress& b);

 private:
  union {
    sockaddr base;
    sockaddr_in v4;
    sockaddr_in6 v6;
  } storage_{};
};

}  // namespace linkspan::io
