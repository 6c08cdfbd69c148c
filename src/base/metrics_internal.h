// The registry's own records, shared by metrics.cc (registration) and metrics_render.cc (exposition).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/metrics.h"

namespace linkspan {

struct MetricsRegistry::Series {
  std::string labels;  // as rendered, without braces: method="GET",status="200"
  std::vector<std::string> values;
  std::uint32_t cell = 0;        // the first, of a histogram
  std::uint64_t generation = 0;  // 0: for the life of the process
  std::function<double()> read;  // if set, the value comes from here
};

struct MetricsRegistry::Family {
  MetricSpec spec;
  Type type;
  std::vector<std::unique_ptr<Series>> series;  // in the order in which they were made
  std::unordered_map<std::string, std::size_t> by_key;
};

// name="value",name="value" with the values escaped.
std::string render_labels(std::span<const std::string> names, std::span<const std::string_view> values);

}  // namespace linkspan
