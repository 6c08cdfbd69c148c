// Refuses requests that declare a longer body than the endpoint accepts, before any of it is read
// (body-too-large, 413). Bodies without a declared length are counted as they come, by who reads them
// (Endpoint::max_body_bytes).
#pragma once

#include <cstdint>

#include "gateway/policy.h"

namespace linkspan::gateway {

class BodyLimitPolicy final : public Policy {
 public:
  explicit BodyLimitPolicy(std::uint64_t max_body_bytes) : max_body_bytes_(max_body_bytes) {}

  std::string_view name() const override { return "body_limit"; }
  Verdict apply(RequestContext& context) const override;
  Verdict explain(RequestContext& context, Explanation& explanation) const override;

 private:
  std::uint64_t max_body_bytes_;
};

}  // namespace linkspan::gateway
