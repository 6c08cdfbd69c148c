#include "gateway/limits/address_limits.h"

#include <string>

#include <gtest/gtest.h>

namespace linkspan::gateway {
namespace {

constexpr MonotonicNs kStart = 1000 * kNsPerSecond;

http::IpAddress address(std::string_view text) {
  return http::parse_ip_address(text).value();
}
http::IpAddress numbered_v4(std::uint32_t n) {
  return http::IpAddress::v4({static_cast<std::uint8_t>(n >> 24), static_cast<std::uint8_t>(n >> 16),
                              static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)});
}

class AddressLimitsTest : public testing::Test {
 protected:
  bool take(const http::IpAddress& client, std::uint32_t slot = 0, MonotonicNs now = kStart) {
    return limits_.take(client, slot, limit_, now).conforms;
  }
  AddressLimits limits_{42};
  const GcraLimit limit_ = make_gcra({.count = 1, .per = std::chrono::seconds(1), .burst = 2});
};

TEST_F(AddressLimitsTest, each_address_has_its_own_limit) {
  EXPECT_TRUE(take(address("192.0.2.1")));
  EXPECT_TRUE(take(address("192.0.2.1")));
  EXPECT_FALSE(take(address("192.0.2.1")));
  EXPECT_TRUE(take(address("192.0.2.2")));
}

TEST_F(AddressLimitsTest, each_limit_counts_an_address_apart) {
  EXPECT_TRUE(take(address("192.0.2.1"), 1));
  EXPECT_TRUE(take(address("192.0.2.1"), 1));
  EXPECT_FALSE(take(address("192.0.2.1"), 1));
  EXPECT_TRUE(take(address("192.0.2.1"), 2));
}

TEST_F(AddressLimitsTest, an_ipv6_subscriber_is_one_whatever_address_of_its_64_bit_network_it_takes) {
  EXPECT_TRUE(take(address("2001:db8:1:2::1")));
  EXPECT_TRUE(take(address("2001:db8:1:2:ffff::9")));
  EXPECT_FALSE(take(address("2001:db8:1:2:a:b:c:d")));
  EXPECT_TRUE(take(address("2001:db8:1:3::1")));
}

TEST_F(AddressLimitsTest, looking_counts_nothing) {
  EXPECT_EQ(limits_.peek(address("192.0.2.1"), 0, limit_, kStart).remaining, 2U);
  EXPECT_TRUE(take(address("192.0.2.1")));
  EXPECT_EQ(limits_.peek(address("192.0.2.1"), 0, limit_, kStart).remaining, 1U);
}

TEST_F(AddressLimitsTest, thousands_of_addresses_at_once_are_counted_exactly) {
  for (std::uint32_t i = 0; i < 5000; ++i) {
    EXPECT_TRUE(take(numbered_v4(i)));
    EXPECT_TRUE(take(numbered_v4(i)));
  }
  int passed = 0;
  for (std::uint32_t i = 0; i < 5000; ++i) passed += take(numbered_v4(i)) ? 1 : 0;
  EXPECT_EQ(passed, 0);
}

TEST_F(AddressLimitsTest, a_flood_of_addresses_locks_nobody_out_and_is_forgotten_when_it_ends) {
  for (std::uint32_t i = 0; i < 4 * AddressLimits::kSlots; ++i) EXPECT_TRUE(take(numbered_v4(i)));
  const http::IpAddress other = address("198.51.100.7");
  EXPECT_TRUE(take(other));
  const MonotonicNs later = kStart + 10 * kNsPerSecond;
  EXPECT_TRUE(take(other, 0, later));
  EXPECT_TRUE(take(other, 0, later));
  EXPECT_FALSE(take(other, 0, later));
}

}  // namespace
}  // namespace linkspan::gateway
