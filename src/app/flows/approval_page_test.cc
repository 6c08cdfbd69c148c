#include "app/flows/approval_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flow/run/record.h"

namespace linkspan::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

flow::Record record(flow::RecordKind kind, const char* text, data::JsonValue value = {}) {
  flow::Record made;
  made.kind = kind;
  made.step = "ask";
  made.at = 1'700'000'000 * kNsPerSecond;
  made.text = text;
  made.value = std::move(value);
  return made;
}

store::StoredRun run_of(const std::vector<flow::Record>& records, bool waits) {
  store::StoredRun run;
  run.row.flow = "refunds";
  if (waits) run.row.waits = {"approval:ask"};
  run.records.emplace_back();
  for (const flow::Record& one : records) flow::append_record(run.records[0], one);
  return run;
}

TEST(ApprovalPage, what_a_flow_asks_is_text_and_never_markup) {
  const auto run = run_of({record(flow::RecordKind::await, "approval:ask",
                                  "<script>alert('1')</script> & \"<b>\"\x01</p></form>")},
                          true);
  const ApprovalView view = approval_view(run, "ask");
  EXPECT_EQ(view.state, ApprovalState::asked);
  const std::string page =
      question_page(view, {.run_id = "abcd2345-17", .step = "ask", .expires_at = 0, .id = {}});
  EXPECT_THAT(page,
              HasSubstr("<p>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;&lt;b&gt;&quot;?"
                        "&lt;/p&gt;&lt;/form&gt;</p>"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("run abcd2345-17"));
}

TEST(ApprovalPage, a_question_that_is_no_text_is_shown_as_json_and_a_long_one_is_cut) {
  const auto run = run_of(
      {record(flow::RecordKind::await, "approval:ask", data::JsonValue::object({{"total", 7}}))}, true);
  EXPECT_EQ(approval_view(run, "ask").question, R"({"total":7})");
  std::string text(100'000, 'x');
  const auto longer = run_of({record(flow::RecordKind::await, "approval:ask", text)}, true);
  EXPECT_LT(approval_view(longer, "ask").question.size(), 9000U);
}

TEST(ApprovalPage, tells_how_far_the_run_is) {
  const flow::Record asked = record(flow::RecordKind::await, "approval:ask", "?");
  EXPECT_EQ(approval_view(run_of({}, false), "ask").state, ApprovalState::not_yet);
  EXPECT_EQ(approval_view(run_of({asked}, true), "ask").state, ApprovalState::asked);
  EXPECT_EQ(
      approval_view(run_of({asked, record(flow::RecordKind::event, "link:1", true)}, false), "ask").state,
      ApprovalState::decided);
  EXPECT_EQ(approval_view(run_of({asked}, false), "ask").state, ApprovalState::over);
  EXPECT_EQ(approval_view(run_of({asked}, true), "other").state, ApprovalState::not_yet);
}

}  // namespace
}  // namespace linkspan::app
