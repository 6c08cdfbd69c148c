// What a person may have done to runs: again from a step, with another body, now instead of later.
#include <gtest/gtest.h>

#include "flow/flow_testing.h"

namespace linkspan::flow {
namespace {

using testing::json;
using testing::Systems;
using testing::World;

constexpr const char* kIntake = R"(
  intake:
    steps:
      reserve:
        call: sys.reserve
        body: '{order: .id}'
        undo: { call: sys.cancel, path: { id: $reserve.id } }
      charge: { call: sys.charge, body: '{reference: $run.id, reservation: $reserve.id}' }
      note: { after: [reserve], set: '"noted"' }
      crm: { after: [charge], call: sys.putOrder, path: { id: .id }, body: '{charge: $charge.id}', retry: { within: 1m } }
    output: '{charge: $charge.id}'
)";

constexpr const char* kOrder = R"({"id":"o1"})";

std::optional<Systems::Fate> refuse(const Outgoing& request, std::string_view operation, int status) {
  if (request.operation != operation) return std::nullopt;
  return Systems::Fate{.status = status};
}

// "" if it was done, else the slug.
std::string repair(World& world, store::RunNo run, Repair what) {
  std::string slug = "unanswered";
  what.by = "ann";
  world.engine().repair(run, std::move(what), [&](const Result<void>& result) {
    slug = result ? std::string() : std::string(result.error().slug());
  });
  world.settle();
  return slug;
}

store::RunNo parked_at_crm(World& world) {
  world.systems().fate = [](const Outgoing& request) { return refuse(request, "putOrder", 409); };
  const store::RunNo run = world.start("intake", kOrder).run;
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::parked);
  world.systems().fate = {};
  return run;
}

std::vector<std::string> keys_of(World& world, const std::string& step) {
  std::vector<std::string> keys;
  for (const Record& record : world.records(1)) {
    if (record.kind != RecordKind::intent || record.step != step) continue;
    const data::JsonValue* headers = record.value.find("headers");
    const data::JsonValue* key = headers == nullptr ? nullptr : headers->find("Idempotency-Key");
    keys.emplace_back(key == nullptr ? std::string_view() : key->string());
  }
  return keys;
}

TEST(Repair, from_a_step_on_all_is_done_anew_under_new_keys_and_what_was_before_keeps_its_outcome) {
  World world(kIntake);
  const store::RunNo run = parked_at_crm(world);
  EXPECT_EQ(repair(world, run, {.from = "charge", .confirmed = true}), "");
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(world.systems().done(), "reserve charge putOrder charge");
  const std::vector<std::string> keys = keys_of(world, "charge");
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0], "aaaaaaaa-1.charge");
  EXPECT_EQ(keys[1], "aaaaaaaa-1.charge.e1");
  EXPECT_EQ(world.story(run),
            "start intent:reserve done:reserve intent:charge done:note done:charge intent:crm park:crm "
            "again:charge again:crm intent:charge done:charge intent:crm done:crm end");
}

TEST(Repair, from_a_step_on_is_the_same_if_linkspan_is_killed_meanwhile) {
  World world(kIntake);
  const store::RunNo run = parked_at_crm(world);
  world.kill();
  EXPECT_EQ(repair(world, run, {.from = "reserve", .confirmed = true}), "");
  world.kill();
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(world.systems().done(), "reserve charge putOrder reserve charge");
}

TEST(Repair, effects_are_not_done_again_unless_that_is_confirmed) {
  World world(kIntake);
  const store::RunNo run = parked_at_crm(world);
  const std::string before = world.story(run);
  EXPECT_EQ(repair(world, run, {.from = "reserve"}), "repair-unconfirmed");
  EXPECT_EQ(world.story(run), before);
  EXPECT_EQ(repair(world, run, {.from = "note"}), "") << "nothing that it does can be seen outside";
}

TEST(Repair, from_the_parked_step_on_is_a_plain_retry_with_the_same_key) {
  World world(kIntake);
  const store::RunNo run = parked_at_crm(world);
  EXPECT_EQ(repair(world, run, {.from = "crm"}), "");
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(world.systems().done(), "reserve charge putOrder");
}

TEST(Repair, what_may_have_taken_place_is_settled_before_it_can_be_forgotten) {
  World world(kIntake);
  world.systems().fate = [](const Outgoing& request) -> std::optional<Systems::Fate> {
    if (request.operation == "charge") return Systems::Fate{.took_place = true};
    return std::nullopt;
  };
  const store::RunNo run = world.start("intake", kOrder).run;
  world.run_on();
  ASSERT_EQ(world.status(run), RunStatus::parked);
  EXPECT_EQ(repair(world, run, {.from = "reserve", .confirmed = true}), "repair-refused");
  EXPECT_EQ(repair(world, run, {.value = json(R"({"other":1})")}), "repair-unconfirmed");
  EXPECT_EQ(repair(world, run, {.kind = RepairKind::skip, .value = json(R"({"id":"2"})")}), "");
  world.run_on();
  EXPECT_EQ(world.systems().done(), "reserve charge putOrder");
}

TEST(Repair, runs_that_have_ended_or_go_on_by_themselves_are_left_alone) {
  World world(kIntake);
  const store::RunNo run = world.start("intake", kOrder).run;
  EXPECT_EQ(repair(world, run, {.from = "charge", .confirmed = true}), "repair-refused");
  world.run_on();
  ASSERT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(repair(world, run, {.from = "charge", .confirmed = true}), "run-ended");
  EXPECT_EQ(repair(world, run, {.kind = RepairKind::cancel}), "run-ended");
  EXPECT_EQ(repair(world, 99, {}), "run-not-found");
}

TEST(Repair, another_body_must_be_what_the_operation_takes_and_has_a_key_of_its_own) {
  World world(kIntake);
  world.systems().fate = [](const Outgoing& request) { return refuse(request, "charge", 422); };
  const store::RunNo run = world.start("intake", kOrder).run;
  world.run_on();
  EXPECT_EQ(repair(world, run, {.value = json("[1]")}), "input-invalid");
  world.systems().fate = {};
  EXPECT_EQ(repair(world, run, {.value = json(R"({"amount":5})")}), "");
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(world.systems().effects()[2].body, R"({"amount":5})");
  EXPECT_EQ(keys_of(world, "charge").back(), "aaaaaaaa-1.charge.e1");
}

TEST(Repair, tried_again_after_an_edit_the_edited_request_is_sent) {
  World world(kIntake);
  world.systems().fate = [](const Outgoing& request) { return refuse(request, "putOrder", 422); };
  const store::RunNo run = world.start("intake", kOrder).run;
  world.run_on();
  EXPECT_EQ(repair(world, run, {.value = json(R"({"charge":"x"})")}), "");
  world.run_on();
  ASSERT_EQ(world.status(run), RunStatus::parked);
  world.systems().fate = {};
  EXPECT_EQ(repair(world, run, {}), "");
  world.run_on();
  EXPECT_EQ(world.systems().effects().back().operation, "putOrder");
  std::vector<Record> records = world.records(run);
  std::erase_if(records, [](const Record& r) { return r.kind != RecordKind::intent || r.step != "crm"; });
  EXPECT_EQ(data::write_json(*records.back().value.find("json")), R"({"charge":"x"})");
}

TEST(Repair, resume_tries_at_once_what_would_be_tried_later) {
  World world(
      "  f: { steps: { put: { call: sys.putOrder, path: { id: '\"x\"' }, body: ., retry: { first_delay: 1h, "
      "within: 9h } } } }\n");
  world.systems().fate = [](const Outgoing& request) { return refuse(request, "putOrder", 503); };
  const store::RunNo run = world.start("f", "{}").run;
  world.settle();
  ASSERT_EQ(world.status(run), RunStatus::waiting);
  const WallNs before = world.clock().wall_ns();
  world.systems().fate = {};
  EXPECT_EQ(repair(world, run, {.kind = RepairKind::resume}), "");
  EXPECT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(world.clock().wall_ns(), before);
}

TEST(Repair, resume_ends_a_wait_only_if_it_is_named) {
  World world("  f: { steps: { later: { wait: 26h } } }\n");
  const store::RunNo run = world.start("f", "{}").run;
  world.settle();
  EXPECT_EQ(repair(world, run, {.kind = RepairKind::resume}), "repair-refused");
  EXPECT_EQ(repair(world, run, {.kind = RepairKind::resume, .step = "later"}), "");
  EXPECT_EQ(world.status(run), RunStatus::completed);
}

TEST(Repair, an_event_is_emitted_again_and_a_run_started_again_when_a_person_says_so) {
  World world(R"(
  f:
    steps:
      tell: { emit: { event: told } }
      bill: { run: { flow: bill, input: '{}' } }
      crm: { call: sys.putOrder, path: { id: '"x"' }, body: . }
  listens: { trigger: { event: told }, steps: { one: { set: 1 } } }
  bill: { steps: { charge: { call: sys.charge, body: . } } }
)");
  world.systems().fate = [](const Outgoing& request) { return refuse(request, "putOrder", 409); };
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  ASSERT_EQ(world.status(run), RunStatus::parked);
  world.systems().fate = {};
  EXPECT_EQ(repair(world, run, {.from = "tell", .confirmed = true}), "");
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(world.systems().done(), "charge putOrder charge");
  EXPECT_EQ(world.store().state().runs.size(), 5U);
}

TEST(Repair, what_may_have_taken_place_once_is_not_forgotten_when_its_repeats_are_refused) {
  World world(R"(
  f:
    deadline: 20s
    steps:
      reserve:
        call: sys.reserve
        body: .
        retry: { within: 1h }
        undo: { call: sys.cancel, path: { id: $reserve.id } }
)");
  int calls = 0;
  world.systems().fate = [&](const Outgoing& request) -> std::optional<Systems::Fate> {
    if (request.operation != "reserve") return std::nullopt;
    if (++calls == 1) return Systems::Fate{.took_place = true};
    if (world.clock().wall_ns() < (1'700'000'000 + 60) * kNsPerSecond)
      return Systems::Fate{.may_have_happened = false};
    return std::nullopt;
  };
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::undone);
  EXPECT_EQ(world.systems().done(), "reserve cancel");
}

}  // namespace
}  // namespace linkspan::flow
