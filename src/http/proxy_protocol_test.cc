#include "http/proxy_protocol.h"

#include <string>

#include <gtest/gtest.h>

#include "http/testing/case_file.h"

namespace linkspan::http {
namespace {

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

std::string describe(const std::string& bytes) {
  ProxyHeader header;
  const ParseStatus status = parse_proxy_header(bytes, header);
  if (status.state == ParseState::need_more) return "more";
  if (status.state == ParseState::error) return "error";
  std::string out = std::to_string(status.bytes);
  if (!header.has_addresses) return out + " none";
  char text[kMaxIpAddressText];
  out += " " + std::string(format_ip_address(header.source, text)) + "/" + std::to_string(header.source_port);
  return out + " " + std::string(format_ip_address(header.destination, text)) + "/" +
         std::to_string(header.destination_port);
}

std::string v2(unsigned char version_command, unsigned char family, const std::string& payload) {
  std::string bytes = kSignature;
  bytes += static_cast<char>(version_command);
  bytes += static_cast<char>(family);
  bytes += static_cast<char>(payload.size() >> 8);
  bytes += static_cast<char>(payload.size() & 255);
  return bytes + payload;
}

const std::string kV4Addresses =
    testing::unescape("\\xc0\\0\\x02\\x01\\xc6\\x33\\x64\\x02\\xdc\\x04\\x01\\xbb");

TEST(ProxyProtocol, version_1) {
  EXPECT_EQ(describe("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\nGET /"),
            "45 192.0.2.1/56324 198.51.100.2/443");
  EXPECT_EQ(describe("PROXY TCP6 2001:db8::1 ::1 0 65535\r\n"), "36 2001:db8::1/0 ::1/65535");
  EXPECT_EQ(describe("PROXY UNKNOWN\r\n"), "15 none");
  EXPECT_EQ(describe("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), "35 none");
}

TEST(ProxyProtocol, version_1_malformed) {
  for (const char* line : {"PROXY \r\n", "PROXY TCP4\r\n", "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n",
                           "PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
                           "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n", "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n",
                           "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
                           "PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n", "PROXY TCP4 ::1 ::2 1 2\r\n",
                           "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
                           "PROXY UNKNOWNX\r\n", "GET / HTTP/1.1\r\n", "PROXYTCP4", "proxy "}) {
    EXPECT_EQ(describe(line), "error") << line;
  }
  EXPECT_EQ(describe("PROXY TCP4 " + std::string(96, '1')), "error") << "no end within 107 bytes";
}

TEST(ProxyProtocol, version_2) {
  EXPECT_EQ(describe(v2(0x21, 0x11, kV4Addresses) + "GET"), "28 192.0.2.1/56324 198.51.100.2/443");
  const std::string v6 =
      std::string(15, '\0') + "\x01" + std::string(15, '\0') + "\x02" + std::string("\0\x50\x01\xbb", 4);
  EXPECT_EQ(describe(v2(0x21, 0x21, v6)), "52 ::1/80 ::2/443");
  EXPECT_EQ(describe(v2(0x20, 0x00, "")), "16 none") << "LOCAL";
  EXPECT_EQ(describe(v2(0x21, 0x00, "xyz")), "19 none") << "unspecified family";
  EXPECT_EQ(describe(v2(0x21, 0x31, std::string(216, 'u'))), "232 none") << "a UNIX socket";
}

TEST(ProxyProtocol, version_2_malformed) {
  EXPECT_EQ(describe(v2(0x11, 0x11, kV4Addresses)), "error") << "version";
  EXPECT_EQ(describe(v2(0x22, 0x11, kV4Addresses)), "error") << "command";
  EXPECT_EQ(describe(v2(0x21, 0x11, "short")), "error");
  EXPECT_EQ(describe(v2(0x21, 0x21, kV4Addresses)), "error");
  EXPECT_EQ(describe(v2(0x21, 0x11, std::string(4097, 'x'))), "error") << "longer than allowed";
}

TEST(ProxyProtocol, type_length_values_are_skipped_but_must_be_whole) {
  EXPECT_EQ(describe(v2(0x21, 0x11, kV4Addresses + std::string("\x01\0\x02h2\x04\0\0", 8))),
            "36 192.0.2.1/56324 198.51.100.2/443");
  EXPECT_EQ(describe(v2(0x21, 0x11, kV4Addresses + std::string("\x01\0\x03h2", 5))), "error");
  EXPECT_EQ(describe(v2(0x21, 0x11, kV4Addresses + std::string("\x01\0", 2))), "error");
}

TEST(ProxyProtocol, a_checksum_is_verified) {
  // CRC-32C of the header with the checksum's bytes zero, computed with an independent implementation.
  const std::string tlv = testing::unescape("\\x03\\0\\x04\\x20\\xec\\x95\\x49");
  const std::string good = v2(0x21, 0x11, kV4Addresses + tlv);
  EXPECT_EQ(describe(good), "35 192.0.2.1/56324 198.51.100.2/443");
  for (std::size_t i = 16; i < 28; ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_EQ(describe(bad), "error") << "byte " << i;
  }
}

TEST(ProxyProtocol, every_prefix_wants_more) {
  for (const std::string& whole :
       {std::string("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n"), v2(0x21, 0x11, kV4Addresses)}) {
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
      ASSERT_EQ(describe(whole.substr(0, bytes)), "more") << bytes;
    }
  }
}

}  // namespace
}  // namespace linkspan::http
