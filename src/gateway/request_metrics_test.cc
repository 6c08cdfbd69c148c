#include "gateway/request_metrics.h"

#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace linkspan::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

RequestRecord record_of(http::Method method, int status) {
  RequestRecord record;
  record.method = method;
  record.status = status;
  record.bytes_in = 10;
  record.bytes_out = 20;
  record.total_ns = 3 * kNsPerMs;
  return record;
}

std::string rendered(const MetricsRegistry& registry) {
  std::string text;
  registry.render(MetricsFormat::prometheus, text);
  return text;
}

TEST(RequestMetrics, requests_are_counted_by_endpoint_method_and_status) {
  MetricsRegistry registry;
  RequestMetrics metrics(registry);
  MetricShard& shard = registry.add_shard();
  const auto customer = metrics.endpoint("customer");
  customer->record(record_of(http::Method::get, 200), shard);
  customer->record(record_of(http::Method::get, 200), shard);
  customer->record(record_of(http::Method::post, 418), shard);
  customer->record(record_of(http::Method::get, 0), shard);
  const std::string text = rendered(registry);
  EXPECT_THAT(text,
              HasSubstr(R"(linkspan_http_requests_total{endpoint="customer",method="GET",code="200"} 2)"));
  EXPECT_THAT(text,
              HasSubstr(R"(linkspan_http_requests_total{endpoint="customer",method="POST",code="4xx"} 1)"));
  EXPECT_THAT(text,
              HasSubstr(R"(linkspan_http_requests_total{endpoint="customer",method="GET",code="none"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(linkspan_http_response_bytes_total{endpoint="customer"} 80)"));
}

TEST(RequestMetrics, only_phases_that_happened_are_observed) {
  MetricsRegistry registry;
  RequestMetrics metrics(registry);
  MetricShard& shard = registry.add_shard();
  RequestRecord record = record_of(http::Method::get, 200);
  record.first_byte_ns = kNsPerMs;
  metrics.endpoint("a")->record(record, shard);
  const std::string text = rendered(registry);
  EXPECT_THAT(text,
              HasSubstr(R"(linkspan_http_request_duration_seconds_count{endpoint="a",phase="total"} 1)"));
  EXPECT_THAT(
      text, HasSubstr(R"(linkspan_http_request_duration_seconds_count{endpoint="a",phase="first_byte"} 1)"));
  EXPECT_THAT(text, Not(HasSubstr(R"(phase="connect")")));
}

TEST(RequestMetrics, endpoints_without_traffic_have_no_series) {
  MetricsRegistry registry;
  RequestMetrics metrics(registry);
  const std::size_t before = registry.series_count();
  std::vector<std::shared_ptr<EndpointMetrics>> endpoints;
  for (int i = 0; i < 1000; ++i) endpoints.push_back(metrics.endpoint("e" + std::to_string(i)));
  EXPECT_EQ(registry.series_count(), before);
}

TEST(RequestMetrics, counters_go_on_over_a_reload_and_removed_endpoints_are_forgotten) {
  MetricsRegistry registry;
  RequestMetrics metrics(registry);
  MetricShard& shard = registry.add_shard();
  auto kept = metrics.endpoint("kept");
  auto removed = metrics.endpoint("removed");
  kept->record(record_of(http::Method::get, 200), shard);
  removed->record(record_of(http::Method::get, 200), shard);

  const std::uint64_t generation = registry.begin_generation();
  const auto kept_again = metrics.endpoint("kept");
  kept.reset();
  removed.reset();
  registry.retire_before(generation);
  kept_again->record(record_of(http::Method::get, 200), shard);
  const std::string text = rendered(registry);
  EXPECT_THAT(text, HasSubstr(R"(linkspan_http_requests_total{endpoint="kept",method="GET",code="200"} 2)"));
}

TEST(RequestMetrics, threads_that_meet_a_new_series_together_count_all_of_it) {
  MetricsRegistry registry;
  RequestMetrics metrics(registry);
  const auto endpoint = metrics.endpoint("a");
  std::vector<MetricShard*> shards;
  for (int t = 0; t < 4; ++t) shards.push_back(&registry.add_shard());
  std::vector<std::thread> threads;
  for (MetricShard* shard : shards) {
    threads.emplace_back([&endpoint, shard] {
      for (int i = 0; i < 100; ++i) endpoint->record(record_of(http::Method::get, 200), *shard);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(rendered(registry),
              HasSubstr(R"(linkspan_http_requests_total{endpoint="a",method="GET",code="200"} 400)"));
}

}  // namespace
}  // namespace linkspan::gateway
