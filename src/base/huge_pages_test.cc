#include "base/huge_pages.h"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace linkspan {
namespace {

template <typename T>
using Table = std::vector<T, HugePageAllocator<T>>;

std::uintptr_t address(const void* memory) {
  return reinterpret_cast<std::uintptr_t>(memory);
}

TEST(HugePages, a_large_table_lies_in_whole_huge_pages) {
  Table<std::uint64_t> table(kHugePagesFrom / sizeof(std::uint64_t), 7);
  EXPECT_EQ(address(table.data()) % kHugePageBytes, 0u);
  EXPECT_EQ(table.back(), 7u);
}

TEST(HugePages, large_memory_is_zero_to_its_end) {
  const std::size_t bytes = 2 * kHugePageBytes + 4096;
  for (int i = 0; i < 3; ++i) {  // also where there was something before
    auto* memory = static_cast<unsigned char*>(allocate_table(bytes, 8));
    for (std::size_t at = 0; at < bytes; at += 1024) {
      ASSERT_EQ(memory[at], 0);
      memory[at] = 1;
    }
    memory[bytes - 1] = 1;
    free_table(memory, bytes, 8);
  }
}

TEST(HugePages, a_table_that_grows_keeps_what_it_holds) {
  Table<std::uint32_t> table;
  for (std::uint32_t i = 0; i < 1'000'000; ++i) table.push_back(i);
  for (std::uint32_t i = 0; i < 1'000'000; ++i) ASSERT_EQ(table[i], i);
}

TEST(HugePages, a_small_table_is_aligned_as_its_type_needs) {
  struct alignas(256) Wide {
    char bytes[256];
  };
  const Table<Wide> table(3);
  EXPECT_EQ(address(table.data()) % 256, 0u);
}

}  // namespace
}  // namespace linkspan
