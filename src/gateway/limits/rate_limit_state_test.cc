#include "gateway/limits/rate_limit_state.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace linkspan::gateway {
namespace {

using Names = std::vector<std::string_view>;
using Needs = std::vector<RateLimitState::EndpointNeed>;

TEST(RateLimitState, a_name_keeps_its_cell_over_reloads_wherever_it_stands_in_the_config) {
  RateLimitState state;
  const auto before = state.acquire(Names{"a", "b"}, Needs{{"x", true}, {"y", false}});
  before.consumers->cell(before.consumer_slots[1]).store(7);
  before.endpoints->cell(before.endpoint_slots[0]).store(8);
  before.per_consumer[0]->cell(before.consumer_slots[1]).store(9);
  EXPECT_EQ(before.per_consumer[1], nullptr);

  const auto after = state.acquire(Names{"new", "b", "a"}, Needs{{"first", true}, {"x", true}});
  EXPECT_EQ(after.consumers->peek(after.consumer_slots[1]), 7);
  EXPECT_EQ(after.consumers->peek(after.consumer_slots[0]), 0);
  EXPECT_EQ(after.endpoints->peek(after.endpoint_slots[1]), 8);
  EXPECT_EQ(after.per_consumer[1]->peek(after.consumer_slots[1]), 9);
  EXPECT_EQ(after.per_consumer[0]->peek(after.consumer_slots[1]), 0);
}

TEST(RateLimitState, a_new_name_never_inherits_what_a_removed_one_had_counted) {
  RateLimitState state;
  const auto before = state.acquire(Names{"old"}, Needs{{"x", true}});
  before.consumers->cell(before.consumer_slots[0]).store(7);
  before.per_consumer[0]->cell(before.consumer_slots[0]).store(7);
  state.acquire(Names{"first"}, Needs{{"x", true}});
  state.retain(Names{"first"}, Needs{{"x", true}});
  const auto after = state.acquire(Names{"new"}, Needs{{"x", true}});
  EXPECT_EQ(after.consumer_slots[0], before.consumer_slots[0]) << "a number is given anew";
  EXPECT_EQ(after.consumers->peek(after.consumer_slots[0]), 0);
  EXPECT_EQ(after.per_consumer[0]->peek(after.consumer_slots[0]), 0);
}

TEST(RateLimitState, old_and_new_snapshots_count_in_the_same_cells_while_the_number_of_consumers_grows) {
  RateLimitState state;
  const auto before = state.acquire(Names{"a"}, Needs{});
  std::vector<std::string> many;
  for (int i = 0; i < 5000; ++i) many.push_back("c" + std::to_string(i));
  Names names{"a"};
  names.insert(names.end(), many.begin(), many.end());
  const auto after = state.acquire(names, Needs{});
  EXPECT_GE(after.consumers->capacity(), 5001U);
  before.consumers->cell(before.consumer_slots[0]).store(7);
  EXPECT_EQ(after.consumers->peek(after.consumer_slots[0]), 7);
  after.consumers->cell(after.consumer_slots[5000]).store(8);
  EXPECT_EQ(after.consumers->peek(after.consumer_slots[5000]), 8);
}

TEST(RateLimitState, a_config_that_is_not_taken_into_use_takes_nothing_from_the_others) {
  RateLimitState state;
  const auto in_use = state.acquire(Names{"a"}, Needs{{"x", true}});
  state.retain(Names{"a"}, Needs{{"x", true}});
  in_use.consumers->cell(in_use.consumer_slots[0]).store(7);
  in_use.endpoints->cell(in_use.endpoint_slots[0]).store(8);
  in_use.per_consumer[0]->cell(in_use.consumer_slots[0]).store(9);
  state.acquire(Names{"b", "c"}, Needs{{"y", true}});  // and refused for something else
  EXPECT_EQ(in_use.consumers->peek(in_use.consumer_slots[0]), 7);
  const auto next = state.acquire(Names{"a"}, Needs{{"x", true}});
  EXPECT_EQ(next.consumers->peek(next.consumer_slots[0]), 7);
  EXPECT_EQ(next.endpoints->peek(next.endpoint_slots[0]), 8);
  EXPECT_EQ(next.per_consumer[0]->peek(next.consumer_slots[0]), 9);
}

TEST(RateLimitState, changing_names_over_many_reloads_need_no_more_numbers) {
  RateLimitState state;
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "c" + std::to_string(i);
    const auto cells = state.acquire(Names{name}, Needs{{name, true}});
    EXPECT_LT(cells.consumer_slots[0], 2U);
    EXPECT_LT(cells.endpoint_slots[0], 2U);
    state.retain(Names{name}, Needs{{name, true}});
  }
}

}  // namespace
}  // namespace linkspan::gateway
