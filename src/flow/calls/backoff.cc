#include "flow/calls/backoff.h"

#include <algorithm>

namespace linkspan::flow {

Duration longest_delay(const Backoff& backoff, std::uint32_t failures) {
  const Duration first =
      std::clamp(backoff.first_delay, Duration(0), std::max(backoff.max_delay, Duration(0)));
  if (failures == 0 || first.count() == 0) return Duration(0);
  const std::uint32_t doublings = failures - 1;
  constexpr std::uint32_t kDurationBits = 63;
  if (doublings >= kDurationBits || first.count() > (backoff.max_delay.count() >> doublings))
    return backoff.max_delay;
  return Duration(first.count() << doublings);
}

Duration draw_delay(const Backoff& backoff, std::uint32_t failures, Random& random, Duration retry_after) {
  const auto longest = static_cast<std::uint64_t>(longest_delay(backoff, failures).count());
  const Duration drawn(static_cast<std::int64_t>(random.below(longest + 1)));
  const Duration asked = std::max(retry_after, Duration(0));
  return asked > Duration::max() - drawn ? Duration::max() : asked + drawn;
}

}  // namespace linkspan::flow
