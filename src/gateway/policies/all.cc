#include "gateway/policies/all.h"

#include <algorithm>
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

std::vector<const Policy*> ChainCompiler::compile(const config::EndpointConfig& endpoint,
                                                  std::uint32_t index) {
  std::vector<const Policy*> chain;
  for (Make make_policy : kAll) {
    const Policy* policy = (this->*make_policy)(endpoint, index);
    if (policy != nullptr) chain.push_back(policy);
  }
  chain.shrink_to_fit();
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
  const bool any = std::any_of(snapshot_.consumers.begin(), snapshot_.consumers.end(),
                               [](const auth::Consumer& consumer) { return consumer.has_rate; });
  if (endpoint.auth_indices.empty() || !any) return nullptr;
  if (consumer_rate_ == nullptr) {
    consumer_rate_ = make<ConsumerRatePolicy>(snapshot_.consumers, snapshot_.rate_cells.consumers);
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
  return make<RateLimitPolicy>(*endpoint.rate, std::move(cells));
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
