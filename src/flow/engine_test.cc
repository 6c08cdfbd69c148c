#include "flow/engine.h"

#include <gtest/gtest.h>

#include "flow/flow_testing.h"

namespace linkspan::flow {
namespace {

using testing::json;
using testing::Systems;
using testing::World;

constexpr const char* kIntake = R"(
  intake:
    order_by: .customer
    steps:
      reserve:
        call: sys.reserve
        body: '{order: .id}'
        undo: { call: sys.cancel, path: { id: $reserve.id } }
      charge:
        call: sys.charge
        body: '{reference: $run.id, amount: .total}'
        reject: .status == 402
        unknown: { call: sys.findCharges, query: { reference: $run.id }, found: '.body.data[0]' }
        undo: { call: sys.refund, path: { id: $charge.id } }
      crm:
        call: sys.putOrder
        path: { id: .id }
        body: '{charge: $charge.id}'
        retry: { within: 1h }
    output: '{order: .id, charge: $charge.id}'
)";

constexpr const char* kOrder = R"({"id":"o1","total":5,"customer":"c1"})";

bool is(const Outgoing& request, std::string_view operation) {
  return request.operation == operation;
}

TEST(Engine, a_run_does_its_steps_in_order_and_tells_its_output) {
  World world(kIntake);
  const StartOutcome started = world.start("intake", kOrder);
  ASSERT_FALSE(started.error);
  EXPECT_EQ(started.run_id, "aaaaaaaa-1");
  std::optional<RunAnswer> answer;
  EXPECT_TRUE(world.engine().when_answered(started.run, [&](const RunAnswer& told) { answer = told; }));
  world.settle();
  EXPECT_EQ(world.systems().done(), "reserve charge putOrder");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, RunStatus::completed);
  EXPECT_EQ(data::write_json(answer->body), R"({"order":"o1","charge":"2"})");
  EXPECT_EQ(world.status(started.run), RunStatus::completed);
  EXPECT_EQ(world.story(started.run),
            "start intent:reserve done:reserve intent:charge done:charge intent:crm done:crm end");
}

TEST(Engine, nothing_is_sent_before_its_intent_is_durable) {
  World world(kIntake);
  StartRequest request;
  request.flow = "intake";
  request.input = json(kOrder);
  bool told = false;
  world.engine().start(std::move(request), [&](const StartOutcome&) { told = true; });
  EXPECT_EQ(world.caller().waiting(), 0U);
  EXPECT_FALSE(told);
  world.store().pump();
  EXPECT_TRUE(told);
  EXPECT_EQ(world.caller().waiting(), 1U);
}

TEST(Engine, a_refusal_undoes_what_was_done_and_nothing_else) {
  World world(kIntake);
  world.systems().fate = [](const Outgoing& request) -> std::optional<Systems::Fate> {
    if (is(request, "charge")) return Systems::Fate{.status = 402};
    return std::nullopt;
  };
  const StartOutcome started = world.start("intake", kOrder);
  world.settle();
  EXPECT_EQ(world.status(started.run), RunStatus::undone);
  EXPECT_EQ(world.systems().done(), "reserve cancel");
  EXPECT_EQ(world.row(started.run).reason, "charge was refused with status 402");
}

TEST(Engine, a_dead_system_is_tried_again_until_the_run_is_parked_and_a_person_lets_it_go_on) {
  World world(kIntake);
  bool dead = true;
  world.systems().fate = [&](const Outgoing& request) -> std::optional<Systems::Fate> {
    if (dead && is(request, "putOrder")) return Systems::Fate{.may_have_happened = false};
    return std::nullopt;
  };
  const StartOutcome started = world.start("intake", kOrder);
  world.run_on();
  EXPECT_EQ(world.status(started.run), RunStatus::parked);
  EXPECT_NE(world.row(started.run).reason.find("crm: upstream-reset"), std::string::npos);
  EXPECT_GT(world.records(started.run).size(), 12U);  // it tried for an hour

  dead = false;
  std::optional<Result<void>> repaired;
  world.engine().repair(started.run, {.kind = RepairKind::retry, .step = {}, .value = {}, .by = "ann"},
                        [&](Result<void> result) { repaired = std::move(result); });
  world.run_on();
  ASSERT_TRUE(repaired && repaired->ok());
  EXPECT_EQ(world.status(started.run), RunStatus::completed);
  EXPECT_EQ(world.systems().done(), "reserve charge putOrder");
}

TEST(Engine, a_call_that_may_have_happened_is_asked_for_and_not_sent_twice) {
  World world(kIntake);
  int charges = 0;
  world.systems().fate = [&](const Outgoing& request) -> std::optional<Systems::Fate> {
    if (is(request, "charge") && ++charges == 1) return Systems::Fate{.took_place = true};
    return std::nullopt;
  };
  const StartOutcome started = world.start("intake", kOrder);
  world.run_on();
  EXPECT_EQ(world.status(started.run), RunStatus::completed);
  EXPECT_EQ(charges, 1);
  EXPECT_EQ(world.systems().done(), "reserve charge putOrder");
}

TEST(Engine, a_call_that_did_not_happen_after_all_is_sent_again) {
  World world(kIntake);
  int charges = 0;
  world.systems().fate = [&](const Outgoing& request) -> std::optional<Systems::Fate> {
    if (is(request, "charge") && ++charges == 1) return Systems::Fate{};
    return std::nullopt;
  };
  const StartOutcome started = world.start("intake", kOrder);
  world.run_on();
  EXPECT_EQ(world.status(started.run), RunStatus::completed);
  EXPECT_EQ(charges, 2);
  EXPECT_EQ(world.systems().done(), "reserve charge putOrder");
}

TEST(Engine, without_a_way_to_ask_an_unknown_outcome_is_for_a_person) {
  World world("  f: { steps: { charge: { call: sys.charge, body: . } } }\n");
  world.systems().fate = [](const Outgoing&) { return Systems::Fate{.status = 500, .took_place = true}; };
  const StartOutcome started = world.start("f", "{}");
  world.run_on();
  EXPECT_EQ(world.status(started.run), RunStatus::parked);
  EXPECT_EQ(world.systems().done(), "charge");
}

TEST(Engine, killed_at_every_instant_a_run_comes_to_the_same_end) {
  for (int instant = 0; instant < 40; ++instant) {
    for (const bool lose_answer : {false, true}) {
      World world(kIntake);
      StartOutcome started = world.start("intake", kOrder);
      int left = instant;
      bool killed = false;
      for (int rounds = 0; rounds < 200 && !killed; ++rounds) {
        if (left-- == 0) {
          if (lose_answer && world.caller().waiting() > 0) world.caller().serve(0, true);
          world.kill();
          killed = true;
        } else if (world.store().pump(1) == 0) {
          if (world.caller().waiting() == 0) break;
          world.caller().serve(0);
        }
      }
      world.run_on();
      ASSERT_EQ(world.status(started.run), RunStatus::completed) << instant << world.story(started.run);
      ASSERT_EQ(world.systems().done(), "reserve charge putOrder") << instant;
    }
  }
}

TEST(Engine, a_taken_claim_names_the_run_that_has_it) {
  World world(kIntake);
  const StartOutcome first = world.start("intake", kOrder, "message-1");
  const StartOutcome second = world.start("intake", kOrder, "message-1");
  EXPECT_TRUE(second.is_duplicate);
  EXPECT_EQ(second.run, first.run);
  world.run_on();
  EXPECT_EQ(world.systems().done(), "reserve charge putOrder");
  EXPECT_EQ(world.start("intake", kOrder, "message-2").is_duplicate, false);
}

TEST(Engine, runs_of_one_key_go_one_after_the_other_also_over_a_restart) {
  World world(kIntake);
  const store::RunNo first = world.start("intake", kOrder).run;
  const store::RunNo second = world.start("intake", kOrder).run;
  const store::RunNo other = world.start("intake", R"({"id":"o9","total":1,"customer":"c2"})").run;
  EXPECT_EQ(world.caller().waiting(), 2U);
  EXPECT_EQ(world.status(second), RunStatus::queued);
  world.kill();
  world.store().pump();
  EXPECT_EQ(world.caller().waiting(), 2U);
  EXPECT_EQ(world.status(second), RunStatus::queued);
  world.run_on();
  for (const store::RunNo run : {first, second, other}) EXPECT_EQ(world.status(run), RunStatus::completed);
}

TEST(Engine, concurrency_bounds_the_runs_of_a_flow) {
  World world("  f: { concurrency: 2, steps: { one: { call: sys.reserve, body: . } } }\n");
  for (int i = 0; i < 5; ++i) world.start("f", "{}");
  EXPECT_EQ(world.caller().waiting(), 2U);
  world.kill();
  world.store().pump();
  EXPECT_EQ(world.caller().waiting(), 2U);
  world.run_on();
  EXPECT_EQ(world.systems().done(), "reserve reserve reserve reserve reserve");
}

TEST(Engine, a_wait_survives_a_restart_and_takes_its_time) {
  World world("  f: { steps: { pause: { wait: 26h }, then: { call: sys.reserve, body: . } } }\n");
  const store::RunNo run = world.start("f", "{}").run;
  world.settle();
  EXPECT_EQ(world.status(run), RunStatus::waiting);
  world.kill();
  world.run_on(std::int64_t{25} * 3600 * kNsPerSecond);
  EXPECT_EQ(world.systems().done(), "");
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(world.systems().done(), "reserve");
}

TEST(Engine, an_event_wakes_those_that_wait_for_its_key_once) {
  World world(
      "  f: { steps: { paid: { wait_for: { event: payment, key: .id, timeout: 7d, on_timeout: undo } } },"
      " output: $paid.sum }\n");
  const store::RunNo one = world.start("f", R"({"id":"a"})").run;
  const store::RunNo two = world.start("f", R"({"id":"b"})").run;
  world.settle();
  world.kill();
  world.engine().emit("payment", "a", json(R"({"sum":7})"), "e1", [](const Result<void>&) {});
  world.settle();
  EXPECT_EQ(world.status(one), RunStatus::completed);
  EXPECT_EQ(data::write_json(world.output(one)), "7");
  EXPECT_EQ(world.status(two), RunStatus::waiting);
  world.run_on();
  EXPECT_EQ(world.status(two), RunStatus::undone);
}

TEST(Engine, events_without_an_id_each_count) {
  World world(R"(
  f:
    steps:
      first: { wait_for: { event: tick } }
      second: { wait_for: { event: tick } }
)");
  const store::RunNo run = world.start("f", "{}").run;
  for (int i = 0; i < 2; ++i) {
    world.settle();
    EXPECT_EQ(world.status(run), RunStatus::waiting);
    world.engine().emit("tick", "", json("{}"), "", [](const Result<void>&) {});
  }
  world.settle();
  EXPECT_EQ(world.status(run), RunStatus::completed);
}

TEST(Engine, a_person_approves_with_a_decision_that_steps_may_read) {
  World world("  f: { steps: { ask: { wait_for: { approval: '\"pay \\(.sum)?\"' } } }, output: $ask.ok }\n");
  const store::RunNo run = world.start("f", R"({"sum":3})").run;
  world.settle();
  EXPECT_EQ(world.status(run), RunStatus::waiting);
  std::optional<Result<void>> wrong;
  world.engine().approve(run, "other", json("{}"), [&](Result<void> result) { wrong = std::move(result); });
  world.settle();
  ASSERT_TRUE(wrong && !wrong->ok());
  EXPECT_EQ(&wrong->error().kind(), &errors::repair_refused);
  world.engine().approve(run, "ask", json(R"({"ok":true})"), [](const Result<void>&) {});
  world.settle();
  EXPECT_EQ(data::write_json(world.output(run)), "true");
}

TEST(Engine, foreach_keeps_the_order_and_its_limit_beside_each_other) {
  World world(
      "  f: { steps: { all: { foreach: '.lines', parallel: 2, call: sys.reserve, body: '{sku: $item, at: "
      "$index}' } },"
      " output: '$all | length' }\n");
  const store::RunNo run = world.start("f", R"({"lines":["a","b","c","d","e"]})").run;
  EXPECT_EQ(world.caller().waiting(), 2U);
  world.caller().serve(1);  // the second answers first
  world.run_on();
  EXPECT_EQ(data::write_json(world.output(run)), "5");
  EXPECT_EQ(world.systems().effects()[1].body, R"({"sku":"a","at":0})");
}

TEST(Engine, steps_beside_each_other_join_and_a_step_whose_condition_fails_is_left_out) {
  World world(R"(
  f:
    steps:
      a: { call: sys.reserve, body: '{n: "a"}' }
      b: { after: [], call: sys.reserve, body: '{n: "b"}' }
      c: { after: [a, b], when: .wanted, call: sys.reserve, body: '{n: "c"}' }
      d: { after: [c], set: '[$a.id, $b.id, $c]' }
    output: $d
)");
  const store::RunNo run = world.start("f", R"({"wanted":false})").run;
  EXPECT_EQ(world.caller().waiting(), 2U);
  world.run_on();
  EXPECT_EQ(data::write_json(world.output(run)), R"(["1","2",null])");
}

TEST(Engine, a_flow_waits_for_the_flow_that_it_starts_also_when_killed_in_between) {
  for (int instant = 0; instant < 16; ++instant) {
    World world(R"(
  outer: { steps: { sub: { run: { flow: inner, input: '{n: 4}' } } }, output: $sub }
  inner: { steps: { one: { call: sys.reserve, body: . } }, output: .n }
)");
    const store::RunNo run = world.start("outer", "{}").run;
    for (int i = 0; i < instant; ++i) {
      if (world.store().pump(1) == 0 && world.caller().waiting() > 0) world.caller().serve(0);
    }
    world.kill();
    world.run_on();
    ASSERT_EQ(world.status(run), RunStatus::completed) << instant;
    ASSERT_EQ(data::write_json(world.output(run)), "4") << instant;
    ASSERT_EQ(world.systems().done(), "reserve") << instant;
  }
}

TEST(Engine, emit_starts_the_flows_of_its_event_once) {
  for (int instant = 0; instant < 16; ++instant) {
    World world(R"(
  source: { steps: { tell: { emit: { event: made, key: .id, data: '{n: .id}' } } } }
  sink: { trigger: { event: made }, steps: { one: { call: sys.reserve, body: . } } }
)");
    world.start("source", R"({"id":"x"})");
    for (int i = 0; i < instant; ++i) {
      if (world.store().pump(1) == 0 && world.caller().waiting() > 0) world.caller().serve(0);
    }
    world.kill();
    world.run_on();
    ASSERT_EQ(world.systems().done(), "reserve") << instant;
  }
}

TEST(Engine, a_run_keeps_the_version_of_the_flow_that_it_began_with) {
  World world("  f: { steps: { pause: { wait: 1h } }, output: '\"old\"' }\n");
  const store::RunNo run = world.start("f", "{}").run;
  world.settle();
  world.change_flows("  f: { steps: { other: { set: 1 } }, output: '\"new\"' }\n");
  const store::RunNo later = world.start("f", "{}").run;
  world.kill();
  world.run_on();
  EXPECT_EQ(data::write_json(world.output(run)), "\"old\"");
  EXPECT_EQ(data::write_json(world.output(later)), "\"new\"");
}

TEST(Engine, a_full_disk_refuses_what_is_new_and_loses_nothing_that_runs) {
  World world(kIntake);
  const store::RunNo run = world.start("intake", kOrder).run;
  world.store().fail_next(errors::store_full);
  world.caller().serve(0);
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(world.systems().done(), "reserve charge putOrder");
  world.store().fail_next(errors::store_full);
  const StartOutcome refused = world.start("intake", kOrder);
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(&refused.error->kind(), &errors::store_full);
  world.run_on();
  EXPECT_EQ(world.systems().done(), "reserve charge putOrder");
  EXPECT_FALSE(world.start("intake", kOrder).error);
}

TEST(Engine, the_pages_of_a_list_are_gathered_also_over_a_restart) {
  World world(
      "  f: { steps: { all: { call: sys.listItems, query: { limit: '\"2\"' }, paginate: { by: cursor, items: "
      ".data,"
      " next: .body.next, parameter: after } } }, output: '[$all[].n]' }\n");
  const store::RunNo run = world.start("f", "{}").run;
  world.caller().serve(0);
  world.store().pump();
  world.kill();
  world.run_on();
  EXPECT_EQ(data::write_json(world.output(run)), "[0,1,2,3,4]");
}

TEST(Engine, a_list_without_end_is_an_error) {
  World world(
      "  f: { steps: { all: { call: sys.listItems, paginate: { by: cursor, items: .data, next: '\"0\"',"
      " parameter: after, max_pages: 3 } } } }\n");
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::parked);
  EXPECT_NE(world.row(run).reason.find("max_pages"), std::string::npos);
}

TEST(Engine, past_a_pivot_a_refusal_parks_instead_of_undoing) {
  World world(R"(
  f:
    steps:
      one: { call: sys.reserve, body: ., undo: { call: sys.cancel, path: { id: $one.id } }, pivot: true }
      two: { call: sys.putOrder, path: { id: '"x"' }, body: ., reject: .status == 409 }
)");
  world.systems().fate = [](const Outgoing& request) -> std::optional<Systems::Fate> {
    if (is(request, "putOrder")) return Systems::Fate{.status = 409};
    return std::nullopt;
  };
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::parked);
  EXPECT_EQ(world.systems().done(), "reserve");
}

TEST(Engine, calls_wait_for_their_place_within_the_rate_of_an_api) {
  World world("  f: { steps: { one: { call: sys.reserve, body: . } } }\n");
  world.limit("sys", Rate{.count = 6, .per = std::chrono::minutes(1)});
  for (int i = 0; i < 4; ++i) world.start("f", "{}");
  const WallNs began = world.clock().wall_ns();
  world.settle();
  EXPECT_EQ(world.systems().done(), "reserve");
  world.run_on();
  EXPECT_EQ(world.systems().done(), "reserve reserve reserve reserve");
  EXPECT_EQ(world.clock().wall_ns() - began, 30 * kNsPerSecond);
}

TEST(Engine, a_call_that_is_tried_again_waits_for_its_place_like_any_other) {
  World world("  f: { steps: { one: { call: sys.reserve, body: . } } }\n");
  world.limit("sys", Rate{.count = 1, .per = std::chrono::minutes(1)});
  int calls = 0;
  world.systems().fate = [&](const Outgoing&) -> std::optional<Systems::Fate> {
    if (++calls == 1) return Systems::Fate{.status = 503};
    return std::nullopt;
  };
  const store::RunNo run = world.start("f", "{}").run;
  const WallNs began = world.clock().wall_ns();
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(world.clock().wall_ns() - began, 60 * kNsPerSecond);
}

TEST(Engine, no_more_calls_of_an_api_are_under_way_than_it_takes) {
  World world("  f: { steps: { one: { call: sys.reserve, body: . } } }\n");
  world.limit_calls("sys", 2);
  for (int i = 0; i < 5; ++i) world.start("f", "{}");
  EXPECT_EQ(world.caller().waiting(), 2u);
  world.caller().serve(0);
  world.store().pump();
  EXPECT_EQ(world.caller().waiting(), 2u);
  world.run_on();
  EXPECT_EQ(world.systems().done(), "reserve reserve reserve reserve reserve");
}

TEST(Engine, at_a_busy_api_flows_take_turns) {
  World world(R"(
  many: { steps: { one: { call: sys.reserve, body: '"many"' } } }
  few: { steps: { one: { call: sys.reserve, body: '"few"' } } }
)");
  world.limit_calls("sys", 1);
  for (int i = 0; i < 4; ++i) world.start("many", "{}");
  world.start("few", "{}");
  std::string order;
  while (world.caller().waiting() > 0) {
    order += world.caller().request(0).body;
    world.caller().serve(0);
    world.store().pump();
  }
  EXPECT_EQ(order, R"("many""many""few""many""many")");
}

TEST(Engine, a_start_that_comes_to_nothing_keeps_no_slot) {
  World world("  f: { steps: { one: { call: sys.reserve, body: . } } }\n");
  world.limit_calls("sys", 1);
  world.store().fail_next(errors::store_full);
  EXPECT_TRUE(world.start("f", "{}").error);
  world.start("f", "{}", "key");
  EXPECT_TRUE(world.start("f", "{}", "key").is_duplicate);
  EXPECT_EQ(world.caller().waiting(), 1u);
  world.start("f", "{}");
  world.run_on();
  EXPECT_EQ(world.systems().done(), "reserve reserve");
}

TEST(Engine, of_many_that_stand_in_line_most_wait_on_disk_and_keep_their_turn) {
  World world("  f: { steps: { one: { call: sys.reserve, body: . } } }\n", 1, 2);
  world.limit_calls("sys", 1);
  for (const char* input : {"1", "2", "3", "4", "5", "6"}) world.start("f", input);
  EXPECT_EQ(world.engine().counts().active, 2u);
  std::string order;
  while (world.caller().waiting() > 0) {
    order += world.caller().request(0).body;
    world.caller().serve(0);
    while (world.store().pump() > 0) {
    }
  }
  EXPECT_EQ(order, "123456");
}

TEST(Engine, calls_that_are_tried_again_stand_in_line_too_and_a_raised_limit_lets_them_go) {
  World world("  f: { steps: { one: { call: sys.reserve, body: ., retry: { first_delay: 1s } } } }\n");
  world.limit_calls("sys", 1);
  int calls = 0;
  world.systems().fate = [&](const Outgoing&) -> std::optional<Systems::Fate> {
    if (++calls == 1) return Systems::Fate{.status = 503};
    return std::nullopt;
  };
  world.start("f", "{}");
  world.caller().serve(0);  // 503: again in a second
  world.store().pump();
  world.start("f", "{}");  // has the slot, and is not answered
  world.start("f", "{}");
  world.clock().advance(std::int64_t{10} * kNsPerSecond);
  world.engine().wake();
  world.store().pump();
  EXPECT_EQ(world.caller().waiting(), 1u);
  world.limit_calls("sys", 3);
  world.store().pump();
  EXPECT_EQ(world.caller().waiting(), 3u);
  world.run_on();
  EXPECT_EQ(world.systems().done(), "reserve reserve reserve");
}

TEST(Engine, items_of_a_list_that_wait_for_one_that_is_tried_again_do_not_keep_the_engine_awake) {
  World world(
      "  f: { steps: { all: { foreach: '[1, 2, 3]', parallel: 1, call: sys.reserve, body: '{}' } } }\n");
  world.limit("sys", Rate{.count = 1, .per = std::chrono::minutes(1)});
  int attempts = 0;
  world.systems().fate = [&](const Outgoing&) -> std::optional<Systems::Fate> {
    if (++attempts % 2 == 0) return std::nullopt;
    return Systems::Fate{.status = 503, .retry_after = "300"};
  };
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::completed);
}

TEST(Engine, a_call_that_is_tried_again_stands_in_line_when_its_place_has_come) {
  World world(
      "  f: { steps: { one: { call: sys.reserve, body: '{}' }, two: { after: [], call: sys.putOrder, path: { "
      "id: "
      "'\"2\"' }, body: '{}' } } }\n");
  world.limit("sys", Rate{.count = 1, .per = std::chrono::seconds(1)});
  world.limit_calls("sys", 1);
  int attempts = 0;
  world.systems().fate = [&](const Outgoing&) -> std::optional<Systems::Fate> {
    if (++attempts > 4) return std::nullopt;
    return Systems::Fate{.status = 503};
  };
  const store::RunNo run = world.start("f", "{}").run;
  for (int rounds = 0; rounds < 200; ++rounds) {  // calls that take long
    world.stepped().pump(store::MemoryStore::kAll);
    world.clock().advance(kNsPerSecond);
    world.engine().wake();
    if (rounds % 3 == 0 && world.caller().waiting() > 0) world.caller().serve(0);
  }
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::completed);
}

TEST(Engine, an_undo_gives_the_other_side_the_time_that_it_asks_for) {
  World world(kIntake);
  int cancels = 0;
  world.systems().fate = [&](const Outgoing& request) -> std::optional<Systems::Fate> {
    if (is(request, "charge")) return Systems::Fate{.status = 402};
    if (is(request, "cancel") && ++cancels == 1) return Systems::Fate{.status = 429, .retry_after = "600"};
    return std::nullopt;
  };
  const store::RunNo run = world.start("intake", kOrder).run;
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::undone);
  for (const Record& record : world.records(run)) {
    if (record.kind != RecordKind::undo_retry) continue;
    EXPECT_GE(record.until, record.at + 600 * kNsPerSecond);
  }
  EXPECT_EQ(cancels, 2);
}

TEST(Engine, past_a_pivot_a_deadline_has_nothing_to_say) {
  World world(R"(
  f:
    deadline: 2h
    steps:
      one: { call: sys.reserve, body: ., pivot: true }
      two: { wait_for: { event: paid } }
)");
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  world.clock().advance(std::int64_t{3} * 3600 * kNsPerSecond);
  world.settle();
  EXPECT_EQ(world.engine().next_wake(), 0);
  EXPECT_EQ(world.status(run), RunStatus::waiting);
}

TEST(Engine, a_deadline_undoes_what_is_not_done_in_time) {
  World world(R"(
  f:
    deadline: 2h
    steps:
      one: { call: sys.reserve, body: ., undo: { call: sys.cancel, path: { id: $one.id } } }
      two: { wait: 1d }
)");
  const store::RunNo run = world.start("f", "{}").run;
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::undone);
  EXPECT_EQ(world.systems().done(), "reserve cancel");
}

TEST(Engine, draining_writes_what_comes_and_sends_nothing_more) {
  World world(kIntake);
  const store::RunNo run = world.start("intake", kOrder).run;
  bool drained = false;
  world.engine().drain([&] { drained = true; });
  EXPECT_FALSE(drained);
  world.settle();
  EXPECT_TRUE(drained);
  EXPECT_EQ(world.systems().done(), "reserve");
  world.kill();
  world.run_on();
  EXPECT_EQ(world.status(run), RunStatus::completed);
  EXPECT_EQ(world.systems().done(), "reserve charge putOrder");
}

}  // namespace
}  // namespace linkspan::flow
