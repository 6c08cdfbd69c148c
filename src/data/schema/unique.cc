#include "data/schema/unique.h"

#include <algorithm>
#include <vector>

#include "data/json_compare.h"

namespace linkspan::data::schema {

namespace {

constexpr std::size_t kComparedPairwise = 12;

bool spend(std::uint64_t& steps, std::uint64_t cost) {
  const bool enough = cost < steps;
  steps -= std::min(cost, steps);
  return enough;
}

bool are_equal(const JsonValue& a, const JsonValue& b, std::uint64_t& steps) {
  if (a.type() != b.type()) return false;
  if (a.is_string()) return a.string() == b.string();
  if ((a.is_array() || a.is_object()) && (a.size() != b.size() || !spend(steps, count_values(a, steps))))
    return false;
  return a == b;
}

}  // namespace

std::uint64_t count_values(const JsonValue& value, std::uint64_t enough) {
  if (!value.is_array() && !value.is_object()) return 1;
  std::uint64_t count = 0;
  std::vector<const JsonValue*> open{&value};
  while (!open.empty() && count < enough) {
    const JsonValue& next = *open.back();
    open.pop_back();
    ++count;
    for (const JsonValue& item : next.items()) open.push_back(&item);
    for (const JsonMember& member : next.members()) open.push_back(&member.value);
  }
  return count;
}

std::optional<std::pair<std::size_t, std::size_t>> find_equal_items(std::span<const JsonValue> items,
                                                                    std::uint64_t& steps) {
  if (items.size() <= kComparedPairwise) {
    for (std::size_t i = 1; i < items.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (!spend(steps, 1)) return std::nullopt;
        if (are_equal(items[i], items[j], steps)) return std::pair(j, i);
      }
    }
    return std::nullopt;
  }
  struct Hashed {
    std::uint64_t hash;
    std::size_t index;
  };
  std::vector<Hashed> hashed(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!spend(steps, count_values(items[i], steps))) return std::nullopt;
    hashed[i] = {hash_json(items[i]), i};
  }
  std::sort(hashed.begin(), hashed.end(), [](const Hashed& a, const Hashed& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.index < b.index;
  });
  for (std::size_t i = 0; i < hashed.size(); ++i) {
    for (std::size_t j = i + 1; j < hashed.size() && hashed[j].hash == hashed[i].hash; ++j) {
      if (!spend(steps, 1)) return std::nullopt;
      if (are_equal(items[hashed[i].index], items[hashed[j].index], steps))
        return std::pair(hashed[i].index, hashed[j].index);
    }
  }
  return std::nullopt;
}

}  // namespace linkspan::data::schema
