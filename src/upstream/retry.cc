#include "upstream/retry.h"

#include <algorithm>
#include <cmath>

#include "base/error_kinds.h"

namespace linkspan::upstream {

namespace {

bool listed(const RetryPolicy& policy, int status) {
  return std::ranges::any_of(policy.on_statuses,
                             [&](const StatusRange& range) { return range.contains(status); });
}

bool policy_covers(const RetryPolicy& policy, const AttemptFacts& facts) {
  switch (facts.failure) {
    case Failure::connect:
      return policy.on_connect;
    case Failure::stale:
    case Failure::reset:
      return policy.on_reset;
    case Failure::timeout:
      return policy.on_timeout;
    case Failure::status:
      return listed(policy, facts.status);
    case Failure::bad_response:
    case Failure::own_want:
      return false;
  }
  return false;
}

}  // namespace

Failure failure_of_open_error(const Error& error) {
  return &error.kind() == &errors::out_of_sockets ? Failure::own_want : Failure::connect;
}

RetryVerdict retry_verdict(const RetryPolicy& policy, const AttemptFacts& facts) {
  if (facts.response_started || !facts.body_replayable) return RetryVerdict::give_up;
  if (facts.bytes_sent && !facts.idempotent) return RetryVerdict::give_up;
  if (facts.failure == Failure::stale && !facts.free_retry_used) return RetryVerdict::retry_free;
  if (facts.attempts >= policy.attempts || !policy_covers(policy, facts)) return RetryVerdict::give_up;
  return RetryVerdict::retry;
}

RetryBudget::RetryBudget(double share, std::uint32_t min_per_second, MonotonicNs now)
    : share_(std::llround(share * static_cast<double>(kToken))),
      floor_(share > 0 ? min_per_second * kToken : 0),
      floor_tokens_(floor_),
      floor_filled_at_(now) {}

bool RetryBudget::withdraw(MonotonicNs now) {
  if (tokens_ >= kToken) {
    tokens_ -= kToken;
    return true;
  }
  const MonotonicNs elapsed_us = std::min((now - floor_filled_at_) / kNsPerUs, MonotonicNs{1'000'000});
  floor_tokens_ = std::min(floor_, floor_tokens_ + floor_ / 1'000'000 * elapsed_us);
  floor_filled_at_ = now;
  if (floor_tokens_ < kToken) return false;
  floor_tokens_ -= kToken;
  return true;
}

MonotonicNs retry_delay_ns(std::uint32_t attempt, double random_unit) {
  const std::uint32_t doublings = std::clamp<std::uint32_t>(attempt, 2, 8) - 2;
  const MonotonicNs cap = std::min<MonotonicNs>((25 * kNsPerMs) << doublings, kNsPerSecond);
  return static_cast<MonotonicNs>(random_unit * static_cast<double>(cap));
}

}  // namespace linkspan::upstream
