// What was done and said not to be: writes that reported failure and are there, calls that took place and
// timed out.
#include <set>

#include <gtest/gtest.h>

#include "flow/flow_testing.h"
#include "flow/simulated_stores_testing.h"

namespace linkspan::flow {
namespace {

using testing::Effect;
using testing::FailingDisk;
using testing::Systems;
using testing::World;
using Failure = store::SimDisk::Failure;

// A reservation has a key, a charge can be asked for.
constexpr const char* kFlow =
    "  f:\n"
    "    steps:\n"
    "      reserve: { call: sys.reserve, body: '{}' }\n"
    "      charge: { call: sys.charge, body: '{reference: $run.id}', unknown: { call: sys.findCharges, "
    "query: "
    "{ reference: $run.id }, found: '.body.data[0]' } }\n"
    "    output: '$charge.id'\n";

struct DiskWorld {
  explicit DiskWorld(std::uint64_t seed)
      : world(kFlow, seed, 50'000, [this, seed](const Clock& clock) {
          auto made = std::make_unique<FailingDisk>(clock, seed);
          disk = made.get();
          return made;
        }) {}

  FailingDisk* disk = nullptr;
  World world;
};

// The first call of each operation takes place, and its caller runs out of patience.
void time_out_once(World& world, std::set<std::string>& timed_out) {
  world.systems().fate = [&timed_out](const Outgoing& request) -> std::optional<Systems::Fate> {
    if (!timed_out.insert(request.operation).second) return std::nullopt;
    return Systems::Fate{.took_place = true, .error = &errors::upstream_timeout_total};
  };
}

void repair(World& world, store::RunNo run, RepairKind kind) {
  world.engine().repair(run, {.kind = kind, .step = {}, .value = {}, .by = "ann"},
                        [](const Result<void>& outcome) { EXPECT_TRUE(outcome); });
  world.run_on();
}

// A webhook was answered 503, the power went, and its sender sends it again.
TEST(LostWord, a_start_that_was_refused_is_one_run_whether_it_is_found_on_the_disk_or_not) {
  int refused = 0;
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    for (std::uint64_t operation = 0; operation < 6; ++operation) {
      DiskWorld it(seed);
      it.disk->fail_after(operation, Failure::sync_error);
      if (!it.world.start("f", "{}", "order-7").error) continue;
      ++refused;
      it.world.kill();
      found += it.world.runs().list({})->empty() ? 0 : 1;
      EXPECT_FALSE(it.world.start("f", "{}", "order-7").error);
      it.world.run_on();
      const std::vector<store::RunRow> rows = *it.world.runs().list({});
      ASSERT_EQ(rows.size(), 1U);
      EXPECT_EQ(static_cast<RunStatus>(rows[0].state), RunStatus::completed);
      EXPECT_EQ(it.world.systems().done(), "reserve charge");
    }
  }
  EXPECT_GT(found, 0);
  EXPECT_LT(found, refused);
}

TEST(LostWord, a_step_whose_write_failed_is_done_once_whether_it_is_found_on_the_disk_or_not) {
  for (const Failure failure : {Failure::full, Failure::write_error, Failure::sync_error}) {
    for (std::uint64_t operation = 0; operation < 24; ++operation) {
      for (const bool power_goes : {false, true}) {
        DiskWorld it(operation + 1);
        const StartOutcome started = it.world.start("f", "{}");
        ASSERT_FALSE(started.error);
        it.disk->fail_after(operation, failure);
        it.world.settle();
        if (power_goes) it.world.kill();
        it.world.run_on();
        EXPECT_EQ(it.world.status(started.run), RunStatus::completed) << it.world.story(started.run);
        EXPECT_EQ(it.world.systems().done(), "reserve charge") << operation;
      }
    }
  }
}

TEST(LostWord, a_call_that_was_done_and_timed_out_has_its_effect_once) {
  World world(kFlow);
  std::set<std::string> timed_out;
  time_out_once(world, timed_out);
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  EXPECT_EQ(timed_out, (std::set<std::string>{"reserve", "charge", "findCharges"}));
  EXPECT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(world.systems().done(), "reserve charge");
  EXPECT_EQ(world.story(run),
            "start intent:reserve retry:reserve intent:reserve done:reserve intent:charge "
            "retry:charge intent:charge done:charge end");
}

TEST(LostWord, a_call_that_timed_out_and_can_neither_be_repeated_nor_asked_for_waits_for_a_person) {
  World world("  f: { steps: { charge: { call: sys.charge, body: '{}' } } }\n");
  std::set<std::string> timed_out;
  time_out_once(world, timed_out);
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::parked);
  EXPECT_EQ(world.systems().done(), "charge");
  world.engine().repair(run,
                        {.kind = RepairKind::skip, .step = {}, .value = testing::json("{}"), .by = "ann"},
                        [](const Result<void>& outcome) { EXPECT_TRUE(outcome); });
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(world.systems().done(), "charge");
}

// The charge took place, nobody could be asked, and the tries are used up.
constexpr const char* kUsedUp =
    "  f:\n"
    "    steps:\n"
    "      charge: { call: sys.charge, body: '{reference: $run.id}', retry: { attempts: 1 }, unknown: { "
    "call: "
    "sys.findCharges, query: { reference: $run.id }, found: '.body.data[0]' }, undo: { call: sys.refund, "
    "path: { id: "
    "$charge.id } } }\n";

TEST(LostWord, a_person_who_has_it_tried_again_has_it_asked_for_first) {
  World world(kUsedUp);
  std::set<std::string> timed_out;
  time_out_once(world, timed_out);
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::parked);
  repair(world, run, RepairKind::retry);
  EXPECT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(world.systems().done(), "charge");
}

TEST(LostWord, what_took_place_is_found_and_undone_when_a_person_gives_the_run_up) {
  World world(kUsedUp);
  std::set<std::string> timed_out;
  time_out_once(world, timed_out);
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  timed_out.insert("refund");
  repair(world, run, RepairKind::undo);
  EXPECT_EQ(world.status(run), RunStatus::parked);
  repair(world, run, RepairKind::retry);
  EXPECT_EQ(world.status(run), RunStatus::undone);
  EXPECT_EQ(world.systems().done(), "charge refund");
}

TEST(LostWord, an_attempt_that_was_turned_away_says_nothing_of_the_one_before) {
  World world(
      "  f: { steps: { reserve: { call: sys.reserve, body: '{}', retry: { attempts: 2 }, exhausted: undo, "
      "undo: { "
      "call: sys.cancel, path: { id: $reserve.id } } } } }\n");
  int attempts = 0;
  world.systems().fate = [&](const Outgoing&) -> std::optional<Systems::Fate> {
    ++attempts;
    if (attempts == 1) return Systems::Fate{.took_place = true, .error = &errors::upstream_timeout_total};
    if (attempts == 2) return Systems::Fate{.status = 503};
    return std::nullopt;
  };
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::parked);
  repair(world, run, RepairKind::undo);
  repair(world, run, RepairKind::retry);
  EXPECT_EQ(world.status(run), RunStatus::undone);
  EXPECT_EQ(world.systems().done(), "reserve cancel");
}

}  // namespace
}  // namespace linkspan::flow
