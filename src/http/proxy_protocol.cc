#include "http/proxy_protocol.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/error_kinds.h"
#include "base/strings.h"

namespace linkspan::http {

namespace {

constexpr std::string_view kV1Prefix = "PROXY ";
constexpr std::size_t kMaxV1Bytes = 107;
constexpr std::string_view kV2Signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kV2FixedBytes = 16;
constexpr std::uint8_t kTlvCrc32c = 0x03;

ParseStatus refuse(ProxyHeader& out, std::size_t offset, std::string_view what) {
  out.error.set(errors::proxy_protocol_invalid, offset, what);
  return {ParseState::error, 0};
}

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}
std::uint16_t number_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(byte_at(bytes, at) << 8 | byte_at(bytes, at + 1));
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto value = parse_u64(text);
  const bool leading_zero = text.size() > 1 && text.front() == '0';
  if (!value || *value > 65535 || leading_zero) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

// "TCP4 192.0.2.1 198.51.100.1 56324 443"
bool parse_v1_addresses(std::string_view line, ProxyHeader& out) {
  std::string_view parts[5];
  std::size_t count = 0;
  for (std::string_view part : split(line, ' ')) {
    if (count == 5) return false;
    parts[count++] = part;
  }
  if (count != 5 || (parts[0] != "TCP4" && parts[0] != "TCP6")) return false;
  const bool v6 = parts[0] == "TCP6";
  const auto source = parse_ip_address(parts[1]);
  const auto destination = parse_ip_address(parts[2]);
  const auto source_port = parse_port(parts[3]);
  const auto destination_port = parse_port(parts[4]);
  if (!source || !destination || !source_port || !destination_port) return false;
  if ((parts[1].find(':') != std::string_view::npos) != v6) return false;
  if ((parts[2].find(':') != std::string_view::npos) != v6) return false;
  out.source = *source;
  out.destination = *destination;
  out.source_port = *source_port;
  out.destination_port = *destination_port;
  out.has_addresses = true;
  return true;
}

ParseStatus parse_v1(std::string_view buffer, ProxyHeader& out) {
  const std::string_view head = buffer.substr(0, kMaxV1Bytes);
  const std::size_t end = head.find('\n');
  if (end == std::string_view::npos) {
    if (head.size() == kMaxV1Bytes) return refuse(out, kMaxV1Bytes, "the PROXY line is too long");
    return {ParseState::need_more, buffer.size()};
  }
  if (head[end - 1] != '\r') return refuse(out, end, "the PROXY line does not end with CRLF");
  const std::string_view line = head.substr(kV1Prefix.size(), end - 1 - kV1Prefix.size());
  const bool unknown = line == "UNKNOWN" || line.starts_with("UNKNOWN ");
  if (!unknown && !parse_v1_addresses(line, out))
    return refuse(out, kV1Prefix.size(), "malformed PROXY line");
  return {ParseState::complete, end + 1};
}

// CRC-32C (Castagnoli, reflected), as the specification's PP2_TYPE_CRC32C wants it; bit by bit, a few hundred
// bytes a connection at most.
std::uint32_t crc32c(std::string_view bytes, std::size_t zeroed_at) {
  std::uint32_t crc = 0xffffffff;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool zeroed = i >= zeroed_at && i < zeroed_at + 4;
    crc ^= zeroed ? 0 : byte_at(bytes, i);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
  }
  return ~crc;
}

// Null if all TLVs from `at` on are well formed, else what is wrong.
const char* check_tlvs(std::string_view header, std::size_t at) {
  while (at < header.size()) {
    if (header.size() - at < 3) return "a TLV is cut off";
    const std::size_t length = number_at(header, at + 1);
    const std::size_t value = at + 3;
    if (header.size() - value < length) return "a TLV is longer than the header";
    if (byte_at(header, at) == kTlvCrc32c) {
      if (length != 4) return "the checksum has not four bytes";
      const std::uint32_t sent =
          static_cast<std::uint32_t>(number_at(header, value)) << 16 | number_at(header, value + 2);
      if (crc32c(header, value) != sent) return "the checksum is wrong";
    }
    at = value + length;
  }
  return nullptr;
}

void read_v2_addresses(std::string_view header, bool v6, ProxyHeader& out) {
  const std::size_t width = v6 ? 16 : 4;
  const auto read = [header, width, v6](std::size_t at) {
    IpAddress address;
    std::array<std::uint8_t, 4> octets;
    std::memcpy(v6 ? address.bytes.data() : octets.data(), header.data() + at, width);
    return v6 ? address : IpAddress::v4(octets);
  };
  out.source = read(kV2FixedBytes);
  out.destination = read(kV2FixedBytes + width);
  out.source_port = number_at(header, kV2FixedBytes + 2 * width);
  out.destination_port = number_at(header, kV2FixedBytes + 2 * width + 2);
  out.has_addresses = true;
}

ParseStatus parse_v2(std::string_view buffer, ProxyHeader& out) {
  if (buffer.size() < kV2FixedBytes) return {ParseState::need_more, buffer.size()};
  const std::uint8_t version_command = byte_at(buffer, 12);
  const std::uint8_t family = byte_at(buffer, 13);
  const std::size_t total = kV2FixedBytes + number_at(buffer, 14);
  if (version_command >> 4 != 2) return refuse(out, 12, "unknown version of the PROXY protocol");
  const std::uint8_t command = version_command & 15;
  if (command > 1) return refuse(out, 12, "unknown command of the PROXY protocol");
  if (total > kMaxProxyHeaderBytes) return refuse(out, 14, "the PROXY header is too long");
  if (buffer.size() < total) return {ParseState::need_more, buffer.size()};
  const std::string_view header = buffer.substr(0, total);
  // Only TCP over IPv4 and IPv6 has addresses that we use; the rest of the header is then opaque, as for
  // LOCAL.
  const bool v4 = command == 1 && family == 0x11;
  const bool v6 = command == 1 && family == 0x21;
  if (!v4 && !v6) return {ParseState::complete, total};
  const std::size_t addresses_end = kV2FixedBytes + (v6 ? 36 : 12);
  if (total < addresses_end) return refuse(out, 14, "the PROXY header is too short for its addresses");
  if (const char* wrong = check_tlvs(header, addresses_end)) return refuse(out, addresses_end, wrong);
  read_v2_addresses(header, v6, out);
  return {ParseState::complete, total};
}

}  // namespace

ParseStatus parse_proxy_header(std::string_view buffer, ProxyHeader& out) {
  out.has_addresses = false;
  out.error.clear();
  const auto begins_as = [buffer](std::string_view prefix) {
    return buffer.substr(0, prefix.size()) == prefix.substr(0, buffer.size());
  };
  if (buffer.empty()) return {ParseState::need_more, 0};
  if (begins_as(kV1Prefix)) {
    if (buffer.size() < kV1Prefix.size()) return {ParseState::need_more, buffer.size()};
    return parse_v1(buffer, out);
  }
  if (!begins_as(kV2Signature)) {
    return refuse(out, 0,
                  "the connection does not begin with a PROXY header, as the listener's config demands");
  }
  if (buffer.size() < kV2Signature.size()) return {ParseState::need_more, buffer.size()};
  return parse_v2(buffer, out);
}

}  // namespace linkspan::http
