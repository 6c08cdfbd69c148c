// Metrics: recorded by workers without sharing anything, read by a scrape that adds the workers up.
//
// Families and series are made at config load, from one thread at a time or several (a lock guards them); the
// ids that come back are plain numbers, the same again for the same family and label values, so they survive
// reloads. A worker records through its Shard: one load and one store in cells that only it writes. Rendering
// costs what there are series, whatever the traffic.
//
//   CounterFamily requests = registry.counter({.name = "linkspan_requests", .help = "Requests answered.",
//                                              .labels = {"endpoint", "status"}});
//   CounterId ok = registry.series(requests, {"new-order", "200"});      // at load
//   shard.add(ok);                                                        // per request
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/huge_pages.h"

namespace linkspan {

// Handles. The default value is a cell that nobody reads, so that a path without a metric needs no branch.
struct CounterId {
  std::uint32_t cell = 0;
};
struct GaugeId {
  std::uint32_t cell = 0;
};
struct HistogramId {
  std::uint32_t cell = 0;
};
// Another such cell, for who takes 0 as "not asked for yet".
inline constexpr std::uint32_t kUnshownCell = 1;
struct CounterFamily {
  std::uint32_t index = 0;
};
struct GaugeFamily {
  std::uint32_t index = 0;
};
struct HistogramFamily {
  std::uint32_t index = 0;
};

// Names follow Prometheus and OpenMetrics: "linkspan_" first, base units (seconds, bytes) last, no "_total"
// (added for counters). `unit` repeats the unit for OpenMetrics' UNIT line.
struct MetricSpec {
  std::string name = {};
  std::string help = {};
  std::string unit = {};
  std::vector<std::string> labels = {};
  std::size_t max_series = 1000;  // past it, new label values share one series with every label "other"
};

enum class MetricsFormat : unsigned char { prometheus, openmetrics };
std::string_view content_type(MetricsFormat format);

// Upper bounds of every duration histogram, in nanoseconds, 50 us to 60 s; an observation above the last
// counts in +Inf.
inline constexpr std::array<std::int64_t, 19> kHistogramBoundsNs = {
    50'000,        100'000,       250'000,        500'000,        1'000'000,     2'500'000,   5'000'000,
    10'000'000,    25'000'000,    50'000'000,     100'000'000,    250'000'000,   500'000'000, 1'000'000'000,
    2'500'000'000, 5'000'000'000, 10'000'000'000, 30'000'000'000, 60'000'000'000};
inline constexpr std::size_t kHistogramBuckets = kHistogramBoundsNs.size() + 1;

// Index of the bucket of a duration; negative counts as 0.
constexpr std::size_t histogram_bucket(std::int64_t ns);

// The cells of one worker. Only that worker's thread records; the registry reads at scrape. Storage grows in
// chunks that never move.
class MetricShard {
 public:
  MetricShard() = default;
  ~MetricShard() = default;
  MetricShard(const MetricShard&) = delete;
  MetricShard& operator=(const MetricShard&) = delete;

  void add(CounterId id, std::uint64_t count = 1) { bump(cell(id.cell), count); }
  // Gauges add up over the workers: what each has in flight, open, queued.
  void add(GaugeId id, std::int64_t change) { bump(cell(id.cell), static_cast<std::uint64_t>(change)); }
  void set(GaugeId id, std::int64_t value) {
    cell(id.cell).store(static_cast<std::uint64_t>(value), std::memory_order_relaxed);
  }
  void observe(HistogramId id, std::int64_t ns) {
    std::atomic<std::uint64_t>* cells = &cell(id.cell);
    bump(cells[0], static_cast<std::uint64_t>(ns < 0 ? 0 : ns));
    bump(cells[1 + histogram_bucket(ns)], 1);
  }
  // Asks for the histogram's sum and its buckets up to about 25 ms to be in the cache soon.
  void fetch_ahead(HistogramId id) {
    std::atomic<std::uint64_t>* cells = &cell(id.cell);
    __builtin_prefetch(cells, 1);
    __builtin_prefetch(cells + 8, 1);
  }

 private:
  friend class MetricsRegistry;
  static constexpr std::size_t kChunkCells = 1024;
  static constexpr std::size_t kMaxChunks = 1024;
  static constexpr std::size_t kHistogramCells = 1 + kHistogramBuckets;  // the sum in nanoseconds first
  struct alignas(64) Chunk {
    std::atomic<std::uint64_t> cells[kChunkCells] = {};
  };

  static void bump(std::atomic<std::uint64_t>& value, std::uint64_t by) {
    value.store(value.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  std::atomic<std::uint64_t>& cell(std::uint32_t index) {
    return chunks_[index / kChunkCells].load(std::memory_order_acquire)->cells[index % kChunkCells];
  }
  void grow_to(std::size_t chunks);

  std::array<std::atomic<Chunk*>, kMaxChunks> chunks_ = {};
  // Owns them: the first ones each by itself, then as many together as fill a huge page.
  static constexpr std::size_t kSingleChunks = 32;
  static constexpr std::size_t kChunksTogether = kHugePageBytes / sizeof(Chunk);
  std::vector<std::vector<Chunk, HugePageAllocator<Chunk>>> owned_;
  std::size_t count_ = 0;
};

class MetricsRegistry {
 public:
  MetricsRegistry();
  ~MetricsRegistry();
  MetricsRegistry(const MetricsRegistry&) = delete;
  MetricsRegistry& operator=(const MetricsRegistry&) = delete;

  // One for each recording thread; lives as long as the registry. Any thread.
  MetricShard& add_shard();

  // Declares a family, or finds it again by name (the first declaration stands).
  CounterFamily counter(const MetricSpec& spec);
  GaugeFamily gauge(const MetricSpec& spec);
  HistogramFamily histogram(const MetricSpec& spec);  // of durations; the name ends in "_seconds"

  // The series of those label values (as many as the family has labels), made if new.
  using LabelValues = std::span<const std::string_view>;
  CounterId series(CounterFamily family, LabelValues values = {});
  GaugeId series(GaugeFamily family, LabelValues values = {});
  HistogramId series(HistogramFamily family, LabelValues values = {});
  CounterId series(CounterFamily family, std::initializer_list<std::string_view> values) {
    return series(family, LabelValues(values.begin(), values.size()));
  }
  GaugeId series(GaugeFamily family, std::initializer_list<std::string_view> values) {
    return series(family, LabelValues(values.begin(), values.size()));
  }
  HistogramId series(HistogramFamily family, std::initializer_list<std::string_view> values) {
    return series(family, LabelValues(values.begin(), values.size()));
  }

  // A gauge, or a counter kept elsewhere (it must not go down), read at scrape on the scraping thread.
  // Replaces an earlier callback of the same series. `read` must not call the registry.
  void callback(GaugeFamily family, LabelValues values, std::function<double()> read);
  void callback(CounterFamily family, LabelValues values, std::function<double()> read);

  // Forgetting what a reloaded config no longer has, so that memory stays flat:
  //   generation = begin_generation();  resolve all series of the new config;  swap;
  //   once no worker holds the old config any more: retire_before(generation).
  // A series that was not resolved again since is no longer shown and its cells are used anew; hence the
  // wait.
  std::uint64_t begin_generation();
  void retire_before(std::uint64_t generation);
  // Forgets, in all families that have the label, the series with that value (a consumer that was deleted).
  // The same condition: nobody may record to them any more.
  void retire(std::string_view label, std::string_view value);

  // Appends the exposition text. Any thread; does not disturb recording.
  void render(MetricsFormat format, std::string& out) const;

  std::size_t series_count() const;

  // What is recorded now, added up over the shards; for status pages. Any thread.
  std::uint64_t value(CounterId id) const;
  std::int64_t value(GaugeId id) const;

 private:
  enum class Type : unsigned char { counter, gauge, histogram };
  struct Series;
  struct Family;

  std::uint32_t declare(const MetricSpec& spec, Type type);
  Series& resolve(std::uint32_t family, LabelValues values);
  Series& add_series(Family& family, std::string key, LabelValues values);
  template <typename Predicate>
  void remove_series(Family& family, Predicate unwanted);
  std::uint32_t allocate_histogram();
  std::uint32_t allocate_cell();
  bool grow_by(std::uint32_t cells);
  void release_cells(Type type, std::uint32_t first);
  std::uint64_t sum(std::uint32_t cell) const;
  void render_value(const Family& family, const Series& series, std::string& out) const;
  void render_family(const Family& family, MetricsFormat format, std::string& out) const;
  void render_histogram(const Family& family, const Series& series, MetricsFormat format,
                        std::string& out) const;

  mutable std::mutex mutex_;  // guards everything below; never taken while recording
  std::vector<std::unique_ptr<Family>> families_;
  std::vector<std::unique_ptr<MetricShard>> shards_;
  std::vector<std::uint32_t> free_cells_;       // single cells, for counters and gauges
  std::vector<std::uint32_t> free_histograms_;  // first cells of runs of MetricShard::kHistogramCells
  std::uint32_t next_cell_ = 0;
  std::uint64_t generation_ = 0;
  std::uint64_t folded_series_ = 0;
};

namespace metrics_internal {
// For each bit width of a duration in ns, the first bucket that can hold it.
consteval std::array<std::uint8_t, 65> first_buckets() {
  std::array<std::uint8_t, 65> table{};
  for (std::size_t width = 0; width <= 64; ++width) {
    const std::int64_t smallest = width == 0 ? 0 : width == 64 ? INT64_MAX : std::int64_t{1} << (width - 1);
    std::size_t bucket = 0;
    while (bucket < kHistogramBoundsNs.size() && kHistogramBoundsNs[bucket] < smallest) ++bucket;
    table[width] = static_cast<std::uint8_t>(bucket);
  }
  return table;
}
inline constexpr std::array<std::uint8_t, 65> kFirstBuckets = first_buckets();
}  // namespace metrics_internal

constexpr std::size_t histogram_bucket(std::int64_t ns) {
  if (ns <= 0) return 0;
  std::size_t bucket = metrics_internal::kFirstBuckets[static_cast<std::size_t>(
      std::bit_width(static_cast<std::uint64_t>(ns)))];
  while (bucket < kHistogramBoundsNs.size() && kHistogramBoundsNs[bucket] < ns) ++bucket;
  return bucket;
}

}  // namespace linkspan
