#include "base/random.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace linkspan {
namespace {

TEST(Random, same_seed_gives_the_same_numbers) {
  Random a(7);
  Random b(7);
  Random c(8);
  const std::uint64_t first = a.next_u64();
  EXPECT_EQ(first, b.next_u64());
  EXPECT_NE(first, c.next_u64());
}

TEST(Random, unseeded_generators_differ) {
  Random a;
  Random b;
  EXPECT_NE(a.next_u64(), b.next_u64());
}

TEST(Random, below_stays_below_and_reaches_every_value) {
  Random random(1);
  std::array<int, 6> counts{};
  for (int i = 0; i < 6000; ++i) ++counts.at(random.below(6));
  for (const int count : counts) EXPECT_NEAR(count, 1000, 200);
  EXPECT_EQ(random.below(1), 0U);
  EXPECT_EQ(random.below(0), 0U);
  const std::uint64_t huge = (std::uint64_t{1} << 63) + 1;
  for (int i = 0; i < 100; ++i) EXPECT_LT(random.below(huge), huge);
}

TEST(Random, unit_is_in_zero_to_one) {
  Random random(2);
  for (int i = 0; i < 1000; ++i) {
    const double unit = random.next_unit();
    EXPECT_GE(unit, 0);
    EXPECT_LT(unit, 1);
  }
}

TEST(Random, ids_are_lower_case_hex_and_distinct) {
  Random random(3);
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    char id[32];
    random.fill_hex128(id);
    const std::string text(id, sizeof id);
    EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_TRUE(seen.insert(text).second);
  }
  char id[16];
  random.fill_hex64(id);
  EXPECT_EQ(std::string_view(id, sizeof id).find_first_not_of("0123456789abcdef"), std::string_view::npos);
}

TEST(FillSecure, fills_every_byte) {
  std::array<std::uint8_t, 300> a{};
  std::array<std::uint8_t, 300> b{};
  ASSERT_TRUE(fill_secure(a).ok());
  ASSERT_TRUE(fill_secure(b).ok());
  EXPECT_NE(a, b);
  EXPECT_TRUE(std::any_of(a.end() - 16, a.end(), [](std::uint8_t byte) { return byte != 0; }));
}

}  // namespace
}  // namespace linkspan
