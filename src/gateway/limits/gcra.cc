#include "gateway/limits/gcra.h"

namespace linkspan::gateway {

GcraLimit make_gcra(const auth::RateLimit& limit) {
  const auto count = static_cast<std::int64_t>(std::clamp<std::uint64_t>(limit.count, 1, INT64_MAX));
  GcraLimit gcra;
  gcra.interval_ns = std::max<std::int64_t>((limit.per.count() - 1) / count + 1, 1);
  // The whole burst must fit into the time that 64 bits of nanoseconds can tell, with room for "now".
  const std::int64_t longest_burst = INT64_MAX / 4 / gcra.interval_ns;
  gcra.burst = std::clamp<std::uint64_t>(
      limit.burst, 1, static_cast<std::uint64_t>(std::max<std::int64_t>(longest_burst, 1)));
  gcra.tolerance_ns = static_cast<std::int64_t>(gcra.burst - 1) * gcra.interval_ns;
  return gcra;
}

}  // namespace linkspan::gateway
