// TZif files made by hand, for tests and fuzzers.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "flow/triggers/time_zone.h"

namespace linkspan::flow::testing {

struct TzifTransition {
  std::int64_t at;
  std::uint8_t type;
};

inline void append_big_endian(std::string& out, std::int64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

// Header and data of one version; the types are offsets.
inline std::string tzif_block(char version, int time_bytes, const std::vector<std::int32_t>& offsets,
                              const std::vector<TzifTransition>& transitions, std::int64_t leap_seconds = 0) {
  std::string out = "TZif";
  out += version;
  out.append(15, '\0');
  for (const std::int64_t count :
       {std::int64_t{0}, std::int64_t{0}, leap_seconds, static_cast<std::int64_t>(transitions.size()),
        static_cast<std::int64_t>(offsets.size()), std::int64_t{4}})
    append_big_endian(out, count, 4);
  for (const TzifTransition& transition : transitions) append_big_endian(out, transition.at, time_bytes);
  for (const TzifTransition& transition : transitions) out += static_cast<char>(transition.type);
  for (const std::int32_t offset : offsets) {
    append_big_endian(out, offset, 4);
    out.append(2, '\0');
  }
  out.append("LMT\0", 4);
  for (std::int64_t i = 0; i < leap_seconds; ++i) out.append(static_cast<std::size_t>(time_bytes) + 4, '\0');
  return out;
}

inline std::string tzif(const std::vector<std::int32_t>& offsets,
                        const std::vector<TzifTransition>& transitions, std::string_view footer) {
  return tzif_block('2', 4, {0}, {}) + tzif_block('2', 8, offsets, transitions) + "\n" + std::string(footer) +
         "\n";
}

inline TimeZone zone_of_rules(std::string_view rules) {
  Result<TimeZone> zone = parse_time_zone(tzif({0}, {}, rules), "Test/Zone");
  if (!zone) std::abort();
  return std::move(*zone);
}

}  // namespace linkspan::flow::testing
