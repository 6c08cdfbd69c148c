// What rate limits count, apart from any config, so that limits survive reloads: cells are found by the names
// of endpoints and consumers. Made once by app, outlives all snapshots. acquire_*() and the like are for
// builds and take a lock; cells are then used by any thread without one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/limits/address_limits.h"
#include "gateway/limits/rate_cells.h"

namespace linkspan::gateway {

// Numbers for names: the same name keeps its number as long as it is in use.
class NameSlots {
 public:
  // Numbers new names; numbers that retain() freed are given anew, and reported through `reused` so that
  // their cells can be cleared. The numbers of `names`, in order.
  std::vector<std::uint32_t> assign(std::span<const std::string_view> names,
                                    std::vector<std::uint32_t>& reused);
  // Forgets all names but these.
  void retain(std::span<const std::string_view> names);
  std::uint32_t capacity() const { return next_; }

 private:
  std::map<std::string, std::uint32_t, std::less<>> slots_;
  std::vector<std::uint32_t> free_;
  std::uint32_t next_ = 0;
};

class RateLimitState {
 public:
  // The cells for a build: one for each consumer's own rate, one for each endpoint's rate, and for each
  // endpoint that limits per consumer one for each consumer. Slots index the consumers' cells.
  struct Cells {
    std::vector<std::uint32_t> consumer_slots;  // by consumer, in the order given
    std::vector<std::uint32_t> endpoint_slots;  // by endpoint, in the order given
    std::shared_ptr<RateCells> consumers;
    std::shared_ptr<RateCells> endpoints;
    std::vector<std::shared_ptr<RateCells>> per_consumer;  // by endpoint; null where not wanted
  };
  struct EndpointNeed {
    std::string_view name;
    bool per_consumer = false;
  };
  // Takes nothing from the configs that are in use: a build may still be refused.
  Cells acquire(std::span<const std::string_view> consumers, std::span<const EndpointNeed> endpoints);
  // Forgets what any other config than this one, which is now in use, had.
  void retain(std::span<const std::string_view> consumers, std::span<const EndpointNeed> endpoints);

  // The table of addresses; made when a build first asks for it.
  AddressLimits& addresses();

 private:
  std::mutex mutex_;
  std::shared_ptr<RatePages> pages_ = std::make_shared<RatePages>();
  NameSlots consumer_slots_;
  NameSlots endpoint_slots_;
  std::shared_ptr<RateCells> consumers_;
  std::shared_ptr<RateCells> endpoints_;
  std::map<std::string, std::shared_ptr<RateCells>, std::less<>> per_consumer_;
  std::unique_ptr<AddressLimits> addresses_;
};

}  // namespace linkspan::gateway
