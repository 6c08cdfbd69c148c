#include "config/names.h"

#include <string>

#include <gtest/gtest.h>

#include "base/json_text.h"
#include "config/glob.h"
#include "config/server_url.h"

namespace linkspan::config {
namespace {

TEST(Names, names_of_things_are_words) {
  for (const char* good : {"crm", "new-order", "a.b", "user@shop.example", "2nd", "_x"})
    EXPECT_TRUE(is_name(good)) << good;
  for (const char* bad : {"", "a b", "-a", ".a", "a\"b", "\xC3\xA9", "a,b"})
    EXPECT_FALSE(is_name(bad)) << bad;
  EXPECT_TRUE(is_name(std::string(128, 'a')));
  EXPECT_FALSE(is_name(std::string(129, 'a')));
}

TEST(Names, header_values_cannot_break_the_message) {
  EXPECT_TRUE(is_header_value(""));
  EXPECT_TRUE(is_header_value("a\tb \xC3\xA9"));
  for (const char* bad : {"a\r\nX: y", "a\n", "a\x7f", " a", "a ", "\x01"})
    EXPECT_FALSE(is_header_value(bad)) << bad;
}

TEST(Names, hosts_are_names_and_addresses) {
  EXPECT_TRUE(is_host_name("a-1.example"));
  for (const char* bad : {"", "a..b", "-a", "a-", "a b", "a:80"}) EXPECT_FALSE(is_host_name(bad)) << bad;
  EXPECT_TRUE(is_ipv4_address("10.0.0.1"));
  EXPECT_FALSE(is_ipv4_address("10.0.0"));
  EXPECT_TRUE(is_ipv6_address("2001:db8::1"));
  EXPECT_FALSE(is_ipv6_address(std::string_view("::1\0x", 5)));
}

TEST(Glob, stars_and_question_marks) {
  EXPECT_TRUE(matches_glob("a.yaml", "*.yaml"));
  EXPECT_TRUE(matches_glob("10-a.yaml", "?0-*.yaml"));
  EXPECT_TRUE(matches_glob("aXbXc", "a*b*c"));
  EXPECT_FALSE(matches_glob("a.yml", "*.yaml"));
  EXPECT_FALSE(matches_glob(".a.yaml", "*.yaml"));
  EXPECT_TRUE(matches_glob(".a.yaml", ".*.yaml"));
  EXPECT_FALSE(matches_glob(std::string(60, 'a'), "*a*a*a*a*a*a*a*a*b"));
}

TEST(ServerUrl, default_ports_and_case) {
  const ServerUrl url = *parse_server_url("HTTPS://API.Example");
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.authority(), "api.example:443");
  EXPECT_EQ(parse_server_url("http://[2001:DB8::1]/")->authority(), "[2001:db8::1]:80");
  EXPECT_EQ(parse_listen_url("http://localhost:0")->authority(), "127.0.0.1:0");
}

TEST(ServerUrl, passwords_are_left_out_of_messages) {
  EXPECT_EQ(without_password("http://u:p@h"), "http://...@h");
  EXPECT_EQ(without_password("u:p@h"), "...@h");
  EXPECT_EQ(without_password("http://h"), "http://h");
}

// The access log writes names as they are.
TEST(Names, a_valid_name_needs_no_escapes_in_json) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string name = std::string("a") + static_cast<char>(byte);
    if (is_name(name)) {
      EXPECT_TRUE(is_plain_json_text(name)) << byte;
    }
  }
}

}  // namespace
}  // namespace linkspan::config
