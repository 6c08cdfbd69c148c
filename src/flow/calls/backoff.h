// How long to wait before the next attempt: exponential back-off with full jitter. The longest delay doubles
// with each failure, and the delay is drawn evenly between nothing and that, so that many runs that failed at
// once do not come back at once (AWS Architecture Blog, "Exponential Backoff And Jitter"). Pure but for the
// generator; any thread that owns one.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "base/units.h"

namespace linkspan::flow {

struct Backoff {
  Duration first_delay{0};  // the longest after the first failure
  Duration max_delay{0};    // the longest ever

  bool operator==(const Backoff&) const = default;
};

// The longest delay after so many failures (from 1; 0 is no delay). Never overflows.
Duration longest_delay(const Backoff& backoff, std::uint32_t failures);

// The delay to wait: even within [0, longest_delay]. A server that asked for time (retry_after.h) gets that
// time first and the drawn delay besides: what it told to many at once is not the moment for all of them.
Duration draw_delay(const Backoff& backoff, std::uint32_t failures, Random& random,
                    Duration retry_after = Duration(0));

}  // namespace linkspan::flow
