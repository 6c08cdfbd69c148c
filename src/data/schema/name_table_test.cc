#include "data/schema/name_table.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace linkspan::data::schema {
namespace {

TEST(NameTable, finds_names_of_every_length_and_no_others) {
  std::vector<std::string> names;
  for (std::size_t size = 0; size < 40; ++size) {
    names.emplace_back(size, 'a');
    // One other byte, at each place.
    for (std::size_t at = 0; at < size; ++at) {
      names.emplace_back(size, 'a');
      names.back()[at] = 'b';
    }
  }
  NameTable<std::size_t> table;
  for (std::size_t i = 0; i < names.size(); i += 2) table[names[i]] = i;
  EXPECT_EQ(table.size(), (names.size() + 1) / 2);
  std::size_t probes = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto* found = table.find(names[i], probes);
    ASSERT_EQ(found != nullptr, i % 2 == 0) << names[i];
    if (found != nullptr) {
      EXPECT_EQ(found->value, i);
    }
  }
  EXPECT_LT(probes, names.size() * 4);
}

TEST(NameTable, keeps_the_order_in_which_names_came) {
  NameTable<int> table;
  table["b"] = 1;
  table["a"] = 2;
  table["b"] = 3;
  ASSERT_EQ(table.size(), 2u);
  EXPECT_EQ(table.entries()[0].name, "b");
  EXPECT_EQ(table.entries()[0].value, 3);
}

}  // namespace
}  // namespace linkspan::data::schema
