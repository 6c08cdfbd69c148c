// W3C Trace Context, Level 1 (https://www.w3.org/TR/trace-context-1/): reading, continuing and writing
// traceparent. Pure functions and a small value type; no allocation.
//
// A caller without a valid traceparent gets new_trace(), and its tracestate is dropped (section 3.3). With
// one, the request goes on with child_of(), and tracestate is passed as it is when tracestate_is_valid().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/random.h"

namespace linkspan {

inline constexpr std::size_t kTraceparentBytes = 55;
inline constexpr std::size_t kMaxTracestateMembers = 32;
inline constexpr std::size_t kMaxTracestateBytes = 2048;  // the text asks for at least 512

struct TraceContext {
  std::array<char, 32> trace_id;  // lower-case hex, never all zeros
  std::array<char, 16> span_id;   // "parent-id" of the header: the span of whoever sends it; never all zeros
  std::uint8_t flags = 0;

  static constexpr std::uint8_t kSampled = 0x01;
  bool sampled() const { return (flags & kSampled) != 0; }
  std::string_view trace_id_text() const { return {trace_id.data(), trace_id.size()}; }
  std::string_view span_id_text() const { return {span_id.data(), span_id.size()}; }
};

// The value of one traceparent field; nullopt if it is not valid. Versions above 00 are read as 00 with
// whatever follows ignored, as section 4.3 says; ff, upper-case digits and all-zero ids are refused.
std::optional<TraceContext> parse_traceparent(std::string_view value);

TraceContext new_trace(Random& random, bool sampled);
// The same trace and sampling decision with a new span id of ours; unknown flags are not passed on
// (section 3.2.2.5).
TraceContext child_of(const TraceContext& parent, Random& random);

// Writes a version 00 value of kTraceparentBytes characters.
void format_traceparent(const TraceContext& context, char (&out)[kTraceparentBytes]);

// Whether the (joined) value of tracestate may be passed on: list syntax, at most 32 members, no repeated
// key.
bool tracestate_is_valid(std::string_view value);

}  // namespace linkspan
