// The rate that a consumer has over all endpoints together. One policy serves all endpoints with auth; it
// lets consumers without a rate pass. Refuses with rate-limited (429).
#pragma once

#include <memory>
#include <vector>

#include "auth/consumer.h"
#include "gateway/limits/rate_cells.h"
#include "gateway/limits/rate_fields.h"
#include "gateway/policy.h"

namespace linkspan::gateway {

class ConsumerRatePolicy final : public Policy {
 public:
  // `rates` by RateKey::rate_class less one.
  ConsumerRatePolicy(const std::vector<auth::RateLimit>& rates, std::shared_ptr<RateCells> cells);

  std::string_view name() const override { return "consumer_rate"; }
  Verdict apply(RequestContext& context) const override;
  Verdict explain(RequestContext& context, Explanation& explanation) const override;

 private:
  struct Limit {
    GcraLimit gcra;
    RateFields fields;
  };
  // The limit of the context's consumer; null if it has none.
  const Limit* limit_of(const RequestContext& context) const;

  std::vector<Limit> limits_;
  std::shared_ptr<RateCells> cells_;
};

}  // namespace linkspan::gateway
