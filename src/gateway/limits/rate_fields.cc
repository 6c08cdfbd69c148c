#include "gateway/limits/rate_fields.h"

#include "base/error_kinds.h"
#include "base/strings.h"
#include "base/units.h"

namespace linkspan::gateway {
namespace {

constexpr std::size_t kMaxNumbers = 2 * kMaxU64Digits + 3;  // and ";t="

// Seconds, rounded up: who waits that long does not come too early.
std::uint64_t ceil_seconds(std::int64_t ns) {
  return static_cast<std::uint64_t>((ns + kNsPerSecond - 1) / kNsPerSecond);
}

}  // namespace

RateFields::RateFields(std::string_view name, const auth::RateLimit& limit) {
  // The window is in whole seconds; a rate per fraction of a second is told per second.
  const std::uint64_t window_s = std::max<std::uint64_t>(ceil_seconds(limit.per.count()), 1);
  const double window_ns = static_cast<double>(window_s) * 1e9;
  std::uint64_t quota = limit.count;
  if (limit.per.count() % kNsPerSecond != 0) {
    quota = static_cast<std::uint64_t>(static_cast<double>(limit.count) * window_ns /
                                       static_cast<double>(limit.per.count()));
  }
  start_ = "\"" + std::string(name) + "\";r=";
  policy_ = "\"" + std::string(name) + "\";q=" + std::to_string(quota) + ";w=" + std::to_string(window_s);
  text_ = format_rate({limit.count, limit.per}) + ", burst " + std::to_string(limit.burst);
}

void RateFields::add(const GcraResult& result, RequestContext& context) const {
  const std::span<char> space = context.arena.space();
  if (space.size() < start_.size() + kMaxNumbers) return;
  char* at = space.data();
  start_.copy(at, start_.size());
  at += start_.size();
  at += format_u64(result.remaining, at);
  std::memcpy(at, ";t=", 3);
  at += 3;
  at += format_u64(ceil_seconds(result.conforms ? result.full_after_ns : result.retry_after_ns), at);
  const std::string_view value = context.arena.take(static_cast<std::size_t>(at - space.data()));
  context.response_fields.add("RateLimit-Policy", policy_);
  context.response_fields.add("RateLimit", value);
}

Verdict admit(const GcraResult& result, const RateFields& fields, std::string_view whose,
              RequestContext& context) {
  fields.add(result, context);
  if (result.conforms) [[likely]]
    return Verdict::proceed;
  char digits[kMaxU64Digits];
  const std::size_t size =
      format_u64(std::max<std::uint64_t>(ceil_seconds(result.retry_after_ns), 1), digits);
  const std::string_view seconds = context.arena.concat({{digits, size}});
  context.response_fields.add("Retry-After", seconds);
  return refuse(context, errors::rate_limited,
                context.arena.concat({"Too many requests of ", whose, ": the limit is ", fields.text(),
                                      ". Try again in ", seconds, " s."}));
}

}  // namespace linkspan::gateway
