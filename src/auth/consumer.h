// Who calls, as the request path knows it. Plain values made when a config is built; immutable after, so any
// thread may read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/units.h"

namespace linkspan::auth {

// A limit as configured: `count` requests in each `per`, of which `burst` may come at once (at least 1).
struct RateLimit {
  std::uint64_t count = 0;
  Duration per{};
  std::uint64_t burst = 1;

  bool operator==(const RateLimit&) const = default;
};

// Where the rates of one consumer are counted.
struct RateKey {
  std::uint32_t slot = 0;        // of the consumer's cells: the same number over reloads
  std::uint32_t rate_class = 0;  // which of the different rates over all endpoints it has; 0: none
};

// One cache line, short names included, as each request of another consumer comes to a cold one.
struct alignas(64) Consumer {
  static constexpr std::size_t kShortNameBytes = 28;

  // `config_name` must outlive the consumer.
  Consumer(std::uint32_t consumer_index, std::string_view config_name) : index(consumer_index) {
    if (config_name.size() > kShortNameBytes) {
      name = config_name;
      return;
    }
    config_name.copy(short_name, config_name.size());
    name = {short_name, config_name.size()};
  }
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  std::string_view name;
  std::uint32_t index;  // in the config's order
  RateKey rate;
  char short_name[kShortNameBytes];
};
static_assert(sizeof(Consumer) == 64);

}  // namespace linkspan::auth
