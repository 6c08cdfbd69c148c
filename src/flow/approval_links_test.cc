#include "flow/approval_links.h"

#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "flow/flow_testing.h"
#include "flow/plan/plan.h"

namespace linkspan::flow {
namespace {

using testing::json;
using testing::World;

constexpr WallNs kNow = 1'700'000'000 * kNsPerSecond;
constexpr std::int64_t kHour = 3600 * kNsPerSecond;

std::string token_of(const std::string& link) {
  return link.substr(link.find("?t=") + 3);
}

const ErrorKind* refusal(const ApprovalLinks& links, std::string_view token, WallNs now = kNow) {
  const Result<ApprovalTicket> ticket = links.read(token, now);
  return ticket ? nullptr : &ticket.error().kind();
}

TEST(ApprovalLinks, a_link_says_for_which_run_and_step_it_is) {
  const ApprovalLinks links("key", "https://x.example/ask", kHour);
  const std::string link = links.link("abcd2345-17", "ask", kNow);
  EXPECT_TRUE(link.starts_with("https://x.example/ask?t=abcd2345-17.ask.1700003600."));
  const Result<ApprovalTicket> ticket = links.read(token_of(link), kNow);
  ASSERT_TRUE(ticket);
  EXPECT_EQ(ticket->run_id, "abcd2345-17");
  EXPECT_EQ(ticket->step, "ask");
  EXPECT_EQ(ticket->expires_at, kNow + kHour);
}

TEST(ApprovalLinks, whatever_is_changed_makes_it_invalid) {
  const ApprovalLinks links("key", "https://x.example/ask", kHour);
  const std::string token = token_of(links.link("abcd2345-17", "ask", kNow));
  for (std::size_t at = 0; at < token.size(); ++at) {
    std::string altered = token;
    altered[at] = altered[at] == '1' ? '2' : '1';
    EXPECT_EQ(refusal(links, altered), &errors::approval_invalid) << altered;
    EXPECT_EQ(refusal(links, token.substr(0, at)), &errors::approval_invalid);
  }
  EXPECT_EQ(refusal(links, token + "0"), &errors::approval_invalid);
  EXPECT_EQ(refusal(links, ""), &errors::approval_invalid);
  EXPECT_EQ(refusal(links, std::string(100'000, '.')), &errors::approval_invalid);
  EXPECT_EQ(refusal(links, token), nullptr);
}

TEST(ApprovalLinks, another_key_makes_other_links) {
  const ApprovalLinks links("key", "https://x.example/ask", kHour);
  const ApprovalLinks others("another", "https://x.example/ask", kHour);
  EXPECT_EQ(refusal(others, token_of(links.link("abcd2345-17", "ask", kNow))), &errors::approval_invalid);
}

TEST(ApprovalLinks, a_link_expires) {
  const ApprovalLinks links("key", "https://x.example/ask", kHour);
  const std::string token = token_of(links.link("abcd2345-17", "ask", kNow));
  EXPECT_EQ(refusal(links, token, kNow + kHour - 1), nullptr);
  EXPECT_EQ(refusal(links, token, kNow + kHour), &errors::approval_expired);
}

constexpr const char* kAsks = R"(
  f:
    steps:
      mail: { call: sys.charge, body: '{link: $run.approvals.ask, undo: $run.approvals.again}' }
      ask: { wait_for: { approval: '"Refund \(.total)?"' } }
      paid: { when: $ask, call: sys.reserve, body: . }
      again: { wait_for: { approval: '"Sure?"' } }
    output: '[$ask, $again]'
)";

// What was mailed to the run's person.
std::string mailed(World& world, const char* name, std::size_t effect = 0) {
  const Result<data::JsonValue> body = data::parse_json(world.systems().effects()[effect].body);
  const data::JsonValue* link = body ? body->find(name) : nullptr;
  return link == nullptr || !link->is_string() ? std::string() : std::string(link->string());
}

const ErrorKind* approve(World& world, store::RunNo run, std::string_view step,
                         const data::JsonValue& decision, std::string_view id) {
  std::optional<Result<void>> outcome;
  world.engine().approve_by_link(run, step, decision, id,
                                 [&](Result<void> told) { outcome = std::move(told); });
  world.settle();
  EXPECT_TRUE(outcome);
  return outcome && !*outcome ? &outcome->error().kind() : nullptr;
}

TEST(Approvals, a_step_mails_the_links_of_steps_that_ask_later) {
  World world(kAsks);
  const StartOutcome run = world.start("f", R"({"total":7})");
  world.settle();
  const std::string link = mailed(world, "link");
  EXPECT_TRUE(link.starts_with("https://linkspan.invalid/approvals?t=" + run.run_id + ".ask."));
  EXPECT_TRUE(
      mailed(world, "undo").starts_with("https://linkspan.invalid/approvals?t=" + run.run_id + ".again."));
  world.kill();
  world.settle();
  EXPECT_EQ(mailed(world, "link"), link);
}

TEST(Approvals, a_link_decides_once) {
  World world(kAsks);
  const StartOutcome run = world.start("f", R"({"total":7})");
  EXPECT_EQ(approve(world, run.run, "again", true, "link:2"), &errors::approval_closed);  // not asked yet
  EXPECT_EQ(approve(world, run.run, "ask", false, "link:1"), nullptr);
  EXPECT_EQ(approve(world, run.run, "ask", true, "link:1"), &errors::approval_closed);
  EXPECT_EQ(approve(world, run.run, "ask", true, "link:3"), &errors::approval_closed);
  world.kill();
  world.settle();
  EXPECT_EQ(approve(world, run.run, "ask", true, "link:1"), &errors::approval_closed);
  EXPECT_EQ(approve(world, run.run, "again", true, "link:2"), nullptr);
  world.settle();
  EXPECT_EQ(world.output(run.run), json("[false,true]"));
  EXPECT_EQ(world.systems().done(), "charge");  // and no reservation
  EXPECT_EQ(approve(world, run.run, "again", true, "link:2"), &errors::run_not_found);
}

TEST(Approvals, links_of_steps_that_ask_nothing_are_mistakes) {
  std::string problems;
  for (const config::FlowConfig& flow : testing::read_flows(
           "  f: { steps: { a: { set: $run.approvals.asc }, ask: { wait_for: { approval: '1' } } } }\n")) {
    for (const PlanProblem& problem : make_plan(flow, testing::systems_catalog()).problems)
      problems += problem.message;
  }
  EXPECT_EQ(problems,
            "step \"a\" of flow \"f\": set: no step \"asc\" asks for an approval; did you mean \"ask\"?");
}

}  // namespace
}  // namespace linkspan::flow
