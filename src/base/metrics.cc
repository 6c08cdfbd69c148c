#include "base/metrics.h"

#include <algorithm>
#include <cstdlib>
#include <unordered_map>

#include "base/metrics_internal.h"

namespace linkspan {
namespace {

constexpr std::string_view kOther = "other";
constexpr std::uint32_t kLineCells = 8;      // of a cache line
constexpr std::uint32_t kHistogramRun = 24;  // what a histogram takes up
constexpr std::uint32_t kSpareCells = kHistogramRun - (1 + kHistogramBuckets);

// Label values may hold any byte but this one, which UTF-8 never has.
std::string key_of(MetricsRegistry::LabelValues values) {
  std::string key;
  for (const std::string_view value : values) key.append(value).push_back('\xff');
  return key;
}

}  // namespace

void MetricShard::grow_to(std::size_t chunks) {
  while (count_ < chunks) {
    const std::size_t together = count_ < kSingleChunks ? 1 : std::min(kChunksTogether, kMaxChunks - count_);
    for (Chunk& chunk : owned_.emplace_back(together)) {
      chunks_[count_++].store(&chunk, std::memory_order_release);
    }
  }
}

MetricsRegistry::MetricsRegistry() {
  // The cells of default ids: written by whoever records without a metric, shown nowhere.
  next_cell_ = kHistogramRun;
  const CounterFamily folded =
      counter({.name = "linkspan_metrics_folded_series",
               .help = "Label sets recorded as \"other\" because their metric was full."});
  callback(folded, {}, [this] { return static_cast<double>(folded_series_); });
}

MetricsRegistry::~MetricsRegistry() = default;

MetricShard& MetricsRegistry::add_shard() {
  const std::lock_guard lock(mutex_);
  shards_.push_back(std::make_unique<MetricShard>());
  shards_.back()->grow_to((next_cell_ - 1) / MetricShard::kChunkCells + 1);
  return *shards_.back();
}

CounterFamily MetricsRegistry::counter(const MetricSpec& spec) {
  return {declare(spec, Type::counter)};
}
GaugeFamily MetricsRegistry::gauge(const MetricSpec& spec) {
  return {declare(spec, Type::gauge)};
}
HistogramFamily MetricsRegistry::histogram(const MetricSpec& spec) {
  return {declare(spec, Type::histogram)};
}

CounterId MetricsRegistry::series(CounterFamily family, LabelValues values) {
  const std::lock_guard lock(mutex_);
  return {resolve(family.index, values).cell};
}

GaugeId MetricsRegistry::series(GaugeFamily family, LabelValues values) {
  const std::lock_guard lock(mutex_);
  return {resolve(family.index, values).cell};
}

HistogramId MetricsRegistry::series(HistogramFamily family, LabelValues values) {
  const std::lock_guard lock(mutex_);
  return {resolve(family.index, values).cell};
}

void MetricsRegistry::callback(GaugeFamily family, LabelValues values, std::function<double()> read) {
  const std::lock_guard lock(mutex_);
  resolve(family.index, values).read = std::move(read);
}

void MetricsRegistry::callback(CounterFamily family, LabelValues values, std::function<double()> read) {
  const std::lock_guard lock(mutex_);
  resolve(family.index, values).read = std::move(read);
}

std::uint32_t MetricsRegistry::declare(const MetricSpec& spec, Type type) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < families_.size(); ++i) {
    if (families_[i]->spec.name != spec.name) continue;
    if (families_[i]->type != type || families_[i]->spec.labels != spec.labels)
      std::abort();  // two meanings of a name
    return static_cast<std::uint32_t>(i);
  }
  families_.push_back(std::make_unique<Family>(Family{spec, type, {}, {}}));
  return static_cast<std::uint32_t>(families_.size() - 1);
}

MetricsRegistry::Series& MetricsRegistry::resolve(std::uint32_t index, LabelValues values) {
  Family& family = *families_[index];
  if (values.size() != family.spec.labels.size()) std::abort();
  std::string key = key_of(values);
  if (const auto found = family.by_key.find(key); found != family.by_key.end()) {
    Series& series = *family.series[found->second];
    if (series.generation != 0) series.generation = generation_;
    return series;
  }
  if (family.series.size() < family.spec.max_series) return add_series(family, std::move(key), values);

  ++folded_series_;
  const std::vector<std::string_view> others(values.size(), kOther);
  key = key_of(others);
  if (const auto found = family.by_key.find(key); found != family.by_key.end()) {
    Series& series = *family.series[found->second];
    if (series.generation != 0) series.generation = generation_;
    return series;
  }
  return add_series(family, std::move(key), others);
}

MetricsRegistry::Series& MetricsRegistry::add_series(Family& family, std::string key, LabelValues values) {
  auto series = std::make_unique<Series>();
  series->labels = render_labels(family.spec.labels, values);
  series->values.assign(values.begin(), values.end());
  series->cell = family.type == Type::histogram ? allocate_histogram() : allocate_cell();
  series->generation = generation_;
  family.by_key.emplace(std::move(key), family.series.size());
  family.series.push_back(std::move(series));
  return *family.series.back();
}

// A histogram lies in whole cache lines of one chunk, so that one address leads to all of it. Its first line
// has cells to spare before the sum and the fastest buckets: what counts the same thing is usually asked for
// next and gets them.
std::uint32_t MetricsRegistry::allocate_histogram() {
  if (!free_histograms_.empty()) {
    const std::uint32_t first = free_histograms_.back();
    free_histograms_.pop_back();
    return first;
  }
  const auto fits = [this] {
    return next_cell_ % kLineCells == 0 && next_cell_ / MetricShard::kChunkCells ==
                                               (next_cell_ + kHistogramRun - 1) / MetricShard::kChunkCells;
  };
  while (!fits()) free_cells_.push_back(next_cell_++);
  if (!grow_by(kHistogramRun)) return 0;
  for (std::uint32_t i = 0; i < kSpareCells; ++i) free_cells_.push_back(next_cell_ + i);
  next_cell_ += kHistogramRun;
  return next_cell_ - static_cast<std::uint32_t>(MetricShard::kHistogramCells);
}

std::uint32_t MetricsRegistry::allocate_cell() {
  if (!free_cells_.empty()) {
    const std::uint32_t cell = free_cells_.back();
    free_cells_.pop_back();
    return cell;
  }
  return grow_by(1) ? next_cell_++ : 0;
}

// Sees to it that the next cells exist. False past a million cells: what has none is not shown apart.
bool MetricsRegistry::grow_by(std::uint32_t cells) {
  const std::size_t chunks = (next_cell_ + cells - 1) / MetricShard::kChunkCells + 1;
  if (chunks > MetricShard::kMaxChunks) return false;
  for (const auto& shard : shards_) shard->grow_to(chunks);
  return true;
}

void MetricsRegistry::release_cells(Type type, std::uint32_t first) {
  if (first == 0) return;
  const std::uint32_t count = type == Type::histogram ? MetricShard::kHistogramCells : 1;
  for (const auto& shard : shards_) {
    for (std::uint32_t i = 0; i < count; ++i) shard->cell(first + i).store(0, std::memory_order_relaxed);
  }
  (type == Type::histogram ? free_histograms_ : free_cells_).push_back(first);
}

std::uint64_t MetricsRegistry::begin_generation() {
  const std::lock_guard lock(mutex_);
  return ++generation_;
}

template <typename Predicate>
void MetricsRegistry::remove_series(Family& family, Predicate unwanted) {
  std::erase_if(family.series, [&](const std::unique_ptr<Series>& series) {
    if (!unwanted(*series)) return false;
    release_cells(family.type, series->cell);
    return true;
  });
  if (family.series.size() == family.by_key.size()) return;
  family.by_key.clear();
  for (std::size_t i = 0; i < family.series.size(); ++i) {
    const std::vector<std::string_view> values(family.series[i]->values.begin(),
                                               family.series[i]->values.end());
    family.by_key.emplace(key_of(values), i);
  }
}

void MetricsRegistry::retire_before(std::uint64_t generation) {
  const std::lock_guard lock(mutex_);
  for (const auto& family : families_) {
    remove_series(*family, [generation](const Series& series) {
      return series.generation != 0 && series.generation < generation;
    });
  }
}

void MetricsRegistry::retire(std::string_view label, std::string_view value) {
  const std::lock_guard lock(mutex_);
  for (const auto& family : families_) {
    const std::vector<std::string>& labels = family->spec.labels;
    const auto found = std::find(labels.begin(), labels.end(), label);
    if (found == labels.end()) continue;
    const auto at = static_cast<std::size_t>(found - labels.begin());
    remove_series(*family, [at, value](const Series& series) { return series.values[at] == value; });
  }
}

std::size_t MetricsRegistry::series_count() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& family : families_) count += family->series.size();
  return count;
}

std::uint64_t MetricsRegistry::value(CounterId id) const {
  const std::lock_guard lock(mutex_);
  return sum(id.cell);
}

std::int64_t MetricsRegistry::value(GaugeId id) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::int64_t>(sum(id.cell));
}

std::uint64_t MetricsRegistry::sum(std::uint32_t cell) const {
  if (cell == 0) return 0;
  std::uint64_t total = 0;
  for (const auto& shard : shards_) total += shard->cell(cell).load(std::memory_order_relaxed);
  return total;
}

}  // namespace linkspan
