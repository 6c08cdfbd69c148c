// Wall time as text for logs: RFC 3339 in UTC with microseconds, "2026-11-22T07:47:31.123456Z".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"

namespace linkspan {

inline constexpr std::size_t kTimestampBytes = 27;

// Writes kTimestampBytes characters to `out` (no terminating zero). Years 0000 to 9999; others are clamped.
void format_timestamp(WallNs wall_ns, char* out);

// The same, remembering the current second, so that one more line costs only its six digits of microseconds.
// One per thread; the view is valid until the next call.
class TimestampFormatter {
 public:
  std::string_view format(WallNs wall_ns);

 private:
  std::int64_t second_ = INT64_MIN;
  char text_[kTimestampBytes] = {};
};

}  // namespace linkspan
