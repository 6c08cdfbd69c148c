#include "gateway/policies/rate_limit/rate_limit.h"

#include <utility>

#include "gateway/explain.h"

namespace linkspan::gateway {
auth::RateLimit RateLimitPolicy::rate_of(const config::RateLimitConfig& config) {
  return {config.limit.count, config.limit.per, config.burst};
}

RateLimitPolicy::RateLimitPolicy(const config::RateLimitConfig& config,
                                 std::shared_ptr<const RateFields> fields, Cells cells)
    : limit_(make_gcra(rate_of(config))),
      fields_(fields.get()),
      per_(config.per),
      fields_owner_(std::move(fields)),
      cells_(std::move(cells)) {}

config::RatePer RateLimitPolicy::per_of(const RequestContext& context) const {
  if (per_ == config::RatePer::consumer && context.consumer == nullptr) return config::RatePer::address;
  return per_;
}

std::string_view RateLimitPolicy::whose(config::RatePer per) {
  switch (per) {
    case config::RatePer::consumer:
      return "this consumer to this endpoint";
    case config::RatePer::endpoint:
      return "all callers together to this endpoint";
    case config::RatePer::address:
    case config::RatePer::automatic:
      break;
  }
  return "this address to this endpoint";
}

Verdict RateLimitPolicy::apply(RequestContext& context) const {
  const config::RatePer per = per_of(context);
  GcraResult result;
  if (per == config::RatePer::consumer) {
    RateCell& cell = consumer_cells_.cell(context.rate.slot, *cells_.per_consumer);
    result = gcra_take(limit_, cell, context.now_ns);
  } else if (per == config::RatePer::endpoint) {
    result = gcra_take(limit_, cells_.endpoints->cell(cells_.endpoint_slot), context.now_ns);
  } else {
    result = cells_.addresses->take(context.client, cells_.endpoint_slot, limit_, context.now_ns);
  }
  return admit(result, *fields_, whose(per), context);
}

Verdict RateLimitPolicy::explain(RequestContext& context, Explanation& explanation) const {
  const config::RatePer per = per_of(context);
  GcraResult result;
  if (per == config::RatePer::consumer) {
    result = gcra_peek(limit_, cells_.per_consumer->peek(context.rate.slot), context.now_ns);
  } else if (per == config::RatePer::endpoint) {
    result = gcra_peek(limit_, cells_.endpoints->peek(cells_.endpoint_slot), context.now_ns);
  } else {
    result = cells_.addresses->peek(context.client, cells_.endpoint_slot, limit_, context.now_ns);
  }
  const Verdict verdict = admit(gcra_if_taken(limit_, result), *fields_, whose(per), context);
  const std::string left = std::to_string(result.remaining) + " left now";
  explanation.add_step(name(), verdict, fields_->text() + ", for " + std::string(whose(per)) + "; " + left);
  return verdict;
}

}  // namespace linkspan::gateway
