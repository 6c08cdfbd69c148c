// IPv4 and IPv6 addresses as values, and sets of networks. Pure; any thread. No name lookup, no allocation
// except in NetworkSet's construction.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace linkspan::http {

// 16 bytes: IPv4 as the IPv4-mapped IPv6 address (::ffff:a.b.c.d), so that both forms of one address are
// equal.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  static IpAddress v4(std::array<std::uint8_t, 4> octets);
  bool is_v4() const;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

// "192.0.2.1" (four decimal octets, no leading zeros) or an RFC 4291 text form, without brackets, port or
// zone.
std::optional<IpAddress> parse_ip_address(std::string_view text);

inline constexpr std::size_t kMaxIpAddressText = 45;
// RFC 5952 text into `out` (at least kMaxIpAddressText); the view of what was written.
std::string_view format_ip_address(const IpAddress& address, char* out);

// A set of networks ("10.0.0.0/8", "2001:db8::/32", a single address), e.g. the trusted proxies.
class NetworkSet {
 public:
  NetworkSet() = default;
  // Adds one; config-invalid with the reason otherwise (bits set past the prefix are an error too).
  Result<void> add(std::string_view cidr);
  bool contains(const IpAddress& address) const;
  bool empty() const { return networks_.empty(); }

 private:
  struct Network {
    IpAddress base;
    std::uint8_t prefix_bits;  // of 128
  };
  std::vector<Network> networks_;
};

}  // namespace linkspan::http
