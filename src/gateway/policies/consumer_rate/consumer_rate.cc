#include "gateway/policies/consumer_rate/consumer_rate.h"

#include <utility>

#include "gateway/explain.h"

namespace linkspan::gateway {

ConsumerRatePolicy::ConsumerRatePolicy(const std::vector<auth::RateLimit>& rates,
                                       std::shared_ptr<RateCells> cells)
    : cells_(std::move(cells)) {
  for (const auth::RateLimit& rate : rates)
    limits_.push_back({make_gcra(rate), RateFields("consumer", rate)});
}

const ConsumerRatePolicy::Limit* ConsumerRatePolicy::limit_of(const RequestContext& context) const {
  if (context.consumer == nullptr || context.rate.rate_class == 0) return nullptr;
  return &limits_[context.rate.rate_class - 1];
}

Verdict ConsumerRatePolicy::apply(RequestContext& context) const {
  const Limit* limit = limit_of(context);
  if (limit == nullptr) return Verdict::proceed;
  RateCell& cell = cells_->cell(context.rate.slot);
  return admit(gcra_take(limit->gcra, cell, context.now_ns), limit->fields, "this consumer", context);
}

Verdict ConsumerRatePolicy::explain(RequestContext& context, Explanation& explanation) const {
  const Limit* limit = limit_of(context);
  if (limit == nullptr) {
    explanation.add_step(name(), Verdict::proceed, "this consumer has no rate of its own");
    return Verdict::proceed;
  }
  const MonotonicNs tat = cells_->peek(context.rate.slot);
  const GcraResult result = gcra_peek(limit->gcra, tat, context.now_ns);
  const Verdict verdict = admit(gcra_if_taken(limit->gcra, result), limit->fields, "this consumer", context);
  explanation.add_step(
      name(), verdict,
      limit->fields.text() + ", over all endpoints; " + std::to_string(result.remaining) + " left now");
  return verdict;
}

}  // namespace linkspan::gateway
