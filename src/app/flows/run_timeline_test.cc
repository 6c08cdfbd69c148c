#include "app/flows/run_timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/flows/run_document.h"
#include "base/clock.h"
#include "data/json_parse.h"
#include "flow/run/record.h"
#include "flow/run/run_state.h"

namespace linkspan::app {
namespace {

using flow::Record;
using flow::RecordKind;
using ::testing::HasSubstr;

constexpr WallNs kStart = 1'700'000'000 * kNsPerSecond;

data::JsonValue json(std::string_view text) {
  return *data::parse_json(text);
}

Record record(RecordKind kind, std::string step, std::int64_t after_ms) {
  Record made;
  made.kind = kind;
  made.step = std::move(step);
  made.at = kStart + after_ms * kNsPerMs;
  return made;
}

std::string row_of(std::initializer_list<Record> records) {
  std::string bytes;
  for (const Record& one : records) append_record(bytes, one);
  return bytes;
}

store::StoredRun parked_run() {
  store::StoredRun run;
  run.row.run = 17;
  run.row.flow = "order-intake";
  run.row.state = static_cast<std::uint8_t>(flow::RunStatus::parked);
  run.row.started_at = kStart;
  run.row.reason = "crm: 503 Service Unavailable";
  Record start = record(RecordKind::start, "", 0);
  start.text = "webhook";
  start.value = json(R"({"id":"o-7"})");
  Record intent = record(RecordKind::intent, "crm", 4);
  intent.attempt = 1;
  intent.value =
      json(R"({"operation":"upsertOrder","method":"PUT","target":"/orders/o-7","json":{"chargeId":"ch-1"}})");
  Record retry = record(RecordKind::retry, "crm", 12);
  retry.status = 503;
  retry.until = retry.at + 1500 * kNsPerMs;
  retry.flag = true;
  run.records.push_back(row_of({start, intent}));
  Record again = intent;
  again.at = kStart + 1512 * kNsPerMs;
  again.attempt = 2;
  Record park = record(RecordKind::park, "crm", 65'000);
  park.status = 503;
  run.records.push_back(row_of({retry, again, park}));
  return run;
}

TEST(RunTimeline, shows_each_attempt_with_its_time_its_body_and_why_the_run_waits) {
  EXPECT_EQ(render_timeline("abcd2345-17", parked_run()),
            R"(run abcd2345-17 of flow order-intake: parked
  started  2023-11-14T22:13:20.000000Z
  why      crm: 503 Service Unavailable

  +0.000s    started by webhook
             {
               "id": "o-7"
             }
  +0.004s    crm: PUT /orders/o-7 (upsertOrder)
             {
               "chargeId": "ch-1"
             }
  +0.012s    crm: 503 Service Unavailable; it may have taken place; again +1.500s
  +1.512s    crm: PUT /orders/o-7 (upsertOrder), attempt 2
             {
               "chargeId": "ch-1"
             }
  +1m05s     crm: parked: 503 Service Unavailable
)");
}

TEST(RunTimeline, can_go_on_where_it_was) {
  const std::string later = render_records(parked_run(), 1);
  EXPECT_THAT(later, ::testing::StartsWith("  +0.012s    crm: 503"));
  EXPECT_EQ(render_records(parked_run(), 2), "");
}

TEST(RunTimeline, cuts_long_bodies) {
  store::StoredRun run = parked_run();
  Record start = record(RecordKind::start, "", 0);
  start.value = data::JsonValue(std::string(5000, 'x'));
  run.records = {row_of({start})};
  const std::string text = render_timeline("abcd2345-17", run);
  EXPECT_LT(text.size(), 2600U);
  EXPECT_THAT(text, HasSubstr("... 2954 more bytes"));
}

TEST(RunTimeline, says_what_it_cannot_read) {
  store::StoredRun run = parked_run();
  run.records = {"no journal"};
  EXPECT_THAT(render_timeline("abcd2345-17", run), HasSubstr("this part of the journal cannot be read"));
}

TEST(RunDocument, knows_the_answer_of_a_run_that_has_ended) {
  store::StoredRun run = parked_run();
  EXPECT_FALSE(answer_of(run));
  Record end = record(RecordKind::end, "", 70'000);
  end.text = "completed";
  end.value = json(R"({"order":"o-7"})");
  run.records.push_back(row_of({end}));
  const auto answer = answer_of(run);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, flow::RunStatus::completed);
  EXPECT_EQ(answer->body, json(R"({"order":"o-7"})"));
}

TEST(RunDocument, an_answer_given_before_the_end_is_the_answer) {
  store::StoredRun run = parked_run();
  Record respond = record(RecordKind::respond, "early", 5);
  respond.status = 201;
  respond.value = json(R"({"id":7})");
  Record end = record(RecordKind::end, "", 70'000);
  end.text = "undone";
  run.records.push_back(row_of({respond, end}));
  const auto answer = answer_of(run);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->http_status, 201);
  EXPECT_EQ(answer->body, json(R"({"id":7})"));
}

TEST(RunDocument, ids_are_those_of_one_store) {
  EXPECT_EQ(run_id("abcd2345", 17), "abcd2345-17");
  EXPECT_EQ(parse_run_id("abcd2345", "abcd2345-17"), 17);
  for (const char* wrong : {"abcd2345-", "abcd2345-0", "abcd2345-x", "other234-17", "abcd2345", "", "17"}) {
    EXPECT_FALSE(parse_run_id("abcd2345", wrong)) << wrong;
  }
}

}  // namespace
}  // namespace linkspan::app
