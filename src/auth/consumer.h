// Who calls, as the request path knows it. Plain values made when a config is built; immutable after, so any
// thread may read them.
#pragma once

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

struct Consumer {
  std::string_view name;        // of the config, which the snapshot keeps
  std::uint32_t index = 0;      // in the config's order
  std::uint32_t rate_slot = 0;  // where the consumer's rates are counted: the same number over reloads
  bool has_rate = false;
  RateLimit rate;  // over all endpoints; means something with has_rate only
};

}  // namespace linkspan::auth
