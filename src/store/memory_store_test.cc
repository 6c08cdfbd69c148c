#include "store/memory_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "store/store_testing.h"

namespace linkspan::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Memory : public testing::Test {
 protected:
  Store::CommitDone remember(const std::string& name) {
    return [this, name](Result<Committed> outcome) {
      answers_.push_back(name + " " + (outcome ? "committed" : std::string(outcome.error().slug())));
    };
  }
  VirtualClock clock_;
  MemoryStore store_{clock_};
  std::vector<std::string> answers_;
};

TEST_F(Memory, nothing_happens_before_it_is_pumped) {
  store_.commit(begin_write(1), remember("a"));
  EXPECT_FALSE(store_.read(1));
  EXPECT_THAT(answers_, IsEmpty());
  EXPECT_EQ(store_.pump(), 1u);
  EXPECT_TRUE(store_.read(1));
  EXPECT_THAT(answers_, ElementsAre("a committed"));
}

TEST_F(Memory, what_a_callback_hands_over_is_for_the_next_pump) {
  store_.commit(begin_write(1),
                [&](Result<Committed>) { store_.commit(record_write(1, 1, "b"), remember("b")); });
  EXPECT_EQ(store_.pump(), 1u);
  EXPECT_EQ(store_.read(1)->records.size(), 1u);
  EXPECT_EQ(store_.pump(), 1u);
  EXPECT_EQ(store_.read(1)->records.size(), 2u);
}

TEST_F(Memory, one_write_at_a_time_can_be_pumped) {
  store_.commit(begin_write(1), remember("a"));
  store_.commit(begin_write(2), remember("b"));
  EXPECT_EQ(store_.pump(1), 1u);
  EXPECT_THAT(answers_, ElementsAre("a committed"));
}

TEST_F(Memory, a_crash_forgets_what_is_queued_and_another_store_finds_the_rest) {
  store_.commit(begin_write(1), remember("a"));
  store_.pump();
  store_.commit(record_write(1, 1, "lost"), remember("b"));
  store_.crash();
  EXPECT_EQ(store_.pump(), 0u);
  EXPECT_THAT(answers_, ElementsAre("a committed"));
  MemoryStore later(clock_, store_.state());
  EXPECT_THAT(later.read(1)->records, ElementsAre("started"));
}

TEST_F(Memory, a_failing_write_takes_those_of_its_run_with_it) {
  store_.fail_next(errors::store_full);
  store_.commit(begin_write(1), remember("a"));
  store_.commit(begin_write(2), remember("b"));
  store_.commit(record_write(1, 1, "c"), remember("c"));
  store_.pump();
  EXPECT_THAT(answers_, ElementsAre("a store-full", "b committed", "c store-full"));
  EXPECT_EQ(store_.last_run().value(), 2);
  store_.commit(begin_write(1), remember("again"));
  store_.pump();
  EXPECT_EQ(answers_.back(), "again committed");
}

}  // namespace
}  // namespace linkspan::store
