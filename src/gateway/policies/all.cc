#include "gateway/policies/all.h"

#include <memory>
#include <utility>

#include "gateway/policies/authenticate/authenticate.h"
#include "gateway/policies/body_limit/body_limit.h"
#include "gateway/policies/consumer_rate/consumer_rate.h"
#include "gateway/policies/rate_limit/rate_limit.h"

namespace linkspan::gateway {

const ChainCompiler::Make ChainCompiler::kAll[] = {
    // identify
    &ChainCompiler::authenticate,
    // admit
    &ChainCompiler::consumer_rate,
    &ChainCompiler::rate_limit,
    &ChainCompiler::body_limit,
};

PolicyChain ChainCompiler::compile(const config::EndpointConfig& endpoint, std::uint32_t index) {
  static_assert(std::size(kAll) <= PolicyChain::kCapacity);
  PolicyChain chain;
  for (Make make_policy : kAll) {
    const Policy* policy = (this->*make_policy)(endpoint, index);
    if (policy != nullptr) chain.push_back(policy);
  }
  return chain;
}

template <typename T, typename... Arguments>
const Policy* ChainCompiler::make(Arguments&&... arguments) {
  snapshot_.policies.push_back(std::make_unique<const T>(std::forward<Arguments>(arguments)...));
  return snapshot_.policies.back().get();
}

const Policy* ChainCompiler::authenticate(const config::EndpointConfig& endpoint, std::uint32_t) {
  if (endpoint.auth_indices.empty()) return nullptr;
  const Policy*& policy = authenticate_[endpoint.auth_indices];
  if (policy == nullptr) policy = make<AuthenticatePolicy>(snapshot_, endpoint.auth_indices);
  return policy;
}

const Policy* ChainCompiler::consumer_rate(const config::EndpointConfig& endpoint, std::uint32_t) {
  if (endpoint.auth_indices.empty() || snapshot_.consumer_rates.empty()) return nullptr;
  if (consumer_rate_ == nullptr) {
    consumer_rate_ = make<ConsumerRatePolicy>(snapshot_.consumer_rates, snapshot_.rate_cells.consumers);
  }
  return consumer_rate_;
}

const Policy* ChainCompiler::rate_limit(const config::EndpointConfig& endpoint, std::uint32_t index) {
  if (!endpoint.rate) return nullptr;
  RateLimitPolicy::Cells cells;
  cells.endpoint_slot = snapshot_.rate_cells.endpoint_slots[index];
  cells.endpoints = snapshot_.rate_cells.endpoints;
  cells.per_consumer = snapshot_.rate_cells.per_consumer[index];
  if (endpoint.rate->per != config::RatePer::endpoint) cells.addresses = &rates_.addresses();
  const auth::RateLimit rate = RateLimitPolicy::rate_of(*endpoint.rate);
  std::shared_ptr<const RateFields>& fields = rate_fields_[{rate.count, rate.per, rate.burst}];
  if (fields == nullptr) fields = std::make_shared<const RateFields>("endpoint", rate);
  return make<RateLimitPolicy>(*endpoint.rate, fields, std::move(cells));
}

const Policy* ChainCompiler::body_limit(const config::EndpointConfig& endpoint, std::uint32_t) {
  const std::uint64_t max_body_bytes =
      endpoint.max_body_bytes.value_or(snapshot_.config->limits.max_body_bytes);
  if (max_body_bytes == config::kUnlimited) return nullptr;
  const Policy*& policy = body_limit_[max_body_bytes];
  if (policy == nullptr) policy = make<BodyLimitPolicy>(max_body_bytes);
  return policy;
}

}  // namespace linkspan::gateway
