#include "auth/api_key_table.h"

#include <deque>
#include <string>

#include <gtest/gtest.h>

namespace linkspan::auth {
namespace {

std::string key_text(std::size_t i) {
  return "key-" + std::to_string(i);
}

// Each consumer has two keys.
ApiKeyTable table_of(std::size_t count, std::deque<Consumer>& consumers) {
  for (std::uint32_t i = 0; i < (count + 1) / 2; ++i) {
    consumers.emplace_back(i, "someone").rate = {.slot = i + 7, .rate_class = 3};
  }
  Sha256 hasher;
  std::vector<ApiKeyEntry> entries;
  for (std::size_t i = 0; i < count; ++i) {
    const Consumer& owner = consumers[i / 2];
    entries.push_back({hasher.digest(key_text(i)), &owner, i % 2 == 0 ? "first" : "second", owner.rate});
  }
  return ApiKeyTable(std::move(entries));
}

TEST(ApiKeyTable, finds_each_of_many_keys_and_its_consumer) {
  std::deque<Consumer> consumers;
  const ApiKeyTable table = table_of(20'000, consumers);
  Sha256 hasher;
  for (std::size_t i = 0; i < 20'000; ++i) {
    const ApiKeyEntry* entry = table.find(key_text(i), hasher);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->consumer, &consumers[i / 2]);
    EXPECT_EQ(entry->rate.slot, i / 2 + 7);
    EXPECT_EQ(entry->rate.rate_class, 3U);
    EXPECT_EQ(entry->key_id, i % 2 == 0 ? "first" : "second");
  }
}

TEST(ApiKeyTable, knows_no_other_keys) {
  std::deque<Consumer> consumers;
  const ApiKeyTable table = table_of(1000, consumers);
  Sha256 hasher;
  for (std::size_t i = 1000; i < 3000; ++i) EXPECT_EQ(table.find(key_text(i), hasher), nullptr);
  EXPECT_EQ(table.find("", hasher), nullptr);
}

TEST(ApiKeyTable, a_digest_that_differs_in_its_last_bit_alone_is_another_key) {
  Sha256 hasher;
  Digest digest = hasher.digest("secret");
  const ApiKeyTable table({{digest, nullptr, "k1", {}}});
  EXPECT_NE(table.find(digest), nullptr);
  digest.back() ^= 1;
  EXPECT_EQ(table.find(digest), nullptr);
}

TEST(ApiKeyTable, an_empty_table_accepts_nothing) {
  Sha256 hasher;
  EXPECT_EQ(ApiKeyTable().find("anything", hasher), nullptr);
  EXPECT_EQ(ApiKeyTable(std::vector<ApiKeyEntry>{}).find("anything", hasher), nullptr);
}

}  // namespace
}  // namespace linkspan::auth
