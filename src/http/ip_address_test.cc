#include "http/ip_address.h"

#include <string>

#include <gtest/gtest.h>

namespace linkspan::http {
namespace {

std::string round_trip(std::string_view text) {
  const auto address = parse_ip_address(text);
  char out[kMaxIpAddressText];
  return address ? std::string(format_ip_address(*address, out)) : "invalid";
}

TEST(IpAddress, text_is_canonical) {
  EXPECT_EQ(round_trip("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(round_trip("0.0.0.0"), "0.0.0.0");
  EXPECT_EQ(round_trip("255.255.255.255"), "255.255.255.255");
  EXPECT_EQ(round_trip("::"), "::");
  EXPECT_EQ(round_trip("::1"), "::1");
  EXPECT_EQ(round_trip("1::"), "1::");
  EXPECT_EQ(round_trip("2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
  EXPECT_EQ(round_trip("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(round_trip("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");
  EXPECT_EQ(round_trip("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  EXPECT_EQ(round_trip("1:2:3:4:5:6:7:8"), "1:2:3:4:5:6:7:8");
  EXPECT_EQ(round_trip("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0");
  EXPECT_EQ(round_trip("64:ff9b::192.0.2.33"), "64:ff9b::c000:221");
  EXPECT_EQ(round_trip("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"),
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

TEST(IpAddress, mapped_addresses_are_the_same_as_ipv4) {
  EXPECT_EQ(round_trip("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(*parse_ip_address("::ffff:c000:201"), *parse_ip_address("192.0.2.1"));
  EXPECT_TRUE(parse_ip_address("::ffff:1.2.3.4")->is_v4());
  EXPECT_FALSE(parse_ip_address("::1.2.3.4")->is_v4());
}

TEST(IpAddress, other_text_is_refused) {
  for (const char* text : {"",
                           "1",
                           "1.2.3",
                           "1.2.3.4.5",
                           "1.2.3.256",
                           "01.2.3.4",
                           "1.2.3.4 ",
                           " 1.2.3.4",
                           "1..2.3",
                           "1.2.3.",
                           ".1.2.3",
                           "1.2.3.4:80",
                           "0x1.2.3.4",
                           "1.2.3.-4",
                           ":",
                           ":::",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1::2::3",
                           "12345::",
                           "g::",
                           "::1%eth0",
                           "[::1]",
                           "1:2:3:4:5:6:7:8::",
                           "::1.2.3",
                           "1.2.3.4::",
                           "::1.2.3.4:5",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           ":1::",
                           "1:"}) {
    EXPECT_EQ(round_trip(text), "invalid") << text;
  }
}

TEST(NetworkSet, contains_the_addresses_of_its_networks) {
  NetworkSet set;
  ASSERT_TRUE(set.add("10.0.0.0/8").ok());
  ASSERT_TRUE(set.add("192.168.4.0/22").ok());
  ASSERT_TRUE(set.add("203.0.113.7").ok());
  ASSERT_TRUE(set.add("2001:db8::/33").ok());
  for (const char* inside : {"10.0.0.0", "10.255.255.255", "::ffff:10.1.1.1", "192.168.7.255", "203.0.113.7",
                             "2001:db8:7fff::1"}) {
    EXPECT_TRUE(set.contains(*parse_ip_address(inside))) << inside;
  }
  for (const char* outside :
       {"11.0.0.0", "9.255.255.255", "192.168.8.0", "203.0.113.6", "2001:db8:8000::", "::10.0.0.1"}) {
    EXPECT_FALSE(set.contains(*parse_ip_address(outside))) << outside;
  }
}

TEST(NetworkSet, prefixes_of_zero_match_their_family) {
  NetworkSet v4;
  ASSERT_TRUE(v4.add("0.0.0.0/0").ok());
  EXPECT_TRUE(v4.contains(*parse_ip_address("8.8.8.8")));
  EXPECT_FALSE(v4.contains(*parse_ip_address("2001:db8::1")));
  NetworkSet all;
  ASSERT_TRUE(all.add("::/0").ok());
  EXPECT_TRUE(all.contains(*parse_ip_address("2001:db8::1")));
}

TEST(NetworkSet, a_mistaken_network_is_explained) {
  NetworkSet set;
  EXPECT_EQ(set.add("10.0.0.1/8").error().detail(),
            "network \"10.0.0.1/8\": bits are set past the prefix; did you mean 10.0.0.0/8?");
  EXPECT_EQ(set.add("10.0.0.0/33").error().detail(),
            "network \"10.0.0.0/33\": the prefix length is not a number from 0 to 32");
  EXPECT_EQ(set.add("localhost").error().detail(), "network \"localhost\": not an IPv4 or IPv6 address");
  EXPECT_FALSE(set.add("10.0.0.0/").ok());
  EXPECT_TRUE(set.empty());
}

}  // namespace
}  // namespace linkspan::http
