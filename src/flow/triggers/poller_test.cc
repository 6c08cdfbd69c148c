#include "flow/triggers/poller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "catalog/validators.h"
#include "flow/flow_testing.h"

namespace linkspan::flow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr WallNs kSecond = kNsPerSecond;
constexpr WallNs kMinute = 60 * kSecond;

constexpr const char* kByCursor = R"(
  f:
    trigger: { poll: { call: sys.listItems, query: { after: $cursor }, every: 1m, items: .body.data, cursor: .body.next } }
    steps: { one: { set: . } }
)";
constexpr const char* kByKey = R"(
  f:
    trigger: { poll: { call: sys.listItems, query: { after: $cursor }, every: 1m, items: .body.data, key: .id, cursor: .body.next } }
    steps: { one: { set: . } }
)";
constexpr const char* kChanged = R"(
  f:
    trigger: { poll: { call: sys.listItems, every: 1m, items: .body.data, key: .id, changed_only: true } }
    steps: { one: { set: . } }
)";

// The system that is polled: items in order, some to a page; the cursor counts those that were given.
struct Source {
  std::vector<std::string> items;
  std::size_t page_size = 3;
  bool has_cursor = true;
  int status = 200;
  bool is_gone = false;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::string> asked;  // targets

  CallOutcome answer(const Outgoing& request) {
    asked.push_back(request.target);
    CallOutcome outcome;
    if (is_gone) {
      outcome.error = Error(errors::upstream_connect_refused, "gone");
      return outcome;
    }
    std::size_t from = 0;
    if (const std::size_t at = request.target.find("after="); at != std::string::npos)
      from = std::stoul(request.target.substr(at + 6));
    std::string list;
    const std::size_t end = has_cursor ? std::min(from + page_size, items.size()) : items.size();
    for (std::size_t i = from; i < end; ++i) list += (i > from ? "," : "") + items[i];
    const std::string next = has_cursor && end > from ? std::to_string(end) : "null";
    outcome.answer = Incoming{.status = status,
                              .headers = {{"Content-Type", "application/json"}},
                              .body = R"({"data":[)" + list + R"(],"next":)" + next + "}"};
    outcome.answer->headers.insert(outcome.answer->headers.end(), headers.begin(), headers.end());
    return outcome;
  }
};

class PollerTest : public ::testing::Test {
 protected:
  struct Process {
    Process(VirtualClock& clock, store::MemoryState state, Source& source, Random& random)
        : store(clock, std::move(state)),
          caller([&source](const Outgoing& request) { return source.answer(request); }),
          engine({.store = store, .caller = caller, .clock = clock, .random = random, .log = {}}),
          poller({.engine = engine,
                  .store = store,
                  .caller = caller,
                  .clock = clock,
                  .random = random,
                  .log = {}},
                 *store.values()) {}
    store::MemoryStore store;
    QueuedCaller caller;
    Engine engine;
    Poller poller;
  };

  // A process begins with what is durable of the one before it.
  void begin(const std::string& flows) {
    store::MemoryState state;
    if (process) {
      process->store.crash();
      state = process->store.state();
    }
    process.reset();
    process = std::make_unique<Process>(clock, std::move(state), source, random);
    const auto plans = plans_of(flows);
    ASSERT_TRUE(process->engine.recover(plans, [plans](const std::string&) {
      return Result<std::shared_ptr<const Plan>>(plans->plans.begin()->second);
    }));
    process->poller.adopt(triggers(flows));
  }
  void reload(const std::string& flows) {
    process->engine.adopt(plans_of(flows));
    process->poller.adopt(triggers(flows));
  }

  std::shared_ptr<const PlanSet> plans_of(const std::string& flows) {
    std::shared_ptr<const PlanSet>& plans = plans_[flows];
    if (plans == nullptr) plans = testing::make_plans(flows, catalog);
    return plans;
  }

  std::vector<PollTrigger> triggers(const std::string& flows) {
    if (const auto made = triggers_.find(flows); made != triggers_.end()) return made->second;
    std::vector<PollTrigger>& all = triggers_[flows];
    for (const config::FlowConfig& flow : testing::read_flows(flows)) {
      if (!flow.trigger.poll) continue;
      PollPlanResult made = make_poll_plan(flow, catalog);
      for (const PlanProblem& problem : made.problems) ADD_FAILURE() << problem.message;
      PollTrigger trigger{.flow = flow.name, .plan = made.plan, .input = {}, .input_name = flow.input};
      const std::shared_ptr<const Plan> plan = make_plan(flow, catalog).plan;
      if (plan->input_api) {
        const catalog::Place& place = plan->input_schema.place;
        trigger.input =
            *plan->input_api->validators->get({.document = place.document, .pointer = place.pointer});
      }
      all.push_back(std::move(trigger));
    }
    return all;
  }

  // One thing happens: a write, a call, or what time brings within `last`. False if there is nothing.
  bool step(WallNs last) {
    if (process->store.queued() > 0) return process->store.pump(1) > 0;
    if (process->caller.waiting() > 0) return process->caller.serve(0), true;
    WallNs next = process->poller.next_wake();
    const WallNs of_engine = process->engine.next_wake();
    if (of_engine != 0 && (next == 0 || of_engine < next)) next = of_engine;
    if (next == 0 || next > last) return false;
    if (next > clock.wall_ns()) clock.advance(next - clock.wall_ns());
    process->engine.wake();
    process->poller.wake();
    return true;
  }
  void pass(WallNs time) {
    const WallNs last = clock.wall_ns() + time;
    for (int steps = 0; step(last); ++steps) ASSERT_LT(steps, 100'000);
    if (last > clock.wall_ns()) clock.advance(last - clock.wall_ns());
  }
  // Whatever is to be done now.
  void settle() { pass(0); }

  // The inputs of all runs, oldest first.
  std::vector<std::string> inputs() {
    std::vector<std::string> texts;
    for (const auto& [run, journal] : process->store.state().journals) {
      const Result<std::vector<Record>> records = parse_records(journal.at(0));
      texts.push_back(data::write_json(records->at(0).value));
    }
    return texts;
  }
  PollStatus status() { return process->poller.status().at(0); }

  VirtualClock clock{1'700'000'000 * kSecond};
  Random random{7};
  Catalog catalog = testing::systems_catalog();
  Source source;
  std::unique_ptr<Process> process;

 private:
  std::map<std::string, std::shared_ptr<const PlanSet>> plans_;
  std::map<std::string, std::vector<PollTrigger>> triggers_;
};

TEST_F(PollerTest, starts_a_run_for_each_item_page_by_page) {
  source.items = {"1", "2", "3", "4"};
  begin(kByCursor);
  settle();
  EXPECT_THAT(inputs(), ElementsAre("1", "2", "3"));
  pass(kMinute);
  EXPECT_THAT(inputs(), ElementsAre("1", "2", "3", "4"));
  pass(5 * kMinute);
  EXPECT_THAT(inputs(), ElementsAre("1", "2", "3", "4"));
  EXPECT_EQ(source.asked[0], "/items");
  EXPECT_EQ(source.asked[1], "/items?after=3");
  EXPECT_EQ(source.asked.back(), "/items?after=4");
  EXPECT_EQ(source.asked.size(), 7U);
}

// At every instant: before and after each write, with a call under way, with an answer that nobody has read.
TEST_F(PollerTest, killed_at_any_instant_no_item_is_lost_and_none_starts_twice) {
  for (const char* flows : {kByCursor, kByKey}) {
    bool is_whole = false;
    for (int kill_at = 0; !is_whole; ++kill_at) {
      source = Source();
      for (int i = 0; i < 8; ++i) {
        source.items.push_back(R"({"id":)" + std::to_string(i) + "}");
      }
      process.reset();
      begin(flows);
      const WallNs last = clock.wall_ns() + 5 * kMinute;
      int steps = 0;
      while (steps < kill_at && step(last)) ++steps;
      is_whole = steps < kill_at;
      begin(flows);
      pass(5 * kMinute);
      ASSERT_EQ(inputs(), source.items) << "killed after " << kill_at << " steps";
    }
  }
}

TEST_F(PollerTest, a_page_goes_on_as_it_was_read_though_the_system_answers_something_else_by_now) {
  source.items = {"1", "2", "3"};
  begin(kByCursor);
  while (inputs().size() < 2) ASSERT_TRUE(step(clock.wall_ns()));
  source.items = {"0", "1", "2", "3"};
  begin(kByCursor);
  settle();
  EXPECT_THAT(inputs(), ElementsAre("1", "2", "3"));
}

TEST_F(PollerTest, an_item_that_was_there_starts_nothing_and_does_not_hold_up_the_cursor) {
  source.items = {R"({"id":1})", R"({"id":2})", R"({"id":2,"x":0})"};
  begin(kByKey);
  settle();
  EXPECT_THAT(inputs(), ElementsAre(R"({"id":1})", R"({"id":2})"));
  source.items.push_back(R"({"id":1,"x":1})");
  pass(kMinute);
  begin(kByKey);
  pass(kMinute);
  EXPECT_EQ(source.asked.back(), "/items?after=4");
  EXPECT_EQ(inputs().size(), 2U);
}

TEST_F(PollerTest, an_item_whose_key_is_known_starts_again_each_time_that_its_content_is_another) {
  source.has_cursor = false;
  source.items = {R"({"id":1,"state":"open"})", R"({"id":2,"state":"open"})"};
  begin(kChanged);
  pass(3 * kMinute);
  EXPECT_EQ(inputs().size(), 2U);
  source.items[0] = R"({"state":"open","id":1})";  // the same
  pass(kMinute);
  EXPECT_EQ(inputs().size(), 2U);
  source.items[0] = R"({"id":1,"state":"closed"})";
  pass(kMinute);
  begin(kChanged);
  pass(kMinute);
  EXPECT_EQ(inputs().size(), 3U);
  source.items[0] = R"({"id":1,"state":"open"})";  // as it was at first
  pass(2 * kMinute);
  EXPECT_EQ(inputs().size(), 4U);
  EXPECT_EQ(status().counts.started, 1U);
}

TEST_F(PollerTest, an_item_that_will_never_do_is_counted_and_passed_over) {
  const std::string flows = R"(
  f:
    trigger: { poll: { call: sys.listItems, query: { after: $cursor }, every: 1m, items: .body.data, cursor: .body.next } }
    input: sys#Order
    steps: { one: { set: . } }
)";
  source.items = {R"({"id":"a"})", R"({"total":1})", R"({"id":"c"})", R"({"id":"d","total":"much"})"};
  begin(flows);
  pass(3 * kMinute);
  EXPECT_THAT(inputs(), ElementsAre(R"({"id":"a"})", R"({"id":"c"})"));
  EXPECT_EQ(source.asked.back(), "/items?after=4");
  EXPECT_EQ(status().counts.refused, 2U);
  EXPECT_THAT(status().last_refusal, HasSubstr("/total"));
  EXPECT_THAT(status().last_refusal, HasSubstr("item 0 of the poll at "));
  EXPECT_EQ(status().problem, "");
}

TEST_F(PollerTest, however_many_items_are_refused_the_others_start) {
  source.page_size = 100'000;
  for (int i = 0; i < 10'000; ++i) source.items.push_back(std::to_string(i));
  source.items.push_back("{}");
  begin(std::string(kByCursor) + "    order_by: .customer\n");
  settle();
  EXPECT_THAT(inputs(), ElementsAre("{}"));
  EXPECT_EQ(status().counts.refused, 10'000U);
}

TEST_F(PollerTest, what_the_store_does_not_take_is_tried_again_and_nothing_is_lost) {
  source.items = {"1", "2", "3", "4"};
  begin(kByCursor);
  for (int failing = 0; failing < 8; ++failing) {
    while (process->store.queued() == 0) ASSERT_TRUE(step(clock.wall_ns() + 10 * kMinute));
    process->store.fail_next(errors::store_full);
    ASSERT_TRUE(step(clock.wall_ns()));
  }
  pass(10 * kMinute);
  EXPECT_THAT(inputs(), ElementsAre("1", "2", "3", "4"));
  EXPECT_EQ(status().problem, "");
}

TEST_F(PollerTest, a_poll_that_fails_is_tried_again_and_says_why) {
  source.items = {"1"};
  source.is_gone = true;
  begin(kByCursor);
  pass(20 * kMinute);
  EXPECT_THAT(status().problem, HasSubstr("upstream-connect-refused"));
  EXPECT_EQ(process->poller.failing(), 1U);
  // Later and later, five minutes apart at most.
  EXPECT_GT(source.asked.size(), 8U);
  EXPECT_LT(source.asked.size(), 40U);
  source.is_gone = false;
  pass(6 * kMinute);
  EXPECT_THAT(inputs(), ElementsAre("1"));
  EXPECT_EQ(status().problem, "");
  EXPECT_EQ(process->poller.failing(), 0U);
}

TEST_F(PollerTest, a_system_that_asks_for_time_gets_it_over_a_restart_too) {
  source.items = {"1"};
  source.status = 429;
  source.headers = {{"Retry-After", "3600"}};
  begin(kByCursor);
  settle();
  EXPECT_EQ(status().problem, "sys answered 429");
  begin(kByCursor);
  source.status = 200;
  pass(59 * kMinute);
  EXPECT_EQ(source.asked.size(), 1U);
  pass(2 * kMinute);
  EXPECT_THAT(inputs(), ElementsAre("1"));
}

TEST_F(PollerTest, an_answer_that_cannot_be_read_is_a_failure) {
  source.items = {"1"};
  begin(R"(
  f:
    trigger: { poll: { call: sys.listItems, every: 1m, items: '"none"' } }
    steps: { one: { set: . } }
)");
  settle();
  EXPECT_THAT(status().problem, HasSubstr("items must give an array"));
}

TEST_F(PollerTest, after_a_restart_the_next_poll_comes_when_it_is_due) {
  begin(kByCursor);
  settle();
  EXPECT_EQ(source.asked.size(), 1U);
  clock.advance(20 * kSecond);
  begin(kByCursor);
  pass(39 * kSecond);
  EXPECT_EQ(source.asked.size(), 1U);
  pass(kSecond);
  EXPECT_EQ(source.asked.size(), 2U);
  process->store.pump();
  clock.advance(60 * kMinute);
  begin(kByCursor);
  settle();
  EXPECT_EQ(source.asked.size(), 3U);  // overdue: at once, and once
}

TEST_F(PollerTest, a_changed_flow_goes_on_at_its_cursor_and_one_that_is_gone_stops) {
  source.items = {"1", "2"};
  begin(kByCursor);
  settle();
  reload(std::string(kByCursor) + "    output: .\n");
  source.items.push_back("3");
  pass(kMinute);
  EXPECT_THAT(inputs(), ElementsAre("1", "2", "3"));
  reload("  g: { steps: { one: { set: 1 } } }\n");
  EXPECT_EQ(process->poller.next_wake(), 0);
  EXPECT_THAT(process->poller.status(), IsEmpty());
  source.items.push_back("4");
  pass(10 * kMinute);
  EXPECT_EQ(inputs().size(), 3U);
  reload(kByCursor);
  settle();
  EXPECT_THAT(inputs(), ElementsAre("1", "2", "3", "4"));
}

TEST_F(PollerTest, a_page_that_is_being_dealt_out_stops_with_its_flow_and_goes_on_with_it) {
  source.items = {"1", "2", "3"};
  begin(kByCursor);
  while (inputs().empty()) ASSERT_TRUE(step(clock.wall_ns()));
  process->poller.stop();
  pass(10 * kSecond);
  const std::size_t begun = inputs().size();
  EXPECT_LT(begun, 3U);
  reload(kByCursor);
  settle();
  EXPECT_THAT(inputs(), ElementsAre("1", "2", "3"));
  EXPECT_EQ(source.asked.size(), 1U);
}

TEST_F(PollerTest, the_calls_keep_to_what_the_api_allows) {
  begin(kByCursor);
  auto plans = std::make_shared<PlanSet>(*testing::make_plans(kByCursor, catalog));
  plans->rates["sys"] =
      std::make_shared<upstream::RateGate>(Rate{.count = 1, .per = std::chrono::minutes(10)});
  process->engine.adopt(plans);
  pass(25 * kMinute);
  EXPECT_EQ(source.asked.size(), 3U);
}

TEST_F(PollerTest, what_failed_is_tried_again_soon_after_a_restart_too) {
  source.is_gone = true;
  std::string daily = kByCursor;
  daily.replace(daily.find("1m"), 2, "1d");
  begin(daily);
  pass(2 * kMinute);
  source.is_gone = false;
  source.items = {"1"};
  begin(daily);
  pass(10 * kMinute);
  EXPECT_THAT(inputs(), ElementsAre("1"));
}

}  // namespace
}  // namespace linkspan::flow
