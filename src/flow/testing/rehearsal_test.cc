#include "flow/testing/rehearsal.h"

#include <gmock/gmock.h>

#include "flow/flow_testing.h"

namespace linkspan::flow {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::json;
using testing::Systems;
using testing::World;

constexpr const char* kReserve = R"(
      reserve:
        call: sys.reserve
        body: '{order: .id, cardToken: .token}'
        undo: { call: sys.cancel, path: { id: $reserve.id } }
)";
constexpr const char* kCharge = R"(
      charge:
        call: sys.charge
        body: '{reference: $run.id, amount: .total, for: $reserve.id}'
        reject: .status == 402
)";
constexpr const char* kCrm = R"(
      crm: { call: sys.putOrder, path: { id: .id }, body: '{charge: $charge.id}', retry: { within: 1m } }
    output: '{charge: $charge.id}'
)";
constexpr const char* kOrder = R"({"id":"o1","total":5,"token":"tok-1","customer":"c1"})";

std::string intake(const std::string& steps) {
  return "\n  intake:\n    steps:" + steps;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

Rehearsed rehearsed(World& world, store::RunNo run, const std::string& flows) {
  Result<store::StoredRun> stored = world.store().read(run);
  EXPECT_TRUE(stored);
  Result<RecordedRun> recorded = read_recorded_run("aaaaaaaa-" + std::to_string(run), *stored);
  EXPECT_TRUE(recorded);
  const Catalog catalog = testing::systems_catalog();
  const std::shared_ptr<const PlanSet> plans = testing::make_plans(flows, catalog);
  Result<Rehearsed> told = rehearse(*recorded, *plans, catalog);
  EXPECT_TRUE(told) << (told ? "" : told.error().to_string());
  return told ? *told : Rehearsed{};
}

const std::string kIntake = intake(std::string(kReserve) + kCharge + kCrm);

store::RunNo completed(World& world) {
  world.start("intake", kOrder);  // so that numbers matter
  const store::RunNo run = world.start("intake", kOrder).run;
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::completed);
  return run;
}

TEST(Rehearsal, the_same_flow_does_the_same) {
  World world(kIntake);
  const Rehearsed told = rehearsed(world, completed(world), kIntake);
  EXPECT_FALSE(told.differs);
  EXPECT_THAT(told.lines, IsEmpty());
  EXPECT_EQ(told.now, RunStatus::completed);
}

TEST(Rehearsal, another_mapping_is_shown_by_its_places_with_secrets_masked) {
  World world(kIntake);
  const store::RunNo run = completed(world);
  std::string changed = replaced(kIntake, "amount: .total", "amount: (.total * 2)");
  changed = replaced(changed, "cardToken: .token", "cardToken: (.token + \"!\")");
  const Rehearsed told = rehearsed(world, run, changed);
  EXPECT_TRUE(told.differs);
  EXPECT_THAT(told.lines,
              ElementsAre("reserve: /body/cardToken: *** -> another ***", "charge: /body/amount: 5 -> 10"));
}

TEST(Rehearsal, a_new_call_is_answered_by_an_example_and_that_is_said) {
  World world(kIntake);
  const store::RunNo run = completed(world);
  const Rehearsed told =
      rehearsed(world, run,
                intake(std::string(kReserve) + "      again: { call: sys.reserve, body: '{order: .id}' }\n" +
                       kCharge + kCrm));
  EXPECT_TRUE(told.differs);
  EXPECT_EQ(told.now, RunStatus::completed);
  EXPECT_THAT(told.lines, Contains("again: new: sys.reserve POST /reservations, done"));
  EXPECT_THAT(told.lines,
              Contains("again: no answer of sys.reserve is recorded: answered by the description's "
                       "example (201)"));
}

TEST(Rehearsal, a_step_that_is_gone_is_told) {
  World world(kIntake);
  const store::RunNo run = completed(world);
  const Rehearsed told =
      rehearsed(world, run,
                replaced(replaced(intake(std::string(kCharge) + kCrm), ", for: $reserve.id", ""),
                         "$charge.id}'\n", "1}'\n"));
  EXPECT_THAT(told.lines, Contains("reserve: not done any more: sys.reserve POST /reservations"));
  EXPECT_THAT(told.lines, Contains("charge: /body/for: \"2\" -> nothing"));
}

TEST(Rehearsal, another_end_is_told_with_its_reason_and_what_would_be_undone) {
  World world(kIntake);
  const store::RunNo run = completed(world);
  const Rehearsed told =
      rehearsed(world, run, replaced(kIntake, "reject: .status == 402", "reject: .body.id != null"));
  EXPECT_EQ(told.then, RunStatus::completed);
  EXPECT_EQ(told.now, RunStatus::undone);
  EXPECT_THAT(told.lines, Contains("then completed, now undone: charge was refused with status 200"));
  EXPECT_THAT(told.lines, Contains("undo of reserve: new: sys.cancel DELETE /reservations/2, undone"));
}

TEST(Rehearsal, refusals_failures_and_undoing_are_as_they_were) {
  World world(kIntake);
  world.systems().fate = [](const Outgoing& request) -> std::optional<Systems::Fate> {
    if (request.operation == "charge") return Systems::Fate{.status = 402};
    return std::nullopt;
  };
  const store::RunNo run = world.start("intake", kOrder).run;
  world.run_on();
  ASSERT_EQ(world.status(run), RunStatus::undone);
  EXPECT_FALSE(rehearsed(world, run, kIntake).differs);
}

TEST(Rehearsal, a_run_that_was_parked_and_skipped_by_a_person_ends_alike) {
  World world(kIntake);
  world.systems().fate = [](const Outgoing& request) -> std::optional<Systems::Fate> {
    if (request.operation == "putOrder") return Systems::Fate{.may_have_happened = false};
    return std::nullopt;
  };
  const store::RunNo run = world.start("intake", kOrder).run;
  world.run_on();
  ASSERT_EQ(world.status(run), RunStatus::parked);
  EXPECT_FALSE(rehearsed(world, run, kIntake).differs) << "also while it is parked";
  world.engine().repair(run, {.kind = RepairKind::skip}, [](const Result<void>&) {});
  world.run_on();
  ASSERT_EQ(world.status(run), RunStatus::completed);
  const Rehearsed told = rehearsed(world, run, kIntake);
  EXPECT_THAT(told.lines, IsEmpty());
}

TEST(Rehearsal, waits_events_decisions_lists_and_other_runs_are_fed_from_the_journal) {
  const std::string flows = R"(
  big:
    steps:
      list: { call: sys.listItems, paginate: { by: cursor, items: .data, next: .body.next, parameter: after } }
      later: { wait: 26h }
      paid: { wait_for: { event: paid, key: .id, timeout: 30d, on_timeout: undo } }
      boss: { wait_for: { approval: '"Really?"' } }
      bill: { run: { flow: bill, input: '{n: ($list | length)}' } }
      each: { foreach: $list, call: sys.putOrder, path: { id: '$item.n | tostring' }, body: $paid }
    output: '{bill: $bill, boss: $boss, paid: $paid, n: ($list | length)}'
  bill: { steps: { charge: { call: sys.charge, body: . } }, output: $charge.id }
)";
  World world(flows);
  const store::RunNo run = world.start("big", R"({"id":"o1"})").run;
  world.run_on();
  world.engine().emit("paid", "o1", json(R"({"by":"card"})"), "e1", [](const Result<void>&) {});
  world.run_on();
  world.engine().approve(run, "boss", json(R"("yes")"), [](const Result<void>&) {});
  world.run_on();
  ASSERT_EQ(world.status(run), RunStatus::completed);
  EXPECT_THAT(rehearsed(world, run, flows).lines, IsEmpty());
  const Rehearsed told = rehearsed(world, run, replaced(flows, "{n: ($list | length)}'", "{n: 0}'"));
  EXPECT_THAT(told.lines, ElementsAre("bill: /input/n: 5 -> 0"));
}

TEST(Rehearsal, a_run_that_waits_is_rehearsed_as_far_as_it_had_come) {
  const std::string flows =
      "\n  f: { steps: { one: { call: sys.reserve, body: . }, ask: { wait_for: { approval: "
      "'\"?\"', timeout: 2d, on_timeout: undo } } } }\n";
  World world(flows);
  const store::RunNo run = world.start("f", "{}").run;
  world.settle();
  ASSERT_EQ(world.status(run), RunStatus::waiting);
  const Rehearsed told = rehearsed(world, run, flows);
  EXPECT_THAT(told.lines, IsEmpty());
  EXPECT_EQ(told.now, RunStatus::waiting);
}

}  // namespace
}  // namespace linkspan::flow
