#include "gateway/policies/consumer_rate/consumer_rate.h"

#include <map>
#include <tuple>
#include <utility>

#include "gateway/explain.h"

namespace linkspan::gateway {

ConsumerRatePolicy::ConsumerRatePolicy(const std::vector<auth::Consumer>& consumers,
                                       std::shared_ptr<RateCells> cells)
    : cells_(std::move(cells)) {
  std::map<std::tuple<std::uint64_t, std::int64_t, std::uint64_t>, std::uint32_t> known;
  for (const auth::Consumer& consumer : consumers) {
    std::uint32_t& number = limit_of_index_.emplace_back(0);
    if (!consumer.has_rate) continue;
    const auth::RateLimit& rate = consumer.rate;
    std::uint32_t& same = known[{rate.count, rate.per.count(), rate.burst}];
    if (same == 0) {
      limits_.push_back({make_gcra(rate), RateFields("consumer", rate)});
      same = static_cast<std::uint32_t>(limits_.size());
    }
    number = same;
  }
}

const ConsumerRatePolicy::Limit* ConsumerRatePolicy::limit_of(const RequestContext& context) const {
  if (context.consumer == nullptr) return nullptr;
  const std::uint32_t number = limit_of_index_[context.consumer->index];
  return number != 0 ? &limits_[number - 1] : nullptr;
}

Verdict ConsumerRatePolicy::apply(RequestContext& context) const {
  const Limit* limit = limit_of(context);
  if (limit == nullptr) return Verdict::proceed;
  RateCell& cell = cells_->cell(context.consumer->rate_slot);
  return admit(gcra_take(limit->gcra, cell, context.now_ns), limit->fields, "this consumer", context);
}

Verdict ConsumerRatePolicy::explain(RequestContext& context, Explanation& explanation) const {
  const Limit* limit = limit_of(context);
  if (limit == nullptr) {
    explanation.add_step(name(), Verdict::proceed, "this consumer has no rate of its own");
    return Verdict::proceed;
  }
  const MonotonicNs tat = cells_->peek(context.consumer->rate_slot);
  const GcraResult result = gcra_peek(limit->gcra, tat, context.now_ns);
  const Verdict verdict = admit(result, limit->fields, "this consumer", context);
  explanation.add_step(
      name(), verdict,
      limit->fields.text() + ", over all endpoints; " + std::to_string(result.remaining) + " left now");
  return verdict;
}

}  // namespace linkspan::gateway
