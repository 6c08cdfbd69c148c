#include "base/trace.h"

#include <algorithm>
#include <cstring>

#include "base/strings.h"

namespace linkspan {
namespace {

// "00-" trace-id "-" parent-id "-" flags
constexpr std::size_t kTraceIdAt = 3;
constexpr std::size_t kSpanIdAt = 36;
constexpr std::size_t kFlagsAt = 53;

constexpr std::uint8_t kNotHex = 0xff;

constexpr std::array<std::uint8_t, 256> make_hex_values() {
  std::array<std::uint8_t, 256> table;
  table.fill(kNotHex);
  for (std::uint8_t i = 0; i < 10; ++i) table[static_cast<std::uint8_t>('0' + i)] = i;
  for (std::uint8_t i = 10; i < 16; ++i) table[static_cast<std::uint8_t>('a' + i - 10)] = i;
  return table;
}
constexpr std::array<std::uint8_t, 256> kHexValues = make_hex_values();

std::uint8_t hex_value(char c) {
  return kHexValues[static_cast<std::uint8_t>(c)];
}

// Whether all are lower-case hex digits. Without branches in the loop: this runs for each request.
bool all_lower_hex(std::string_view text) {
  std::uint8_t seen = 0;
  for (const char c : text) seen |= hex_value(c);
  return seen < 16;
}
// The same, and not all zeros.
bool is_id(std::string_view text) {
  std::uint8_t seen = 0;
  for (const char c : text) seen |= hex_value(c);
  return seen != 0 && seen < 16;
}

bool is_key_start(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_key_char(char c) {
  return is_key_start(c) || is_digit(c) || c == '_' || c == '-' || c == '*' || c == '/';
}
bool all_key_chars(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_key_char);
}

// Section 3.3.1.3.1: a simple key, or tenant "@" system.
bool is_tracestate_key(std::string_view key) {
  const auto [first, system] = split_once(key, '@');
  if (first.empty() || !all_key_chars(first)) return false;
  if (!system) return first.size() <= 256 && is_key_start(first.front());
  return first.size() <= 241 && (is_key_start(first.front()) || is_digit(first.front())) &&
         !system->empty() && system->size() <= 14 && is_key_start(system->front()) && all_key_chars(*system);
}

// Section 3.3.1.3.2; the blanks around the member are off already, so that the last character is not one.
bool is_tracestate_value(std::string_view value) {
  return !value.empty() && value.size() <= 256 && std::all_of(value.begin(), value.end(), [](char c) {
    return c >= 0x20 && c <= 0x7e && c != ',' && c != '=';
  });
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view value) {
  if (value.size() < kTraceparentBytes) return std::nullopt;
  const std::string_view version = value.substr(0, 2);
  const std::string_view trace_id = value.substr(kTraceIdAt, 32);
  const std::string_view span_id = value.substr(kSpanIdAt, 16);
  const std::string_view flags = value.substr(kFlagsAt, 2);
  if (value[2] != '-' || value[kSpanIdAt - 1] != '-' || value[kFlagsAt - 1] != '-') return std::nullopt;
  if (!all_lower_hex(version) || !is_id(trace_id) || !is_id(span_id) || !all_lower_hex(flags)) {
    return std::nullopt;
  }
  if (version == "ff") return std::nullopt;
  if (value.size() > kTraceparentBytes && (version == "00" || value[kTraceparentBytes] != '-'))
    return std::nullopt;
  TraceContext context;
  std::memcpy(context.trace_id.data(), trace_id.data(), context.trace_id.size());
  std::memcpy(context.span_id.data(), span_id.data(), context.span_id.size());
  context.flags = static_cast<std::uint8_t>(hex_value(flags[0]) << 4 | hex_value(flags[1]));
  return context;
}

TraceContext new_trace(Random& random, bool sampled) {
  TraceContext context;
  char trace_id[32];
  char span_id[16];
  random.fill_hex128(trace_id);
  random.fill_hex64(span_id);
  std::copy(std::begin(trace_id), std::end(trace_id), context.trace_id.begin());
  std::copy(std::begin(span_id), std::end(span_id), context.span_id.begin());
  context.flags = sampled ? TraceContext::kSampled : 0;
  return context;
}

TraceContext child_of(const TraceContext& parent, Random& random) {
  TraceContext child;
  char span_id[16];
  random.fill_hex64(span_id);
  child.trace_id = parent.trace_id;
  std::copy(std::begin(span_id), std::end(span_id), child.span_id.begin());
  child.flags = parent.flags & TraceContext::kSampled;
  return child;
}

void format_traceparent(const TraceContext& context, char (&out)[kTraceparentBytes]) {
  std::memcpy(out, "00-", 3);
  std::memcpy(out + kTraceIdAt, context.trace_id.data(), context.trace_id.size());
  out[kSpanIdAt - 1] = '-';
  std::memcpy(out + kSpanIdAt, context.span_id.data(), context.span_id.size());
  out[kFlagsAt - 1] = '-';
  const std::uint8_t flags[] = {context.flags};
  encode_hex(flags, out + kFlagsAt);
}

bool tracestate_is_valid(std::string_view value) {
  if (value.size() > kMaxTracestateBytes) return false;
  std::array<std::string_view, kMaxTracestateMembers> keys;
  std::size_t count = 0;
  for (const std::string_view part : split(value, ',')) {
    const std::string_view member = trim(part);
    if (member.empty()) continue;
    const auto [key, content] = split_once(member, '=');
    if (count == keys.size() || !content || !is_tracestate_key(key) || !is_tracestate_value(*content))
      return false;
    if (std::find(keys.begin(), keys.begin() + count, key) != keys.begin() + count) return false;
    keys[count++] = key;
  }
  return true;
}

}  // namespace linkspan
