#include "http/ip_address.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

#include "base/error_kinds.h"
#include "base/strings.h"

namespace linkspan::http {

namespace {

constexpr std::array<std::uint8_t, 12> kV4Prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t kGroups = 8;

bool parse_v4(std::string_view text, std::uint8_t* octets) {
  for (int i = 0; i < 4; ++i) {
    std::size_t digits = 0;
    unsigned value = 0;
    while (digits < text.size() && digits < 4 && is_digit(text[digits])) {
      value = value * 10 + static_cast<unsigned>(text[digits++] - '0');
    }
    if (digits == 0 || digits > 3 || value > 255 || (digits > 1 && text[0] == '0')) return false;
    octets[i] = static_cast<std::uint8_t>(value);
    text.remove_prefix(digits);
    if (i == 3) break;
    if (text.empty() || text.front() != '.') return false;
    text.remove_prefix(1);
  }
  return text.empty();
}

// One group of an IPv6 address, or the embedded IPv4 address that may stand for the last two.
bool parse_group(std::string_view part, std::array<std::uint8_t, 16>& bytes, std::size_t& groups) {
  if (part.find('.') != std::string_view::npos) {
    if (groups > kGroups - 2 || !parse_v4(part, &bytes[groups * 2])) return false;
    groups += 2;
    return true;
  }
  const auto value = parse_hex_u64(part);
  if (groups == kGroups || part.size() > 4 || !value) return false;
  bytes[groups * 2] = static_cast<std::uint8_t>(*value >> 8);
  bytes[groups * 2 + 1] = static_cast<std::uint8_t>(*value & 0xff);
  ++groups;
  return true;
}

// Groups separated by single colons; the embedded IPv4 form only as the very last, if `tail`.
bool parse_groups(std::string_view text, bool tail, std::array<std::uint8_t, 16>& bytes,
                  std::size_t& groups) {
  groups = 0;
  if (text.empty()) return true;
  while (true) {
    const std::size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    const bool last = colon == std::string_view::npos;
    if (part.find('.') != std::string_view::npos && !(last && tail)) return false;
    if (!parse_group(part, bytes, groups)) return false;
    if (last) return true;
    text.remove_prefix(colon + 1);
  }
}

std::optional<IpAddress> parse_v6(std::string_view text) {
  IpAddress address;
  std::size_t groups = 0;
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    if (!parse_groups(text, true, address.bytes, groups) || groups != kGroups) return std::nullopt;
    return address;
  }
  std::array<std::uint8_t, 16> tail{};
  std::size_t tail_groups = 0;
  if (!parse_groups(text.substr(0, gap), false, address.bytes, groups)) return std::nullopt;
  if (!parse_groups(text.substr(gap + 2), true, tail, tail_groups)) return std::nullopt;
  if (groups + tail_groups >= kGroups) return std::nullopt;
  std::copy_n(tail.begin(), tail_groups * 2,
              address.bytes.end() - static_cast<std::ptrdiff_t>(tail_groups * 2));
  return address;
}

char* write_v4(const std::uint8_t* octets, char* out) {
  for (int i = 0; i < 4; ++i) {
    if (i != 0) *out++ = '.';
    out += format_u64(octets[i], out);
  }
  return out;
}

struct ZeroRun {
  std::size_t begin = kGroups;
  std::size_t length = 1;  // RFC 5952 section 4.2.2: one group alone is not shortened
};

ZeroRun longest_zero_run(const std::array<unsigned, kGroups>& groups) {
  ZeroRun longest;
  for (std::size_t i = 0; i < kGroups;) {
    std::size_t end = i;
    while (end < kGroups && groups[end] == 0) ++end;
    if (end - i > longest.length) longest = {i, end - i};
    i = std::max(end, i + 1);
  }
  return longest;
}

char* write_v6(const IpAddress& address, char* out) {
  std::array<unsigned, kGroups> groups;
  for (std::size_t i = 0; i < kGroups; ++i) {
    groups[i] = static_cast<unsigned>(address.bytes[i * 2] << 8 | address.bytes[i * 2 + 1]);
  }
  const ZeroRun zeros = longest_zero_run(groups);
  for (std::size_t i = 0; i < kGroups;) {
    if (i == zeros.begin) {
      *out++ = ':';
      if (i == 0) *out++ = ':';
      i += zeros.length;
      continue;
    }
    out = std::to_chars(out, out + 4, groups[i], 16).ptr;
    if (++i < kGroups) *out++ = ':';
  }
  return out;
}

bool same_prefix(const IpAddress& a, const IpAddress& b, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (std::memcmp(a.bytes.data(), b.bytes.data(), whole) != 0) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a.bytes[whole] ^ b.bytes[whole]) >> (8 - rest)) == 0;
}

Error bad_network(std::string_view text, std::string_view reason) {
  return Error(errors::config_invalid, "network \"" + std::string(text) + "\": " + std::string(reason));
}

}  // namespace

IpAddress IpAddress::v4(std::array<std::uint8_t, 4> octets) {
  IpAddress address;
  std::copy(kV4Prefix.begin(), kV4Prefix.end(), address.bytes.begin());
  std::copy(octets.begin(), octets.end(), address.bytes.begin() + 12);
  return address;
}

bool IpAddress::is_v4() const {
  return std::equal(kV4Prefix.begin(), kV4Prefix.end(), bytes.begin());
}

std::optional<IpAddress> parse_ip_address(std::string_view text) {
  if (text.size() > kMaxIpAddressText) return std::nullopt;
  if (text.find(':') != std::string_view::npos) return parse_v6(text);
  std::array<std::uint8_t, 4> octets;
  if (!parse_v4(text, octets.data())) return std::nullopt;
  return IpAddress::v4(octets);
}

std::string_view format_ip_address(const IpAddress& address, char* out) {
  char* end = address.is_v4() ? write_v4(&address.bytes[12], out) : write_v6(address, out);
  return {out, static_cast<std::size_t>(end - out)};
}

Result<void> NetworkSet::add(std::string_view cidr) {
  const auto [text, prefix] = split_once(cidr, '/');
  const std::optional<IpAddress> base = parse_ip_address(text);
  if (!base) return bad_network(cidr, "not an IPv4 or IPv6 address");
  const bool v4 = text.find(':') == std::string_view::npos;
  const unsigned width = v4 ? 32 : 128;
  std::uint64_t bits = width;
  if (prefix) {
    const auto number = parse_u64(*prefix);
    if (!number || *number > width)
      return bad_network(cidr, "the prefix length is not a number from 0 to " + std::to_string(width));
    bits = *number;
  }
  bits += 128 - width;
  IpAddress cleared = *base;
  for (std::size_t i = 0; i < 16; ++i) {
    const std::size_t kept = std::min<std::size_t>(8, bits > i * 8 ? bits - i * 8 : 0);
    cleared.bytes[i] = static_cast<std::uint8_t>(cleared.bytes[i] & (0xff00U >> kept));
  }
  if (cleared != *base) {
    char suggestion[kMaxIpAddressText];
    return bad_network(cidr, "bits are set past the prefix; did you mean " +
                                 std::string(format_ip_address(cleared, suggestion)) + "/" +
                                 std::string(*prefix) + "?");
  }
  networks_.push_back({*base, static_cast<std::uint8_t>(bits)});
  return {};
}

bool NetworkSet::contains(const IpAddress& address) const {
  return std::any_of(networks_.begin(), networks_.end(), [&address](const Network& network) {
    return same_prefix(network.base, address, network.prefix_bits);
  });
}

}  // namespace linkspan::http
