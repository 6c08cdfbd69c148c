// What may have taken place, what is refused for now, and who waits for whom: nothing is done twice,
// forgotten or left lying.
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "flow/flow_testing.h"

namespace linkspan::flow::testing {
namespace {

using Fate = Systems::Fate;

constexpr std::int64_t kHourNs = std::int64_t{3600} * kNsPerSecond;

// "" if it was done, else the slug.
std::string repair(World& world, store::RunNo run, RepairKind kind) {
  std::string slug = "unanswered";
  world.engine().repair(run, {.kind = kind, .step = {}, .value = {}, .by = "ann"},
                        [&](const Result<void>& result) {
                          slug = result ? std::string() : std::string(result.error().slug());
                        });
  world.settle();
  return slug;
}

constexpr const char* kCharge = R"(
  f:
    steps:
      charge:
        call: sys.charge
        body: '{reference: $run.id}'
        retry: { within: 10m }
        unknown: { call: sys.findCharges, query: { reference: $run.id }, found: '.body.data[0]' }
        undo: { call: sys.refund, path: { id: $charge.id } }
)";

TEST(Outcome, a_person_who_retries_after_nobody_could_be_asked_does_not_send_it_twice) {
  World world(kCharge);
  bool is_down = true;
  world.systems().fate = [&](const Outgoing& request) -> std::optional<Fate> {
    if (!is_down) return std::nullopt;
    if (request.operation == "charge") return Fate{.took_place = true};
    return Fate{.status = 503};
  };
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::parked);
  is_down = false;
  EXPECT_EQ(repair(world, run, RepairKind::retry), "");
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(world.systems().done(), "charge");
}

TEST(Outcome, while_a_run_is_undone_a_retry_asks_what_became_of_a_call_and_undoes_it) {
  World world(kCharge);
  bool is_down = true;
  world.systems().fate = [&](const Outgoing& request) -> std::optional<Fate> {
    if (!is_down) return std::nullopt;
    if (request.operation == "charge") return Fate{.took_place = true};
    return Fate{.status = 503};
  };
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  EXPECT_EQ(repair(world, run, RepairKind::undo), "");
  EXPECT_EQ(world.status(run), RunStatus::parked);
  is_down = false;
  EXPECT_EQ(repair(world, run, RepairKind::retry), "");
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::undone);
  EXPECT_EQ(world.systems().done(), "charge refund");
}

TEST(Outcome, while_a_run_is_undone_what_cannot_be_asked_is_for_a_person_to_say) {
  World world(R"(
  f:
    steps:
      charge: { call: sys.charge, body: ., undo: { call: sys.refund, path: { id: $charge.id } } }
)");
  world.systems().fate = [&](const Outgoing& request) -> std::optional<Fate> {
    if (request.operation == "charge") return Fate{.took_place = true};
    return std::nullopt;
  };
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  EXPECT_EQ(repair(world, run, RepairKind::undo), "");
  EXPECT_EQ(repair(world, run, RepairKind::retry), "repair-refused");
  EXPECT_EQ(repair(world, run, RepairKind::skip), "");
  EXPECT_EQ(world.status(run), RunStatus::undone);
  EXPECT_EQ(world.systems().done(), "charge");
}

TEST(Outcome, an_answer_that_cannot_be_judged_is_not_taken_for_a_no) {
  World world(R"(
  f:
    steps:
      reserve: { call: sys.reserve, body: ., undo: { call: sys.cancel, path: { id: $reserve.id } } }
      charge:
        call: sys.charge
        body: .
        reject: 'error("what is this?")'
        exhausted: undo
        undo: { call: sys.refund, path: { id: $charge.id } }
)");
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::parked);
  EXPECT_EQ(world.systems().done(), "reserve charge");
}

TEST(Outcome, an_event_that_finds_the_disk_full_is_told_again) {
  World world(R"(
  source: { steps: { tell: { emit: { event: made } } } }
  sink: { trigger: { event: made }, steps: { one: { call: sys.reserve, body: . } } }
)");
  const store::RunNo run = world.start("source", "{}").run;
  world.store().fail_next(errors::store_full);  // the start of the sink
  world.settle();
  EXPECT_EQ(world.status(run), RunStatus::running);
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(world.systems().done(), "reserve");
}

TEST(Outcome, whoever_sends_an_event_is_told_that_its_run_could_not_be_begun) {
  World world("  sink: { trigger: { event: made }, steps: { one: { call: sys.reserve, body: . } } }\n");
  world.store().fail_next(errors::store_full);
  std::string slug;
  world.engine().emit("made", "", json("{}"), "e1", [&](const Result<void>& outcome) {
    slug = outcome ? std::string() : std::string(outcome.error().slug());
  });
  world.settle();
  EXPECT_EQ(slug, "store-full");
}

TEST(Outcome, an_event_told_while_linkspan_ends_is_told_by_the_next_start) {
  World world(R"(
  source: { steps: { tell: { emit: { event: made } } } }
  sink: { trigger: { event: made }, steps: { one: { call: sys.reserve, body: . } } }
)");
  StartRequest request;
  request.flow = "source";
  world.engine().start(std::move(request), [](const StartOutcome&) {});
  world.engine().drain([] {});
  world.settle();
  world.kill();
  world.run_on();
  EXPECT_EQ(world.systems().done(), "reserve");
}

TEST(Outcome, events_of_different_names_may_have_the_same_id) {
  World world(R"(
  f:
    steps:
      paid: { wait_for: { event: paid } }
      shipped: { wait_for: { event: shipped } }
)");
  const store::RunNo run = world.start("f", "{}").run;
  for (const char* event : {"paid", "shipped"}) {
    world.settle();
    world.engine().emit(event, "", json("{}"), "42", [](const Result<void>&) {});
  }
  world.settle();
  EXPECT_EQ(world.status(run), RunStatus::completed);
}

TEST(Outcome, a_list_that_is_tried_again_has_each_item_once) {
  World world(R"(
  f:
    steps:
      all:
        call: sys.listItems
        query: { limit: '"2"' }
        retry: { attempts: 1 }
        paginate: { by: cursor, items: .data, next: .body.next, parameter: after }
    output: '[$all[].n]'
)");
  int calls = 0;
  world.systems().fate = [&](const Outgoing&) -> std::optional<Fate> {
    if (++calls == 2) return Fate{.status = 400};
    return std::nullopt;
  };
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::parked);
  EXPECT_EQ(repair(world, run, RepairKind::retry), "");
  world.run_on();
  EXPECT_EQ(data::write_json(world.output(run)), "[0,1,2,3,4]");
}

TEST(Outcome, a_sub_flow_that_was_undone_is_begun_anew_when_a_person_retries) {
  World world(R"(
  outer: { steps: { sub: { run: inner } }, output: $sub }
  inner: { steps: { one: { call: sys.reserve, body: ., reject: .status == 402 } }, output: '"done"' }
)");
  int calls = 0;
  world.systems().fate = [&](const Outgoing&) -> std::optional<Fate> {
    if (++calls == 1) return Fate{.status = 402};
    return std::nullopt;
  };
  const store::RunNo run = world.start("outer", "{}").run;
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::parked);
  EXPECT_EQ(repair(world, run, RepairKind::retry), "");
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(data::write_json(world.output(run)), R"("done")");
}

TEST(Outcome, a_repeated_call_behind_rate_and_slots_gets_its_turn) {
  World world(
      "  f: { steps: { one: { call: sys.reserve, body: ., retry: { first_delay: 1s, within: 1h } } } }\n");
  auto gate = std::make_shared<upstream::RateGate>(Rate{.count = 1, .per = std::chrono::minutes(1)});
  world.limit_calls("sys", 1, gate);
  int calls = 0;
  world.systems().fate = [&](const Outgoing&) -> std::optional<Fate> {
    if (++calls == 1) return Fate{.status = 503};
    return std::nullopt;
  };
  for (int i = 0; i < 3; ++i) world.start("f", "{}");
  world.run_on(kHourNs);
  EXPECT_EQ(world.systems().done(), "reserve reserve reserve");
}

TEST(Outcome, a_long_foreach_leaves_the_gateway_its_share_of_the_rate) {
  World world(
      "  f: { steps: { each: { foreach: '[range(1000)]', call: sys.reserve, body: '{n: $item}' } } }\n");
  auto gate = std::make_shared<upstream::RateGate>(Rate{.count = 1, .per = std::chrono::seconds(10)});
  world.limit_calls("sys", 64, gate);
  world.start("f", "{}");
  world.run_on(kHourNs / 60);
  EXPECT_LE(gate->take(world.clock().monotonic_ns()), 10 * kNsPerSecond);
}

TEST(Outcome, what_stood_in_line_beside_a_parked_step_goes_on_after_a_restart) {
  World world(R"(
  hold: { steps: { one: { call: sys.reserve, body: '"hold"' } } }
  f:
    steps:
      bad: { set: 'error("no")' }
      good: { after: [], call: sys.reserve, body: '"good"' }
)");
  world.limit_calls("sys", 1);
  world.start("hold", "{}");  // has the slot
  const store::RunNo run = world.start("f", "{}").run;
  EXPECT_EQ(world.status(run), RunStatus::parked);
  world.kill();
  world.run_on();
  EXPECT_EQ(world.systems().done(), "reserve reserve");
}

TEST(Outcome, a_raised_concurrency_lets_those_in_who_wait) {
  World world(
      "  f: { concurrency: 1, steps: { pause: { wait: 1h }, one: { call: sys.reserve, body: . } } }\n");
  for (int i = 0; i < 3; ++i) world.start("f", "{}");
  world.settle();
  world.change_flows(
      "  f: { concurrency: 3, steps: { pause: { wait: 1h }, one: { call: sys.reserve, body: . } } }\n");
  world.settle();
  EXPECT_EQ(world.engine().counts().queued, 0u);
}

TEST(Outcome, a_condition_that_could_not_be_computed_is_computed_again) {
  World world(R"(
  f:
    steps:
      ready: { wait_for: { event: ready } }
      one: { when: 'if .n == null then error("no n") else false end', call: sys.reserve, body: . }
      each: { foreach: '.list // error("no list")', call: sys.reserve, body: '{n: $item}' }
)");
  const store::RunNo run = world.start("f", "{}").run;
  world.settle();
  world.engine().emit("ready", "", json("{}"), "", [](const Result<void>&) {});
  world.settle();
  EXPECT_EQ(world.status(run), RunStatus::parked);
  EXPECT_EQ(repair(world, run, RepairKind::retry), "");
  EXPECT_EQ(world.status(run), RunStatus::parked);
  EXPECT_EQ(world.systems().done(), "");
  EXPECT_EQ(repair(world, run, RepairKind::skip), "");
  EXPECT_EQ(repair(world, run, RepairKind::retry), "");
  EXPECT_EQ(world.status(run), RunStatus::parked);
  EXPECT_EQ(world.systems().done(), "");
}

TEST(Outcome, past_a_pivot_a_fail_step_asks_a_person) {
  World world(R"(
  f:
    steps:
      one: { call: sys.reserve, body: ., undo: { call: sys.cancel, path: { id: $one.id } }, pivot: true }
      no: { fail: '"it cannot be"' }
)");
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::parked);
  EXPECT_EQ(world.systems().done(), "reserve");
}

}  // namespace
}  // namespace linkspan::flow::testing
