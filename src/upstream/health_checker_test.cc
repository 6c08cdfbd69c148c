#include "upstream/health_checker.h"

#include "upstream/upstream_testing.h"

namespace linkspan::upstream::testing {
namespace {

class Health : public UpstreamTest {
 protected:
  Health() : one(*loop), two(*loop) {
    HealthSettings health{.path = "/healthz"};
    settings = api_of({server_at(one.port()), server_at(two.port())});
    settings.health = health;
  }

  void begin() {
    adopt(settings);
    checker = std::make_unique<HealthChecker>(
        *set, Logger(),
        [this](std::string_view api, std::string_view server, bool healthy, std::string_view why) {
          changes.push_back(std::string(api) + " " + std::string(server) + (healthy ? " up" : " down: ") +
                            std::string(why));
        });
    checker->adopt();
  }
  // Passes the time of one check of each server, and lets it end.
  void next_check() {
    const std::size_t before = one.requests().size() + two.requests().size() + refused;
    clock.advance(6 * kNsPerSecond);
    for (int round = 0; round < 50; ++round) loop->run_once(1);
    EXPECT_GE(one.requests().size() + two.requests().size() + refused, before);
  }
  ServerState& state(std::size_t index) { return *list->clusters.front()->state(index); }

  TestServer one;
  TestServer two;
  ClusterSettings settings;
  std::vector<std::string> changes;
  std::size_t refused = 0;
  std::unique_ptr<HealthChecker> checker;
};

const auto kUnwell = [](const std::string&) {
  return Reply{.bytes = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"};
};

TEST_F(Health, asks_each_server_for_the_page) {
  begin();
  next_check();
  ASSERT_EQ(one.requests().size(), 1U);
  EXPECT_EQ(two.requests().size(), 1U);
  EXPECT_THAT(one.requests()[0], ::testing::StartsWith("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:"));
  EXPECT_EQ(one.open_connections(), 0U);
  EXPECT_TRUE(changes.empty());
}

TEST_F(Health, server_goes_down_after_so_many_failures_and_up_after_so_many_successes) {
  begin();
  one.script(kUnwell);
  next_check();
  next_check();
  EXPECT_TRUE(state(0).is_healthy());
  EXPECT_EQ(state(0).health_detail(), "GET /healthz: answered 500");
  next_check();
  EXPECT_FALSE(state(0).is_healthy());
  EXPECT_TRUE(state(1).is_healthy());
  one.script({});
  next_check();
  EXPECT_FALSE(state(0).is_healthy());
  next_check();
  EXPECT_TRUE(state(0).is_healthy());
  EXPECT_EQ(state(0).health_detail(), "");
  EXPECT_THAT(changes, ::testing::ElementsAre("stock " + one.label() + " down: GET /healthz: answered 500",
                                              "stock " + one.label() + " up"));
}

TEST_F(Health, server_that_refuses_or_hangs_goes_down) {
  begin();
  one.stop();
  two.script([](const std::string&) { return Reply{.hang = true}; });
  for (int i = 0; i < 8; ++i) next_check();
  EXPECT_FALSE(state(0).is_healthy());
  EXPECT_FALSE(state(1).is_healthy());
  EXPECT_THAT(state(0).health_detail(), ::testing::HasSubstr("Connection refused"));
  EXPECT_THAT(state(1).health_detail(), ::testing::HasSubstr("in time"));
  EXPECT_EQ(set->clusters().front()->pick({}), nullptr);
  one.restart();
  for (int i = 0; i < 2; ++i) next_check();
  EXPECT_EQ(set->clusters().front()->pick({}), &set->clusters().front()->server(0));
}

TEST_F(Health, verdicts_and_counts_survive_a_reload) {
  begin();
  one.script(kUnwell);
  for (int i = 0; i < 3; ++i) next_check();
  ASSERT_FALSE(state(0).is_healthy());
  settings.timeouts.connect_ns = 2 * kNsPerSecond;
  adopt(settings);
  checker->adopt();
  EXPECT_FALSE(state(0).is_healthy());
  one.script({});
  next_check();
  adopt(settings);
  checker->adopt();
  next_check();
  EXPECT_TRUE(state(0).is_healthy());
}

TEST_F(Health, checks_that_are_configured_away_end_and_their_verdict_with_them) {
  begin();
  one.script(kUnwell);
  for (int i = 0; i < 3; ++i) next_check();
  settings.health.reset();
  adopt(settings);
  checker->adopt();
  EXPECT_TRUE(state(0).is_healthy());
  const std::size_t asked = one.requests().size();
  next_check();
  EXPECT_EQ(one.requests().size(), asked);
}

TEST_F(Health, checker_may_go_while_a_check_is_under_way) {
  begin();
  one.script([](const std::string&) { return Reply{.hang = true}; });
  clock.advance(2 * kNsPerSecond);
  run_until([&] { return one.requests().size() == 1; });
  checker.reset();
  run_until([&] { return one.open_connections() == 0; });
}

}  // namespace
}  // namespace linkspan::upstream::testing
