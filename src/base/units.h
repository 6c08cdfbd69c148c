// Quantities as people write them in config and on command lines: durations, sizes, rates, percentages.
//
// Parsing is strict (a unit is required, no sign, no spaces inside, no fractions save in percentages) and an
// error says what was expected with an example; it has the kind errors::config_invalid. format_* gives the
// shortest text that parses back to the same value. Pure functions, any thread.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace linkspan {

using Duration = std::chrono::nanoseconds;

struct Bytes {
  std::uint64_t count = 0;
  auto operator<=>(const Bytes&) const = default;
};

struct Rate {
  std::uint64_t count = 0;
  Duration per{std::chrono::seconds(1)};
  bool operator==(const Rate&) const = default;
};

struct Percentage {
  double percent = 0;  // 20 for "20%"
  double fraction() const { return percent / 100; }
  bool operator==(const Percentage&) const = default;
};

// "0", or digits and one of ns us ms s m h d w: 250ms 5s 2m 26h 7d; parts may be joined, larger first: 1h30m.
Result<Duration> parse_duration(std::string_view text);
std::string format_duration(Duration value);

// "0", or digits and one of B KiB MiB GiB TiB (powers of 1024) or kB MB GB TB (powers of 1000).
Result<Bytes> parse_bytes(std::string_view text);
std::string format_bytes(Bytes value);

// Digits, "/", and a period: s min h d month (30 days), or a duration: 50/s 1000/min 5/10s. The count is at
// least 1.
Result<Rate> parse_rate(std::string_view text);
std::string format_rate(Rate value);

// A number from 0 to 100, with a fraction if wanted, and "%": 20% 0.5%.
Result<Percentage> parse_percentage(std::string_view text);
std::string format_percentage(Percentage value);

}  // namespace linkspan
