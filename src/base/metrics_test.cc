#include "base/metrics.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace linkspan {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string render(const MetricsRegistry& registry, MetricsFormat format = MetricsFormat::prometheus) {
  std::string out;
  registry.render(format, out);
  return out;
}

TEST(HistogramBucket, bounds_are_inclusive) {
  EXPECT_EQ(histogram_bucket(-5), 0U);
  EXPECT_EQ(histogram_bucket(0), 0U);
  for (std::size_t i = 0; i < kHistogramBoundsNs.size(); ++i) {
    EXPECT_EQ(histogram_bucket(kHistogramBoundsNs[i]), i);
    EXPECT_EQ(histogram_bucket(kHistogramBoundsNs[i] + 1), i + 1);
  }
  EXPECT_EQ(histogram_bucket(INT64_MAX), kHistogramBoundsNs.size());
}

TEST(Metrics, counters_add_up_over_the_workers) {
  MetricsRegistry registry;
  MetricShard& first = registry.add_shard();
  const CounterFamily requests = registry.counter(
      {.name = "linkspan_requests", .help = "Requests answered.", .labels = {"endpoint", "status"}});
  const CounterId ok = registry.series(requests, {"orders", "200"});
  MetricShard& second = registry.add_shard();
  first.add(ok);
  second.add(ok, 41);
  EXPECT_THAT(render(registry),
              HasSubstr("# HELP linkspan_requests_total Requests answered.\n"
                        "# TYPE linkspan_requests_total counter\n"
                        "linkspan_requests_total{endpoint=\"orders\",status=\"200\"} 42\n"));
}

TEST(Metrics, gauges_go_up_and_down_in_each_worker) {
  MetricsRegistry registry;
  MetricShard& first = registry.add_shard();
  MetricShard& second = registry.add_shard();
  const GaugeId open = registry.series(registry.gauge({.name = "linkspan_connections", .help = "Open."}));
  first.add(open, 5);
  second.add(open, -2);
  EXPECT_THAT(render(registry), HasSubstr("# TYPE linkspan_connections gauge\nlinkspan_connections 3\n"));
  first.set(open, -10);
  EXPECT_THAT(render(registry), HasSubstr("\nlinkspan_connections -12\n"));
}

TEST(Metrics, histograms_are_cumulative_and_in_seconds) {
  MetricsRegistry registry;
  MetricShard& shard = registry.add_shard();
  const HistogramFamily family = registry.histogram(
      {.name = "linkspan_request_duration_seconds", .help = "Time.", .unit = "seconds", .labels = {"phase"}});
  const HistogramId total = registry.series(family, {"total"});
  shard.observe(total, 40'000);          // 40 us
  shard.observe(total, 3'000'000);       // 3 ms
  shard.observe(total, 90'000'000'000);  // beyond the last bound
  const std::string text = render(registry);
  EXPECT_THAT(text, HasSubstr("# TYPE linkspan_request_duration_seconds histogram\n"
                              "linkspan_request_duration_seconds_bucket{phase=\"total\",le=\"5e-05\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{phase=\"total\",le=\"0.0025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{phase=\"total\",le=\"0.005\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{phase=\"total\",le=\"60\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{phase=\"total\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("linkspan_request_duration_seconds_sum{phase=\"total\"} 90.00304\n"
                              "linkspan_request_duration_seconds_count{phase=\"total\"} 3\n"));
}

TEST(Metrics, openmetrics_names_units_and_ends_as_it_should) {
  MetricsRegistry registry;
  MetricShard& shard = registry.add_shard();
  const CounterId sent = registry.series(
      registry.counter({.name = "linkspan_sent_bytes", .help = "A \"quoted\" help.", .unit = "bytes"}));
  shard.observe(
      registry.series(registry.histogram({.name = "linkspan_wait_seconds", .help = "W.", .unit = "seconds"})),
      1);
  shard.add(sent, 7);
  const std::string text = render(registry, MetricsFormat::openmetrics);
  EXPECT_THAT(text, HasSubstr("# HELP linkspan_sent_bytes A \\\"quoted\\\" help.\n"
                              "# TYPE linkspan_sent_bytes counter\n"
                              "# UNIT linkspan_sent_bytes bytes\n"
                              "linkspan_sent_bytes_total 7\n"));
  EXPECT_THAT(text, HasSubstr("linkspan_wait_seconds_bucket{le=\"1.0\"} 1\n"));
  EXPECT_THAT(text, EndsWith("# EOF\n"));
}

TEST(Metrics, label_values_are_escaped) {
  MetricsRegistry registry;
  const GaugeFamily family =
      registry.gauge({.name = "linkspan_x", .help = "Line\nbreak \\.", .labels = {"name"}});
  registry.series(family, {"a\"b\\c\nd"});
  const std::string text = render(registry);
  EXPECT_THAT(text, HasSubstr("linkspan_x{name=\"a\\\"b\\\\c\\nd\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("# HELP linkspan_x Line\\nbreak \\\\.\n"));
}

TEST(Metrics, large_counters_stay_whole_numbers) {
  MetricsRegistry registry;
  MetricShard& shard = registry.add_shard();
  shard.add(registry.series(registry.counter({.name = "linkspan_a", .help = "A."})), 18'014'398'509'481'985U);
  const CounterFamily elsewhere = registry.counter({.name = "linkspan_b", .help = "B."});
  registry.callback(elsewhere, {}, [] { return 1e9; });
  EXPECT_THAT(render(registry), HasSubstr("linkspan_a_total 18014398509481985\n"));
  EXPECT_THAT(render(registry), HasSubstr("linkspan_b_total 1000000000\n"));
}

TEST(Metrics, callbacks_are_read_at_scrape) {
  MetricsRegistry registry;
  double seconds = 1.5;
  const GaugeFamily family =
      registry.gauge({.name = "linkspan_uptime_seconds", .help = "U.", .unit = "seconds"});
  registry.callback(family, {}, [&seconds] { return seconds; });
  EXPECT_THAT(render(registry), HasSubstr("linkspan_uptime_seconds 1.5\n"));
  seconds = 2.5;
  EXPECT_THAT(render(registry), HasSubstr("linkspan_uptime_seconds 2.5\n"));
}

TEST(Metrics, a_reload_finds_the_same_series_with_its_count) {
  MetricsRegistry registry;
  MetricShard& shard = registry.add_shard();
  const auto load = [&registry] {
    return registry.series(registry.counter({.name = "linkspan_x", .help = "X.", .labels = {"api"}}),
                           {"stock"});
  };
  registry.begin_generation();
  shard.add(load(), 3);
  const std::uint64_t generation = registry.begin_generation();
  shard.add(load(), 4);
  registry.retire_before(generation);
  EXPECT_THAT(render(registry), HasSubstr("linkspan_x_total{api=\"stock\"} 7\n"));
}

TEST(Metrics, label_values_past_the_limit_are_counted_as_other) {
  MetricsRegistry registry;
  MetricShard& shard = registry.add_shard();
  const CounterFamily family =
      registry.counter({.name = "linkspan_x", .help = "X.", .labels = {"a", "b"}, .max_series = 2});
  for (int i = 0; i < 10; ++i) {
    const std::string value = std::to_string(i);
    shard.add(registry.series(family, {value, "z"}));
  }
  const std::string text = render(registry);
  EXPECT_THAT(text, HasSubstr("linkspan_x_total{a=\"1\",b=\"z\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("a=\"2\"")));
  EXPECT_THAT(text, HasSubstr("linkspan_x_total{a=\"other\",b=\"other\"} 8\n"));
  EXPECT_THAT(text, HasSubstr("linkspan_metrics_folded_series_total 8\n"));
}

TEST(Metrics, series_that_a_reload_dropped_disappear_and_their_cells_start_at_zero) {
  MetricsRegistry registry;
  MetricShard& shard = registry.add_shard();
  const CounterFamily family = registry.counter({.name = "linkspan_x", .help = "X.", .labels = {"api"}});
  const CounterId permanent = registry.series(family, {"process"});
  registry.begin_generation();
  shard.add(registry.series(family, {"old"}), 5);
  const std::uint64_t generation = registry.begin_generation();
  registry.retire_before(generation);
  const CounterId fresh = registry.series(family, {"new"});
  shard.add(permanent);
  const std::string text = render(registry);
  EXPECT_THAT(text, Not(HasSubstr("\"old\"")));
  EXPECT_THAT(text, HasSubstr("linkspan_x_total{api=\"new\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("linkspan_x_total{api=\"process\"} 1\n"));
  shard.add(fresh);
  EXPECT_THAT(render(registry), HasSubstr("linkspan_x_total{api=\"new\"} 1\n"));
}

TEST(Metrics, a_thousand_reloads_reuse_the_same_cells) {
  MetricsRegistry registry;
  MetricShard& shard = registry.add_shard();
  const CounterFamily counters = registry.counter({.name = "linkspan_x", .help = "X.", .labels = {"a"}});
  const HistogramFamily times =
      registry.histogram({.name = "linkspan_x_seconds", .help = "X.", .labels = {"a"}});
  std::size_t count_after_first = 0;
  std::uint32_t highest_after_first = 0;
  std::uint32_t highest = 0;
  for (int reload = 0; reload < 1000; ++reload) {
    const std::uint64_t generation = registry.begin_generation();
    for (int i = 0; i < 20; ++i) {
      const std::string value = std::to_string(reload) + "/" + std::to_string(i);
      const CounterId counter = registry.series(counters, {value});
      const HistogramId time = registry.series(times, {value});
      shard.add(counter);
      shard.observe(time, 1000);
      highest = std::max({highest, counter.cell, time.cell});
    }
    registry.retire_before(generation);
    if (reload == 1) {
      count_after_first = registry.series_count();
      highest_after_first = highest;
    }
  }
  EXPECT_EQ(registry.series_count(), count_after_first);
  EXPECT_EQ(highest, highest_after_first);
}

TEST(Metrics, retiring_a_label_value_removes_it_everywhere) {
  MetricsRegistry registry;
  const CounterFamily a = registry.counter({.name = "linkspan_a", .help = "A.", .labels = {"consumer", "x"}});
  const CounterFamily b = registry.counter({.name = "linkspan_b", .help = "B.", .labels = {"api"}});
  registry.series(a, {"shop", "1"});
  registry.series(a, {"desk", "shop"});
  registry.series(b, {"shop"});
  registry.retire("consumer", "shop");
  const std::string text = render(registry);
  EXPECT_THAT(text, Not(HasSubstr("consumer=\"shop\"")));
  EXPECT_THAT(text, HasSubstr("consumer=\"desk\",x=\"shop\""));
  EXPECT_THAT(text, HasSubstr("linkspan_b_total{api=\"shop\"}"));
  registry.series(a, {"desk", "shop"});
  EXPECT_EQ(registry.series_count(), 3U);
}

TEST(Metrics, default_ids_may_be_recorded_and_show_nowhere) {
  MetricsRegistry registry;
  MetricShard& shard = registry.add_shard();
  const std::string before = render(registry);
  shard.add(CounterId{});
  shard.add(GaugeId{}, -1);
  shard.observe(HistogramId{}, 5'000);
  EXPECT_EQ(render(registry), before);
}

TEST(Metrics, values_can_be_read_one_by_one) {
  MetricsRegistry registry;
  const CounterId requests = registry.series(registry.counter({.name = "linkspan_x", .help = "X."}));
  const GaugeId open = registry.series(registry.gauge({.name = "linkspan_y", .help = "Y."}));
  MetricShard& first = registry.add_shard();
  MetricShard& second = registry.add_shard();
  first.add(requests, 2);
  second.add(requests, 3);
  first.add(open, 1);
  second.add(open, -4);
  EXPECT_EQ(registry.value(requests), 5u);
  EXPECT_EQ(registry.value(open), -3);
  EXPECT_EQ(registry.value(CounterId{}), 0u);
}

TEST(Metrics, recording_goes_on_while_series_are_made_and_scraped) {
  MetricsRegistry registry;
  const CounterFamily family =
      registry.counter({.name = "linkspan_x", .help = "X.", .labels = {"a"}, .max_series = 10'000});
  const HistogramFamily times = registry.histogram({.name = "linkspan_x_seconds", .help = "X."});
  const CounterId shared = registry.series(family, {"shared"});
  const HistogramId time = registry.series(times);
  constexpr int kThreads = 3;
  constexpr int kRecords = 20'000;
  std::vector<std::thread> workers;
  for (int t = 0; t < kThreads; ++t) {
    MetricShard& shard = registry.add_shard();
    workers.emplace_back([&shard, shared, time] {
      for (int i = 0; i < kRecords; ++i) {
        shard.add(shared);
        shard.observe(time, i * 1000);
      }
    });
  }
  for (int i = 0; i < 3000; ++i) {
    registry.series(family, {std::to_string(i)});
    if (i % 500 == 0) render(registry);
  }
  for (std::thread& worker : workers) worker.join();
  const std::string text = render(registry);
  EXPECT_THAT(text, HasSubstr("linkspan_x_total{a=\"shared\"} 60000\n"));
  EXPECT_THAT(text, HasSubstr("linkspan_x_seconds_count 60000\n"));
}

}  // namespace
}  // namespace linkspan
