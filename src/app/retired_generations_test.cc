#include "app/retired_generations.h"

#include <gtest/gtest.h>

#include "app/test_support.h"
#include "gateway/request_record.h"

namespace linkspan::app {
namespace {

constexpr std::string_view kOld = R"(
listen: http://127.0.0.1:0
endpoints:
  kept: { path: /kept, respond: { status: 204 } }
  gone: { path: /gone, respond: { status: 204 } }
)";
constexpr std::string_view kNew = R"(
listen: http://127.0.0.1:0
endpoints:
  kept: { path: /kept, respond: { status: 204 } }
)";

class RetiredGenerationsTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Generation> build(std::string_view yaml, const Generation* previous = nullptr) {
    Result<std::shared_ptr<const Generation>> built = generations_.build(yaml, previous);
    EXPECT_TRUE(built) << built.error().to_string();
    return *built;
  }
  void replace(std::shared_ptr<const Generation>& current, std::string_view yaml) {
    std::shared_ptr<const Generation> next = build(yaml, current.get());
    retired_.add(std::exchange(current, std::move(next)), generations_.metrics_generation);
  }
  void record(const gateway::Endpoint& endpoint) {
    gateway::RequestRecord record;
    record.method = http::Method::get;
    record.status = 204;
    endpoint.metrics->record(record, shard_);
  }
  std::string metrics() const {
    std::string text;
    generations_.metrics.render(MetricsFormat::prometheus, text);
    return text;
  }
  bool shows(std::string_view endpoint) const {
    return metrics().find("endpoint=\"" + std::string(endpoint) + "\"") != std::string::npos;
  }

  TestGenerations generations_;
  MetricShard& shard_ = generations_.metrics.add_shard();
  RetiredGenerations retired_{generations_.metrics, generations_.state};
};

TEST_F(RetiredGenerationsTest, metrics_of_a_removed_endpoint_go_when_its_last_request_has_ended) {
  std::shared_ptr<const Generation> current = build(kOld);
  record(current->snapshot->endpoints[0]);
  record(current->snapshot->endpoints[1]);
  std::shared_ptr<const gateway::Snapshot> in_flight = current->snapshot;
  replace(current, kNew);
  retired_.collect(*current);
  EXPECT_FALSE(retired_.empty());
  EXPECT_TRUE(shows("gone"));
  record(in_flight->endpoints[1]);
  in_flight.reset();
  retired_.collect(*current);
  EXPECT_TRUE(retired_.empty());
  EXPECT_FALSE(shows("gone"));
  EXPECT_TRUE(shows("kept"));
}

TEST_F(RetiredGenerationsTest, a_later_config_does_not_go_before_an_earlier_one) {
  std::shared_ptr<const Generation> current = build(kOld);
  record(current->snapshot->endpoints[1]);
  std::shared_ptr<const gateway::Snapshot> in_flight = current->snapshot;
  replace(current, kNew);
  replace(current, kNew);
  retired_.collect(*current);
  EXPECT_TRUE(shows("gone")) << "its first config is still in use";
  in_flight.reset();
  retired_.collect(*current);
  EXPECT_TRUE(retired_.empty());
  EXPECT_FALSE(shows("gone"));
}

TEST_F(RetiredGenerationsTest, a_series_that_is_first_used_between_two_configs_is_kept) {
  std::shared_ptr<const Generation> current = build(kNew);
  std::shared_ptr<const gateway::Snapshot> old = current->snapshot;
  replace(current, kNew);
  record(old->endpoints[0]);  // by the old config, after the new one was built
  record(current->snapshot->endpoints[0]);
  old.reset();
  retired_.collect(*current);
  EXPECT_NE(metrics().find("linkspan_http_requests_total{endpoint=\"kept\",method=\"GET\",code=\"204\"} 2"),
            std::string::npos)
      << metrics();
}

}  // namespace
}  // namespace linkspan::app
