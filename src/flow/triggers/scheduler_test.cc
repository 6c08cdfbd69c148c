#include "flow/triggers/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "data/json_parse.h"
#include "flow/plan/plan.h"
#include "flow/run/record.h"
#include "store/memory_store.h"

namespace linkspan::flow {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr WallNs kMinute = 60 * kNsPerSecond;
constexpr WallNs kStart = 1'700'000'000 * kNsPerSecond;  // 22:13:20

struct NoCaller final : Caller {
  void call(Outgoing, Done) override {}
};

// A process with one flow, "tick", that does nothing.
class SchedulerTest : public ::testing::Test {
 protected:
  struct Process {
    Process(VirtualClock& clock, store::MemoryState state)
        : store(clock, std::move(state)),
          engine({.store = store, .caller = caller, .clock = clock, .random = random, .log = {}}),
          scheduler({.engine = engine, .store = store, .clock = clock, .log = {}}, *store.values()) {}
    store::MemoryStore store;
    NoCaller caller;
    Random random;
    Engine engine;
    Scheduler scheduler;
  };

  void begin(const char* cron, config::MissedTicks missed = config::MissedTicks::once) {
    store::MemoryState state = process ? process->store.state() : store::MemoryState();
    process.reset();
    process = std::make_unique<Process>(clock, std::move(state));
    config::FlowConfig flow;
    flow.name = "tick";
    config::StepConfig step;
    step.name = "one";
    step.set = config::Expression{.origin = {}, .text = "1", .is_literal = true};
    flow.steps.push_back(step);
    PlanResult plan = make_plan(flow, {});
    ASSERT_TRUE(plan.plan);
    auto plans = std::make_shared<PlanSet>();
    plans->plans.emplace("tick", plan.plan);
    ASSERT_TRUE(process->engine.recover(plans, {}));
    Result<Schedule> schedule =
        make_schedule("tick", {.origin = {}, .cron = cron, .time_zone = "UTC", .missed = missed});
    ASSERT_TRUE(schedule) << schedule.error().detail();
    process->scheduler.adopt({*schedule});
    settle();
  }
  void settle() {
    while (process->store.pump() != 0) {
    }
  }
  // As the host does: wakes the scheduler whenever it asks for it.
  void pass(WallNs time) {
    const WallNs end = clock.wall_ns() + time;
    for (WallNs next = process->scheduler.next_wake(); next != 0 && next <= end;
         next = process->scheduler.next_wake()) {
      clock.advance(std::max<WallNs>(next - clock.wall_ns(), 0));
      process->scheduler.wake();
      settle();
    }
    clock.advance(end - clock.wall_ns());
  }
  // Minutes of the hour for which runs were due, oldest first.
  std::vector<std::string> ticks() {
    std::vector<std::string> minutes;
    for (const auto& [run, records] : process->store.state().journals) {
      const Result<std::vector<Record>> read = parse_records(records.at(0));
      const std::string text((*read)[0].value.find("at")->string());
      minutes.push_back(text.substr(11, 5));
    }
    return minutes;
  }

  VirtualClock clock{kStart};
  std::unique_ptr<Process> process;
};

TEST_F(SchedulerTest, starts_a_run_at_each_tick) {
  begin("*/5 * * * *");
  pass(12 * kMinute);
  EXPECT_THAT(ticks(), ElementsAre("22:15", "22:20", "22:25"));
}

TEST_F(SchedulerTest, a_restart_repeats_nothing_and_loses_nothing) {
  begin("*/5 * * * *");
  pass(2 * kMinute);
  begin("*/5 * * * *");
  pass(5 * kMinute);
  EXPECT_THAT(ticks(), ElementsAre("22:15", "22:20"));
}

TEST_F(SchedulerTest, a_start_that_is_not_on_disk_when_the_process_dies_happens_after_the_restart) {
  begin("*/5 * * * *");
  clock.advance(process->scheduler.next_wake() - clock.wall_ns());
  process->scheduler.wake();
  process->store.crash();
  clock.advance(kMinute / 2);
  begin("*/5 * * * *");
  EXPECT_THAT(ticks(), IsEmpty());
  pass(kMinute / 4);
  EXPECT_THAT(ticks(), ElementsAre("22:15"));
}

TEST_F(SchedulerTest, what_was_missed_is_made_up_for_once) {
  begin("*/5 * * * *", config::MissedTicks::once);
  clock.advance(23 * kMinute);
  begin("*/5 * * * *", config::MissedTicks::once);
  pass(kMinute);
  EXPECT_THAT(ticks(), ElementsAre("22:35"));
}

TEST_F(SchedulerTest, what_was_missed_is_made_up_for_one_by_one) {
  begin("*/5 * * * *", config::MissedTicks::all);
  clock.advance(13 * kMinute);
  begin("*/5 * * * *", config::MissedTicks::all);
  pass(kMinute);
  EXPECT_THAT(ticks(), ElementsAre("22:15", "22:20", "22:25"));
}

TEST_F(SchedulerTest, what_was_missed_is_left_out) {
  begin("*/5 * * * *", config::MissedTicks::skip);
  clock.advance(13 * kMinute);
  begin("*/5 * * * *", config::MissedTicks::skip);
  pass(5 * kMinute);
  EXPECT_THAT(ticks(), ElementsAre("22:30"));
}

TEST_F(SchedulerTest, a_start_that_fails_is_tried_again) {
  begin("*/5 * * * *");
  process->store.fail_next(errors::store_full);
  pass(3 * kMinute);
  EXPECT_THAT(ticks(), ElementsAre("22:15"));
}

TEST_F(SchedulerTest, a_flow_that_is_gone_ticks_no_more) {
  begin("*/5 * * * *");
  process->scheduler.adopt({});
  EXPECT_EQ(process->scheduler.next_wake(), 0);
}

TEST(Schedule, says_what_is_no_schedule) {
  EXPECT_FALSE(make_schedule("x", {.origin = {}, .cron = "every day", .time_zone = "UTC", .missed = {}}));
  EXPECT_FALSE(
      make_schedule("x", {.origin = {}, .cron = "@daily", .time_zone = "Mars/Crater", .missed = {}}));
}

}  // namespace
}  // namespace linkspan::flow
