// An endpoint's own rate limit, counted per consumer, per client address or for all callers together. Refuses
// with rate-limited (429). A limit per consumer counts callers that no policy identified by their address.
#pragma once

#include <memory>
#include <string>

#include "gateway/limits/rate_fields.h"
#include "gateway/limits/rate_limit_state.h"
#include "gateway/policy.h"

namespace linkspan::gateway {

// What apply() reads of a limit per consumer is in the first two cache lines.
class alignas(64) RateLimitPolicy final : public Policy {
 public:
  struct Cells {
    std::uint32_t endpoint_slot = 0;
    std::shared_ptr<RateCells> endpoints;     // with RatePer::endpoint
    std::shared_ptr<RateCells> per_consumer;  // with RatePer::consumer
    AddressLimits* addresses = nullptr;       // not with RatePer::endpoint
  };
  // Endpoints with the same rate share `fields`.
  RateLimitPolicy(const config::RateLimitConfig& config, std::shared_ptr<const RateFields> fields,
                  Cells cells);
  static auth::RateLimit rate_of(const config::RateLimitConfig& config);

  std::string_view name() const override { return "rate_limit"; }
  Verdict apply(RequestContext& context) const override;
  const RateCells::Nearby* consumer_cells() const override { return &consumer_cells_; }
  Verdict explain(RequestContext& context, Explanation& explanation) const override;

 private:
  config::RatePer per_of(const RequestContext& context) const;
  static std::string_view whose(config::RatePer per);

  GcraLimit limit_;
  const RateFields* fields_;
  config::RatePer per_;
  mutable RateCells::Nearby consumer_cells_;  // of cells_.per_consumer
  std::shared_ptr<const RateFields> fields_owner_;
  Cells cells_;
};

}  // namespace linkspan::gateway
