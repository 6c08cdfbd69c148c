#include <algorithm>
#include <array>
#include <cmath>

#include "catalog/pattern_text.h"
#include "catalog/sample_text.h"
#include "catalog/value_maker.h"

namespace linkspan::catalog {

using data::JsonValue;

namespace {

constexpr std::size_t kMaxTextBytes = 100'000;

const JsonValue* first_text(const Nodes& all, std::string_view keyword) {
  for (const Node& node : all)
    if (const JsonValue* value = node.value->find(keyword); value != nullptr && value->is_string())
      return value;
  return nullptr;
}

struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_is_out = false;
  bool high_is_out = false;
};

// exclusiveMinimum is a number, or (draft 4) says that minimum itself is out.
Bounds bounds_of(const Nodes& all) {
  Bounds bounds;
  const auto raise = [&](double value, bool is_out) {
    if (value < bounds.low || (value == bounds.low && !is_out)) return;
    bounds.low = value;
    bounds.low_is_out = is_out;
  };
  const auto lower = [&](double value, bool is_out) {
    if (value > bounds.high || (value == bounds.high && !is_out)) return;
    bounds.high = value;
    bounds.high_is_out = is_out;
  };
  for (const Node& node : all) {
    const JsonValue* low = node.value->find("minimum");
    const JsonValue* high = node.value->find("maximum");
    const JsonValue* above = node.value->find("exclusiveMinimum");
    const JsonValue* below = node.value->find("exclusiveMaximum");
    if (low != nullptr && low->is_number()) raise(low->as_double(), above != nullptr && above->is_true());
    if (high != nullptr && high->is_number()) lower(high->as_double(), below != nullptr && below->is_true());
    if (above != nullptr && above->is_number()) raise(above->as_double(), true);
    if (below != nullptr && below->is_number()) lower(below->as_double(), true);
  }
  return bounds;
}

constexpr double kExactLimit = 9'007'199'254'740'992.0;

JsonValue number_value(double number) {
  if (std::floor(number) == number && std::abs(number) <= kExactLimit)
    return static_cast<std::int64_t>(number);
  return number;
}

}  // namespace

std::optional<JsonValue> ValueMaker::string(const Nodes& all) {
  const std::size_t minimum = count_of(greatest(all, "minLength"), 0);
  const std::size_t maximum = count_of(least(all, "maxLength"), kMaxTextBytes);
  if (minimum > kMaxTextBytes || minimum > maximum) return std::nullopt;
  if (const JsonValue* pattern = first_text(all, "pattern"))
    if (auto text = text_of_pattern(pattern->string(), minimum, random_)) return JsonValue(*text);
  if (const JsonValue* format = first_text(all, "format"))
    if (std::string text = text_of_format(format->string(), random_);
        !text.empty() && text.size() >= minimum && text.size() <= maximum)
      return JsonValue(text);
  return JsonValue(sample_words(std::max<std::size_t>(minimum, 1), maximum, random_));
}

std::optional<JsonValue> ValueMaker::number(const Nodes& all, bool must_be_integer) {
  const Bounds bounds = bounds_of(all);
  const double step_given = greatest(all, "multipleOf").value_or(0);
  double step = step_given > 0 ? step_given : (must_be_integer ? 1 : 0);
  if (must_be_integer && step != std::floor(step)) step = std::max(1.0, std::ceil(step));
  const double wide = options_.seed == 0 ? 0 : static_cast<double>(random_.below(100));
  // From the lower bound up, from the upper bound down, or from one.
  std::vector<double> starts;
  if (std::isfinite(bounds.low)) {
    starts = {bounds.low + wide, bounds.low};
  } else if (std::isfinite(bounds.high)) {
    starts = {bounds.high - wide, bounds.high};
  } else {
    starts = {1 + wide};
  }
  if (std::isfinite(bounds.low) && std::isfinite(bounds.high))
    starts.push_back((bounds.low + bounds.high) / 2);
  for (const double start : starts) {
    for (const double offset : {0.0, 1.0, -1.0}) {
      double candidate = start;
      if (step > 0) {
        const bool goes_up = std::isfinite(bounds.low);
        candidate = (goes_up ? std::ceil(start / step) : std::floor(start / step)) * step + offset * step;
      } else {
        candidate += offset;
      }
      const bool is_above = bounds.low_is_out ? candidate > bounds.low : candidate >= bounds.low;
      const bool is_below = bounds.high_is_out ? candidate < bounds.high : candidate <= bounds.high;
      if (is_above && is_below && std::isfinite(candidate)) return number_value(candidate);
    }
  }
  return std::nullopt;
}

}  // namespace linkspan::catalog
