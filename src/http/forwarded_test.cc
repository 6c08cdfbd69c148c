#include "http/forwarded.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "http/h1_request.h"

namespace linkspan::http {
namespace {

struct Request {
  FieldStorage<> storage;
  RequestHead head{storage};
  std::string bytes;
  explicit Request(const std::string& lines)
      : bytes("GET / HTTP/1.1\r\nHost: own.example\r\n" + lines + "\r\n") {
    EXPECT_EQ(parse_request_head(bytes, {}, 0, head).state, ParseState::complete);
  }
};

NetworkSet trusted() {
  NetworkSet set;
  EXPECT_TRUE(set.add("10.0.0.0/8").ok());
  EXPECT_TRUE(set.add("fd00::/8").ok());
  return set;
}

std::string client(const std::string& lines, std::string_view peer = "10.0.0.1") {
  const Request request(lines);
  const ClientInfo info = client_info(request.head.fields, *parse_ip_address(peer), false, trusted());
  char text[kMaxIpAddressText];
  std::string out(format_ip_address(info.address, text));
  out += info.https ? " https" : " http";
  if (!info.host.empty()) out += " " + std::string(info.host);
  return out;
}

TEST(ClientInfo, an_untrusted_peer_is_the_client_whatever_it_says) {
  EXPECT_EQ(client("X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: x\r\n",
                   "203.0.113.9"),
            "203.0.113.9 http");
}

TEST(ClientInfo, walks_from_right_to_left_over_trusted_hops) {
  EXPECT_EQ(client("X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.0.0.2\r\n"), "203.0.113.9 http");
  EXPECT_EQ(
      client("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 10.0.0.2\r\n"),
      "203.0.113.9 http");
  EXPECT_EQ(client("X-Forwarded-For: 10.0.0.3, 10.0.0.2\r\n"), "10.0.0.3 http");
  EXPECT_EQ(client(""), "10.0.0.1 http");
}

TEST(ClientInfo, an_element_that_is_no_address_ends_the_walk) {
  EXPECT_EQ(client("X-Forwarded-For: 203.0.113.9, unknown, 10.0.0.2\r\n"), "10.0.0.2 http");
  EXPECT_EQ(client("X-Forwarded-For: <script>\r\n"), "10.0.0.1 http");
}

TEST(ClientInfo, addresses_may_have_ports_and_brackets) {
  EXPECT_EQ(client("X-Forwarded-For: 203.0.113.9:4711\r\n"), "203.0.113.9 http");
  EXPECT_EQ(client("X-Forwarded-For: [2001:db8::9]:4711\r\n"), "2001:db8::9 http");
  EXPECT_EQ(client("X-Forwarded-For: 2001:db8::9\r\n", "fd00::1"), "2001:db8::9 http");
}

TEST(ClientInfo, proto_and_host_are_those_of_the_outermost_trusted_proxy) {
  EXPECT_EQ(client("X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: "
                   "shop.example:8443\r\n"),
            "203.0.113.9 https shop.example:8443");
  EXPECT_EQ(
      client(
          "X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.0.0.2\r\nX-Forwarded-Proto: spoofed, https, http\r\n"),
      "203.0.113.9 https");
  EXPECT_EQ(client("X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Host: not a host\r\n"), "203.0.113.9 http");
}

TEST(ClientInfo, reads_forwarded_where_there_is_no_x_forwarded_for) {
  EXPECT_EQ(client("Forwarded: for=6.6.6.6, For=\"[2001:db8::9]:4711\";Proto=https;host=shop.example, "
                   "for=10.0.0.2\r\n"),
            "2001:db8::9 https shop.example");
  EXPECT_EQ(client("Forwarded: for=203.0.113.9, for=_hidden\r\n"), "10.0.0.1 http");
}

// Proxies append to the line that the caller sent.
TEST(ClientInfo, an_open_quote_hides_nothing_behind_it) {
  EXPECT_EQ(client("X-Forwarded-For: \", 203.0.113.7\r\n"), "203.0.113.7 http");
  EXPECT_EQ(client("X-Forwarded-For: 6.6.6.6, \"x, 203.0.113.7, 10.0.0.2\r\n"), "203.0.113.7 http");
  EXPECT_EQ(client("X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: \", https\r\n"), "203.0.113.7 https");
  EXPECT_EQ(client("Forwarded: for=6.6.6.6;x=\", for=203.0.113.7\r\n"), "203.0.113.7 http");
  EXPECT_EQ(client("Forwarded: for=6.6.6.6;x=\"\\, for=203.0.113.7;proto=https\r\n"), "203.0.113.7 https");
  EXPECT_EQ(client("Forwarded: for=6.6.6.6;x=\", for=\"[2001:db8::9]\"\r\n"), "2001:db8::9 http");
  EXPECT_EQ(client("Forwarded: for=6.6.6.6;x=\", for=6.6.6.7, for=10.0.0.2\r\n"), "10.0.0.2 http");
  EXPECT_EQ(client("Forwarded: for=6.6.6.6;x=\"\r\n"), "10.0.0.1 http");
}

TEST(ClientInfo, a_semicolon_in_quotes_begins_no_parameter) {
  EXPECT_EQ(client("Forwarded: by=\"x;for=6.6.6.6;y\";for=203.0.113.7\r\n"), "203.0.113.7 http");
}

TEST(ClientInfo, a_flood_of_elements_costs_only_a_bounded_walk) {
  std::string lines = "X-Forwarded-For: 6.6.6.6";
  for (int i = 0; i < 500; ++i) lines += ", 10.1.1.1";
  EXPECT_EQ(client(lines + "\r\n"), "10.1.1.1 http");
}

std::string forwarded_lines(const std::string& lines, const ForwardedOptions& options,
                            std::string_view peer = "10.0.0.1") {
  const Request request(lines);
  std::array<char, 1024> space;
  HeadWriter out(space);
  write_forwarded(request.head.fields, peer, true, request.head.authority, options, out);
  EXPECT_TRUE(out.ok());
  return std::string(out.written());
}

TEST(WriteForwarded, replaces_what_an_untrusted_peer_claims) {
  EXPECT_EQ(
      forwarded_lines("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: x\r\n", {}),
      "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: own.example\r\n");
}

TEST(WriteForwarded, appends_to_what_a_trusted_peer_says) {
  EXPECT_EQ(
      forwarded_lines("X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2\r\nX-Forwarded-Proto: http\r\n",
                      {.peer_trusted = true}),
      "X-Forwarded-For: 1.1.1.1, 2.2.2.2, 10.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: "
      "own.example\r\n");
}

TEST(WriteForwarded, writes_rfc_7239_with_quotes_where_needed) {
  EXPECT_EQ(forwarded_lines("Forwarded: for=1.1.1.1\r\n",
                            {.x_forwarded = false, .forwarded = true, .peer_trusted = true}, "2001:db8::9"),
            "Forwarded: for=1.1.1.1, for=\"[2001:db8::9]\";host=own.example;proto=https\r\n");
}

TEST(WriteForwarded, passes_no_open_quote_on) {
  const ForwardedOptions options{.x_forwarded = false, .forwarded = true, .peer_trusted = true};
  EXPECT_EQ(forwarded_lines("Forwarded: for=6.6.6.6;x=\", for=1.1.1.1\r\nForwarded: \"\r\n", options),
            "Forwarded: for=1.1.1.1, for=10.0.0.1;host=own.example;proto=https\r\n");
}

TEST(Via, appends_our_pseudonym_and_recognises_it) {
  const Request request("Via: 1.0 fred, 1.1 linkspan (x, y)\r\nVia: HTTP/1.1 Linkspan\r\n");
  std::array<char, 256> space;
  HeadWriter out(space);
  write_via(request.head.fields, 1, "linkspan", out);
  EXPECT_EQ(out.written(), "Via: 1.0 fred, 1.1 linkspan (x, y), HTTP/1.1 Linkspan, 1.1 linkspan\r\n");
  EXPECT_EQ(via_count(request.head.fields, "linkspan"), 2);
  EXPECT_EQ(via_count(request.head.fields, "span"), 0);
}

}  // namespace
}  // namespace linkspan::http
