#include "app/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/test_support.h"
#include "base/log_sink.h"

namespace linkspan::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr WallNs kNow = 1'800'000'000 * kNsPerSecond;

class StatusTest : public ::testing::Test {
 protected:
  StatusTest() {
    Result<std::shared_ptr<const Generation>> built = generations.build(R"(
listen: http://127.0.0.1:0
apis:
  stock:
    servers: [http://10.0.0.5:7001, http://10.0.0.6:7001]
    health: { path: /healthz }
)");
    generation = *built;
    Result<Listeners::Change> change = listeners.prepare(*generation);
    listeners.commit(*change);
  }
  std::string status() {
    std::string text;
    render_status({.generation = *generation,
                   .config_path = path,
                   .listeners = listeners,
                   .last_reload = reload,
                   .metrics = generations.metrics,
                   .process = process,
                   .in_flight = generations.state.metrics.in_flight(),
                   .dropped_log_records = 0,
                   .failed_log_bytes = 0,
                   .workers = 2,
                   .draining = draining,
                   .started_at = kNow - 90 * kNsPerSecond,
                   .now = kNow,
                   .loop_now = kNsPerSecond},
                  text);
    return text;
  }
  upstream::ServerState& server(std::size_t index) {
    return *generation->clusters->clusters[0]->state(index);
  }

  TestGenerations generations;
  ProcessMetrics process = make_process_metrics(generations.metrics);
  std::shared_ptr<const Generation> generation;
  Listeners listeners{1};
  ReloadStatus reload;
  std::string path = "linkspan.yaml";
  bool draining = false;
};

TEST_F(StatusTest, tells_version_config_and_listeners) {
  const std::string text = status();
  EXPECT_THAT(text, HasSubstr(R"("state":"serving")"));
  EXPECT_THAT(text, HasSubstr(R"("started_at":"2027-01-15T07:58:30.000000Z","uptime_seconds":90)"));
  EXPECT_THAT(text, HasSubstr(R"("path":"linkspan.yaml","generation":1)"));
  EXPECT_THAT(text, HasSubstr(R"("last_reload":null)"));
  EXPECT_THAT(text, HasSubstr(R"({"url":"http://127.0.0.1:0","address":")" +
                              listeners.addresses().begin()->second + R"(","tls":false})"));
  draining = true;
  EXPECT_THAT(status(), HasSubstr(R"("state":"draining")"));
}

TEST_F(StatusTest, tells_why_the_last_reload_failed) {
  reload = {.at = kNow, .ok = false, .problem = "linkspan.yaml:1:1: unknown key \"x\""};
  EXPECT_THAT(status(),
              HasSubstr(R"("outcome":"failure","problem":"linkspan.yaml:1:1: unknown key \"x\""})"));
}

TEST_F(StatusTest, tells_which_servers_are_out_and_why) {
  EXPECT_THAT(status(), Not(HasSubstr("unhealthy")));
  server(0).healthy = false;
  server(0).set_health_detail("GET /healthz: answered 500");
  server(1).ejected_until_ns = 3 * kNsPerSecond + kNsPerSecond / 2;
  const std::string text = status();
  EXPECT_THAT(text, HasSubstr(R"({"server":"10.0.0.5:7001","state":"unhealthy",)"
                              R"("last_check":"GET /healthz: answered 500")"));
  EXPECT_THAT(text, HasSubstr(R"({"server":"10.0.0.6:7001","state":"ejected","ejected_for_seconds":2.5)"));
}

TEST_F(StatusTest, counts_what_workers_have_open) {
  MetricShard& shard = generations.metrics.add_shard();
  shard.add(process.server.connections_open, 3);
  shard.add(generations.state.metrics.in_flight(), 2);
  shard.add(generation->clusters->clusters[0]->settings().servers[0].metrics.idle_connections, 1);
  const std::string text = status();
  EXPECT_THAT(text, HasSubstr(R"("connections":3,"requests_in_flight":2)"));
  EXPECT_THAT(text, HasSubstr(R"("idle_connections":1)"));
}

}  // namespace
}  // namespace linkspan::app
