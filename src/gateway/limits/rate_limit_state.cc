#include "gateway/limits/rate_limit_state.h"

#include <bit>
#include <set>

#include "base/random.h"

namespace linkspan::gateway {
namespace {

// An array with room for `needed` cells that counts on in the cells of `current`; a new one takes from
// `pages`.
std::shared_ptr<RateCells> with_room(const std::shared_ptr<RateCells>& current, std::size_t needed,
                                     const std::shared_ptr<RatePages>& pages) {
  const std::size_t capacity = std::bit_ceil(std::max(needed, RateCells::kPageCells));
  if (current == nullptr) return std::make_shared<RateCells>(capacity, pages);
  if (current->capacity() >= needed) return current;
  return std::make_shared<RateCells>(capacity, current);
}

}  // namespace

std::vector<std::uint32_t> NameSlots::assign(std::span<const std::string_view> names,
                                             std::vector<std::uint32_t>& reused) {
  std::vector<std::uint32_t> assigned;
  assigned.reserve(names.size());
  for (std::string_view name : names) {
    auto at = slots_.find(name);
    if (at == slots_.end()) {
      std::uint32_t slot = next_;
      if (free_.empty()) {
        ++next_;
      } else {
        slot = free_.back();
        free_.pop_back();
        reused.push_back(slot);
      }
      at = slots_.emplace(name, slot).first;
    }
    assigned.push_back(at->second);
  }
  return assigned;
}

void NameSlots::retain(std::span<const std::string_view> names) {
  const std::set<std::string_view> wanted(names.begin(), names.end());
  for (auto at = slots_.begin(); at != slots_.end();) {
    if (wanted.contains(at->first)) {
      ++at;
      continue;
    }
    free_.push_back(at->second);
    at = slots_.erase(at);
  }
}

RateLimitState::Cells RateLimitState::acquire(std::span<const std::string_view> consumers,
                                              std::span<const EndpointNeed> endpoints) {
  const std::lock_guard lock(mutex_);
  Cells cells;
  std::vector<std::uint32_t> reused;
  cells.consumer_slots = consumer_slots_.assign(consumers, reused);
  consumers_ = with_room(consumers_, consumer_slots_.capacity(), pages_);
  for (std::uint32_t slot : reused) {
    consumers_->clear(slot);
    for (auto& [name, array] : per_consumer_) {
      if (slot < array->capacity()) array->clear(slot);
    }
  }

  std::vector<std::string_view> names;
  for (const EndpointNeed& endpoint : endpoints) names.push_back(endpoint.name);
  reused.clear();
  cells.endpoint_slots = endpoint_slots_.assign(names, reused);
  endpoints_ = with_room(endpoints_, endpoint_slots_.capacity(), pages_);
  for (std::uint32_t slot : reused) endpoints_->clear(slot);

  for (const EndpointNeed& endpoint : endpoints) {
    std::shared_ptr<RateCells>& array = cells.per_consumer.emplace_back();
    if (!endpoint.per_consumer) continue;
    std::shared_ptr<RateCells>& known = per_consumer_[std::string(endpoint.name)];
    array = known = with_room(known, consumer_slots_.capacity(), pages_);
  }
  cells.consumers = consumers_;
  cells.endpoints = endpoints_;
  return cells;
}

void RateLimitState::retain(std::span<const std::string_view> consumers,
                            std::span<const EndpointNeed> endpoints) {
  const std::lock_guard lock(mutex_);
  consumer_slots_.retain(consumers);
  std::vector<std::string_view> names;
  std::set<std::string_view> per_consumer;
  for (const EndpointNeed& endpoint : endpoints) {
    names.push_back(endpoint.name);
    if (endpoint.per_consumer) per_consumer.insert(endpoint.name);
  }
  endpoint_slots_.retain(names);
  std::erase_if(per_consumer_, [&](const auto& entry) { return !per_consumer.contains(entry.first); });
}

AddressLimits& RateLimitState::addresses() {
  const std::lock_guard lock(mutex_);
  if (addresses_ == nullptr) addresses_ = std::make_unique<AddressLimits>(Random().next_u64());
  return *addresses_;
}

}  // namespace linkspan::gateway
