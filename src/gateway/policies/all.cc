#include "gateway/policies/all.h"

#include <memory>
#include <utility>

#include "gateway/policies/authenticate/authenticate.h"
#include "gateway/policies/body_limit/body_limit.h"
#include "gateway/policies/consumer_rate/consumer_rate.h"
#include "gateway/policies/rate_limit/rate_limit.h"

namespace linkspan::gateway {

const ChainCompiler::Entry ChainCompiler::kAll[] = {
    {Phase::identify, &ChainCompiler::authenticate},
    {Phase::admit, &ChainCompiler::consumer_rate},
    {Phase::admit, &ChainCompiler::rate_limit},
    {Phase::admit, &ChainCompiler::body_limit},
};

void ChainCompiler::compile(Endpoint& endpoint) {
  static_assert(std::size(kAll) <= PolicyChain::kCapacity);
  for (const Entry& entry : kAll) {
    const Policy* policy = (this->*entry.make)(endpoint);
    if (policy != nullptr) endpoint.chain.push_back(policy, entry.phase);
  }
}

template <typename T, typename... Arguments>
const Policy* ChainCompiler::make(Arguments&&... arguments) {
  snapshot_.policies.push_back(std::make_unique<const T>(std::forward<Arguments>(arguments)...));
  return snapshot_.policies.back().get();
}

const Policy* ChainCompiler::authenticate(Endpoint& endpoint) {
  if (endpoint.config->auth_indices.empty()) return nullptr;
  const Policy*& policy = authenticate_[endpoint.config->auth_indices];
  if (policy == nullptr) policy = make<AuthenticatePolicy>(snapshot_, endpoint.config->auth_indices);
  return policy;
}

const Policy* ChainCompiler::consumer_rate(Endpoint& endpoint) {
  if (endpoint.config->auth_indices.empty() || snapshot_.consumer_rates.empty()) return nullptr;
  if (consumer_rate_ == nullptr) {
    consumer_rate_ = make<ConsumerRatePolicy>(snapshot_.consumer_rates, snapshot_.rate_cells.consumers);
  }
  return consumer_rate_;
}

const Policy* ChainCompiler::rate_limit(Endpoint& endpoint) {
  const std::optional<config::RateLimitConfig>& config = endpoint.config->rate;
  if (!config) return nullptr;
  RateLimitPolicy::Cells cells;
  cells.endpoint_slot = snapshot_.rate_cells.endpoint_slots[endpoint.index];
  cells.endpoints = snapshot_.rate_cells.endpoints;
  cells.per_consumer = snapshot_.rate_cells.per_consumer[endpoint.index];
  if (config->per != config::RatePer::endpoint) cells.addresses = &rates_.addresses();
  const auth::RateLimit rate = RateLimitPolicy::rate_of(*config);
  std::shared_ptr<const RateFields>& fields = rate_fields_[{rate.count, rate.per, rate.burst}];
  if (fields == nullptr) fields = std::make_shared<const RateFields>("endpoint", rate);
  return endpoint.own_policy.emplace<RateLimitPolicy>(*config, fields, std::move(cells));
}

const Policy* ChainCompiler::body_limit(Endpoint& endpoint) {
  const std::uint64_t max_body_bytes =
      endpoint.config->max_body_bytes.value_or(snapshot_.config->limits.max_body_bytes);
  if (max_body_bytes == config::kUnlimited) return nullptr;
  const Policy*& policy = body_limit_[max_body_bytes];
  if (policy == nullptr) policy = make<BodyLimitPolicy>(max_body_bytes);
  return policy;
}

}  // namespace linkspan::gateway
