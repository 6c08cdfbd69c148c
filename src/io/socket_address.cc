#include "io/socket_address.h"

#include <cstring>

#include <arpa/inet.h>

#include "base/error_kinds.h"

namespace linkspan::io {

SocketAddress SocketAddress::from(const sockaddr* address) {
  SocketAddress result;
  std::memcpy(&result.storage_, address,
              address->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
  return result;
}

Result<SocketAddress> SocketAddress::parse(std::string_view host, std::uint16_t port) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const std::string text(host);
  SocketAddress result;
  if (::inet_pton(AF_INET, text.c_str(), &result.storage_.v4.sin_addr) == 1) {
    result.storage_.v4.sin_family = AF_INET;
  } else if (::inet_pton(AF_INET6, text.c_str(), &result.storage_.v6.sin6_addr) == 1) {
    result.storage_.v6.sin6_family = AF_INET6;
  } else {
    return Error(errors::system_error, "\"" + text + "\" is not an IPv4 or IPv6 address");
  }
  result.set_port(port);
  return result;
}

std::uint16_t SocketAddress::port() const {
  return ntohs(family() == AF_INET6 ? storage_.v6.sin6_port : storage_.v4.sin_port);
}

void SocketAddress::set_port(std::uint16_t port) {
  (family() == AF_INET6 ? storage_.v6.sin6_port : storage_.v4.sin_port) = htons(port);
}

std::string_view SocketAddress::format_host(char* out) const {
  const void* address = family() == AF_INET6 ? static_cast<const void*>(&storage_.v6.sin6_addr)
                                             : static_cast<const void*>(&storage_.v4.sin_addr);
  if (::inet_ntop(family(), address, out, INET6_ADDRSTRLEN) == nullptr) return "unknown";
  return out;
}

std::string SocketAddress::to_string() const {
  char host[INET6_ADDRSTRLEN];
  std::string text(format_host(host));
  if (family() == AF_INET6) text = "[" + text + "]";
  return text + ":" + std::to_string(port());
}

bool operator==(const SocketAddress& a, const SocketAddress& b) {
  if (a.family() != b.family() || a.port() != b.port()) return false;
  if (a.family() == AF_INET6) {
    return std::memcmp(&a.storage_.v6.sin6_addr, &b.storage_.v6.sin6_addr, sizeof(in6_addr)) == 0;
  }
  return a.family() == AF_UNSPEC || a.storage_.v4.sin_addr.s_addr == b.storage_.v4.sin_addr.s_addr;
}

}  // namespace linkspan::io
