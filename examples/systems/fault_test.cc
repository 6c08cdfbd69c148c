#include "systems/fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace linkspan::systems {
namespace {

using http::Method;
using testing::HasSubstr;

TEST(FaultTable, a_rule_meets_its_path_prefix_and_method_only) {
  FaultTable table;
  ASSERT_TRUE(table.add(R"({"path":"/charges","method":"POST","kind":"reset"})"));
  EXPECT_FALSE(table.take(Method::get, "/charges"));
  EXPECT_FALSE(table.take(Method::post, "/refunds"));
  const auto fault = table.take(Method::post, "/charges/ch-1/refund");
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->kind, FaultKind::reset);
}

TEST(FaultTable, a_counted_rule_ends_by_itself_and_the_next_one_follows) {
  FaultTable table;
  ASSERT_TRUE(table.add(R"({"status":503,"count":2})"));
  ASSERT_TRUE(table.add(R"({"latency_ms":20})"));
  EXPECT_EQ(table.take(Method::get, "/a")->status, 503);
  EXPECT_EQ(table.take(Method::get, "/a")->kind, FaultKind::status);
  EXPECT_EQ(table.take(Method::get, "/a")->latency_ms, 20);
  EXPECT_THAT(table.to_json(), HasSubstr(R"("count":0,"hits":2)"));
}

TEST(FaultTable, half_an_answer_comes_after_the_effect) {
  FaultTable table;
  ASSERT_TRUE(table.add(R"({"kind":"half"})"));
  EXPECT_TRUE(table.take(Method::get, "/")->after_effect);
  EXPECT_FALSE(table.add(R"({"kind":"half","when":"before"})"));
  ASSERT_TRUE(table.add(R"({"kind":"hang","when":"after"})"));
}

TEST(FaultTable, a_rule_can_be_removed) {
  FaultTable table;
  const auto id = table.add(R"({"kind":"garbage"})");
  ASSERT_TRUE(id);
  EXPECT_TRUE(table.remove(*id));
  EXPECT_FALSE(table.remove(*id));
  EXPECT_FALSE(table.take(Method::get, "/"));
}

TEST(FaultTable, what_is_wrong_with_a_rule_is_told) {
  FaultTable table;
  EXPECT_THAT(table.add("[]").error().detail(), HasSubstr("object"));
  EXPECT_THAT(table.add(R"({"kind":"slow"})").error().detail(), HasSubstr("kind"));
  EXPECT_THAT(table.add(R"({"method":"get"})").error().detail(), HasSubstr("method"));
  EXPECT_THAT(table.add(R"({"status":42})").error().detail(), HasSubstr("status: 200 to 599"));
  EXPECT_THAT(table.add(R"({"count":0})").error().detail(), HasSubstr("count"));
}

}  // namespace
}  // namespace linkspan::systems
