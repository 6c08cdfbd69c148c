#include "app/generation.h"

#include <gtest/gtest.h>

#include "app/test_support.h"

namespace linkspan::app {
namespace {

class GenerationTest : public ::testing::Test {
 protected:
  TestGenerations generations;
};

TEST_F(GenerationTest, a_number_of_requests_beyond_32_bits_is_as_good_as_none) {
  const auto requests = [&](std::string_view limit) {
    const auto built = generations.build(
        "listen: http://127.0.0.1:0\nlimits: { max_requests_per_connection: " + std::string(limit) + " }");
    return (*built)->worker_limits.max_requests_per_connection;
  };
  EXPECT_EQ(requests("unlimited"), 0U);
  EXPECT_EQ(requests("2"), 2U);
  EXPECT_EQ(requests("4294967296"), UINT32_MAX);
  EXPECT_EQ(requests("4294967298"), UINT32_MAX);
}

TEST_F(GenerationTest, listeners_and_limits_come_from_the_config) {
  const auto built = generations.build(R"(
listen: [http://127.0.0.1:8080, "http://[::1]:8080"]
admin: http://127.0.0.1:8081
limits: { max_connections: 1001, header_timeout: 3s }
)",
                                       nullptr, 2);
  ASSERT_TRUE(built) << built.error().to_string();
  const Generation& generation = **built;
  ASSERT_EQ(generation.listeners.size(), 2u);
  EXPECT_EQ(generation.listeners[1].key, "[::1]:8080");
  ASSERT_EQ(generation.admin.size(), 1u);
  EXPECT_EQ(generation.admin[0].options->name, "http://127.0.0.1:8081");
  EXPECT_EQ(generation.worker_limits.max_connections, 501u) << "a worker's share, rounded up";
  EXPECT_EQ(generation.worker_limits.header_timeout_ns, 3 * kNsPerSecond);
}

TEST_F(GenerationTest, numbers_count_up_from_one) {
  const auto first = generations.build("listen: http://127.0.0.1:0");
  ASSERT_TRUE(first);
  EXPECT_EQ((*first)->number, 1u);
  const auto second = generations.build("listen: http://127.0.0.1:0", first->get());
  ASSERT_TRUE(second);
  EXPECT_EQ((*second)->number, 2u);
}

TEST_F(GenerationTest, an_address_given_twice_is_refused_with_both_places) {
  const auto built = generations.build("listen:\n  - http://127.0.0.1:8080\n  - http://localhost:8080\n");
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().detail(), "test.yaml:3:5: listens on 127.0.0.1:8080, as test.yaml:2:5 does");
  const auto admin = generations.build("listen: http://127.0.0.1:8080\nadmin: http://127.0.0.1:8080\n");
  ASSERT_FALSE(admin);
  EXPECT_EQ(admin.error().detail(), "test.yaml:2:8: listens on 127.0.0.1:8080, as test.yaml:1:9 does");
}

TEST_F(GenerationTest, ports_chosen_by_the_system_may_be_asked_for_several_times) {
  const auto built =
      generations.build("listen: [http://127.0.0.1:0, http://127.0.0.1:0]\nadmin: http://127.0.0.1:0");
  ASSERT_TRUE(built) << built.error().to_string();
  EXPECT_NE((*built)->listeners[0].key, (*built)->listeners[1].key);
}

TEST_F(GenerationTest, a_refused_config_revives_no_server_that_is_in_use) {
  const std::string api = "\napis: { a: { servers: [http://127.0.0.1:1]";
  const auto good = generations.build("listen: http://127.0.0.1:0" + api + ", health: { path: / } } }");
  ASSERT_TRUE(good) << good.error().to_string();
  upstream::ServerState& state = *(*good)->clusters->clusters[0]->state(0);
  state.healthy = false;
  const auto refused =
      generations.build("listen: [http://127.0.0.1:8080, http://localhost:8080]" + api + " } }", good->get());
  ASSERT_FALSE(refused);
  EXPECT_FALSE(state.is_healthy());
}

}  // namespace
}  // namespace linkspan::app
