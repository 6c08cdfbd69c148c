// What a caller is told of a rate limit: RateLimit-Policy and RateLimit
// (draft-ietf-httpapi-ratelimit-headers) and, when refused, Retry-After (RFC 9110 section 10.2.3).
//
//   RateLimit-Policy: "endpoint";q=20;w=1        20 requests in each second
//   RateLimit: "endpoint";r=7;t=1                7 more now; all of them again in 1 second
#pragma once

#include <string>
#include <string_view>

#include "gateway/limits/gcra.h"
#include "gateway/policy.h"

namespace linkspan::gateway {

class RateFields {
 public:
  // `name` tells limits of one answer apart; letters only.
  RateFields(std::string_view name, const auth::RateLimit& limit);

  // Adds the fields for this result; no allocation.
  void add(const GcraResult& result, RequestContext& context) const;
  // The policy in words: "20/s, burst 20".
  const std::string& text() const { return text_; }

 private:
  std::string policy_;
  std::string start_;  // of RateLimit's value: "endpoint";r=
  std::string text_;
};

// Adds the fields, and if the request does not conform refuses it as rate-limited. `whose` completes "Too
// many requests of ...".
Verdict admit(const GcraResult& result, const RateFields& fields, std::string_view whose,
              RequestContext& context);

}  // namespace linkspan::gateway
