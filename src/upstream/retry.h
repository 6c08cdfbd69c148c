// Whether a failed attempt may be made again. The rule (RFC 9110 section 9.2.2, RFC 9112 section 9.3.1):
// never once a byte of the answer has gone to the caller; and unless nothing at all was sent, only idempotent
// requests whose body can be sent again from its start. Within that, the policy says which failures are worth
// another attempt, how many there may be, and what share of the traffic retries may make up, so that a system
// in trouble does not get more traffic than one that is well.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/error.h"
#include "upstream/settings.h"

namespace linkspan::upstream {

// What ended an attempt.
enum class Failure : std::uint8_t {
  connect,       // no connection: name, TCP, TLS or no free slot; nothing was sent
  stale,         // a pooled connection was closed by the server before the first byte of an answer
  reset,         // a connection ended before an answer was complete
  timeout,       // no first byte in time
  status,        // a whole answer head, with `status`
  bad_response,  // not HTTP; asking again would not make it better
  own_want       // no descriptor or port here: another attempt would need one too
};

struct AttemptFacts {
  Failure failure = Failure::connect;
  int status = 0;                 // with Failure::status
  bool idempotent = false;        // by its method, or because the caller gave an idempotency key
  bool bytes_sent = false;        // some of the request may have reached the server
  bool body_replayable = true;    // no body, none of it taken from the caller yet, or all of it kept
  bool response_started = false;  // a byte of an answer has gone to the caller
  std::uint32_t attempts = 1;     // made so far, the failed one included; free retries not counted
  bool free_retry_used = false;   // this request was already sent again because of a stale connection
};

enum class RetryVerdict : std::uint8_t {
  give_up,
  retry,  // if the budget allows
  // Not counted as an attempt and not charged to the budget: the server never saw the request. Best over a
  // new connection, since others in the pool may be as dead.
  retry_free,
};

// Failure::connect or own_want, by the error of Server::open.
Failure failure_of_open_error(const Error& error);

// Pure.
RetryVerdict retry_verdict(const RetryPolicy& policy, const AttemptFacts& facts);

// Retries allowed to one worker for one API: a token bucket as in Finagle's RetryBudget. Each request puts in
// `share` tokens, a retry takes one out; besides, a floor of so many retries a second keeps retries possible
// where there is little traffic. Used by one thread.
class RetryBudget {
 public:
  RetryBudget(double share, std::uint32_t min_per_second, MonotonicNs now);

  // Once for each request, not for its retries.
  void deposit() {
    tokens_ += share_;
    if (tokens_ > kMaxRetries * kToken) tokens_ = kMaxRetries * kToken;
  }
  // Takes the token for a retry; false: none left.
  bool withdraw(MonotonicNs now);

 private:
  static constexpr std::int64_t kToken = 1'000'000;
  static constexpr std::int64_t kMaxRetries = 100;  // that may come in one burst

  // In millionths of a retry.
  std::int64_t share_;
  std::int64_t tokens_ = 0;
  std::int64_t floor_;  // for each second, and at most
  std::int64_t floor_tokens_;
  MonotonicNs floor_filled_at_;
};

// How long to wait before attempt `attempt` (2 is the first retry) where no other server is left to try:
// random up to 25 ms, doubling up to 1 s ("full jitter"). `random_unit` is in [0, 1).
MonotonicNs retry_delay_ns(std::uint32_t attempt, double random_unit);

}  // namespace linkspan::upstream
