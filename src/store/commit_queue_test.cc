#include "store/commit_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "store/store_testing.h"

namespace linkspan::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Queue : public testing::Test {
 protected:
  void push(CommitQueue& queue, const std::string& name, Write write) {
    queue.push({std::make_shared<const Write>(std::move(write)), [this, name](Result<Committed> outcome) {
                  answers_.push_back(name + (outcome ? " committed" : " failed"));
                }});
  }
  static std::vector<RunNo> take(CommitQueue& queue) {
    std::vector<QueuedWrite> group;
    queue.take(group, false);
    std::vector<RunNo> runs;
    for (const QueuedWrite& queued : group) runs.push_back(queued.write->records.at(0).run);
    return runs;
  }
  std::vector<std::string> answers_;
};

TEST_F(Queue, groups_are_bounded_in_number_and_bytes) {
  CommitQueue queue({.max_writes = 3, .max_bytes = 1000});
  for (RunNo run = 1; run <= 4; ++run) push(queue, "w", record_write(run, 0, "small"));
  push(queue, "w", record_write(5, 0, std::string(5000, 'x')));
  push(queue, "w", record_write(6, 0, "small"));
  EXPECT_THAT(take(queue), ElementsAre(1, 2, 3));
  EXPECT_THAT(take(queue), ElementsAre(4));
  EXPECT_THAT(take(queue), ElementsAre(5)) << "larger than a group may be: one of its own";
  EXPECT_THAT(take(queue), ElementsAre(6));
  EXPECT_THAT(take(queue), IsEmpty());
}

TEST_F(Queue, what_follows_a_failed_write_of_the_same_run_fails_in_the_same_message) {
  CommitQueue queue({});
  push(queue, "first", record_write(1, 0, "a"));
  std::vector<QueuedWrite> group;
  queue.take(group, false);
  queue.fail(*group[0].write, errors::store_full, 1);
  push(queue, "taken while it failed", record_write(1, 1, "b"));
  push(queue, "of another run", record_write(2, 0, "c"));
  EXPECT_THAT(take(queue), ElementsAre(2));
  push(queue, "still queued", record_write(1, 2, "d"));

  std::vector<Answer> answers;
  answers.push_back({std::move(group[0].done), Error(errors::store_full, "full"), {}});
  queue.deliver(answers, 1);
  EXPECT_THAT(answers_, ElementsAre("first failed", "taken while it failed failed", "still queued failed"));

  push(queue, "handed over again", record_write(1, 0, "a"));
  EXPECT_THAT(take(queue), ElementsAre(1));
}

TEST_F(Queue, a_failure_spreads_to_the_other_runs_of_a_write_that_follows) {
  CommitQueue queue({});
  Write failed = record_write(1, 0, "a");
  queue.fail(failed, errors::store_failed, 1);
  Write both = record_write(1, 1, "b");
  both.records.push_back({2, 0, "c"});
  push(queue, "both", std::move(both));
  push(queue, "second run", record_write(2, 1, "d"));
  EXPECT_THAT(take(queue), IsEmpty());
  std::vector<Answer> answers;
  queue.deliver(answers, 1);
  EXPECT_THAT(answers_, ElementsAre("both failed", "second run failed"));
}

TEST_F(Queue, a_failure_that_the_engine_does_not_know_of_yet_goes_on) {
  CommitQueue queue({});
  queue.fail(record_write(1, 0, "a"), errors::store_failed, 1);
  queue.fail(record_write(2, 0, "a"), errors::store_failed, 2);
  push(queue, "of the second", record_write(2, 1, "b"));
  std::vector<Answer> none;
  queue.deliver(none, 1);
  EXPECT_THAT(take(queue), IsEmpty());
  EXPECT_THAT(answers_, IsEmpty());
  queue.deliver(none, 2);
  EXPECT_THAT(answers_, ElementsAre("of the second failed"));
}

TEST_F(Queue, what_was_pushed_before_closing_is_still_given_out) {
  CommitQueue queue({});
  push(queue, "w", record_write(1, 0, "a"));
  queue.close();
  std::vector<QueuedWrite> group;
  EXPECT_EQ(queue.take(group, true), CommitQueue::Taken::group);
  group.clear();
  EXPECT_EQ(queue.take(group, true), CommitQueue::Taken::closed);
}

}  // namespace
}  // namespace linkspan::store
