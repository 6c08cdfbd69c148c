#include "app/flows/run_action.h"

#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "data/json_parse.h"
#include "flow/run/run_state.h"

namespace linkspan::app {
namespace {

data::JsonValue json(std::string_view text) {
  return *data::parse_json(text);
}

std::string refusal(std::string_view body) {
  const Result<BulkAction> read = read_bulk_action(json(body));
  return read ? std::string() : read.error().detail();
}

TEST(RunAction, without_a_status_it_is_for_the_runs_that_it_is_meant_for) {
  const Result<BulkAction> retry = read_bulk_action(json(R"({"action":"retry","flow":"f"})"));
  ASSERT_TRUE(retry);
  EXPECT_EQ(retry->filter.state, static_cast<std::uint8_t>(flow::RunStatus::parked));
  const Result<BulkAction> cancel = read_bulk_action(json(R"({"action":"cancel","flow":"f"})"));
  ASSERT_TRUE(cancel);
  EXPECT_EQ(cancel->filter.open, true);
  EXPECT_FALSE(cancel->filter.state);
}

TEST(RunAction, a_misspelt_member_changes_nothing) {
  EXPECT_NE(refusal(R"({"action":"cancel","flow":"f","dryrun":true})").find("\"dryrun\""), std::string::npos);
  EXPECT_FALSE(read_run_action("skip", json(R"({"from":"charge"})")));
  EXPECT_FALSE(read_run_action("resume", json(R"({"value":1})")));
  EXPECT_TRUE(read_run_action("retry", json(R"({"from":"charge","confirm":true,"by":"ada"})")));
}

TEST(RunAction, all_runs_of_a_store_are_never_meant) {
  EXPECT_EQ(refusal(R"({"action":"cancel"})"), "runs are chosen by \"flow\", \"status\" or both");
  EXPECT_NE(refusal(R"({"action":"remove","flow":"f"})"), "");
  EXPECT_NE(refusal(R"({"action":"skip","flow":"f","confirm":true})"), "");
  EXPECT_NE(refusal(R"({"action":"skip","flow":"f","limit":0})"), "");
}

}  // namespace
}  // namespace linkspan::app
