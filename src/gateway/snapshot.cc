#include "gateway/snapshot.h"

#include <map>
#include <set>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "base/error_kinds.h"
#include "gateway/policies/all.h"
#include "http/head_writer.h"

namespace linkspan::gateway {
namespace {

void add_auth(const config::Config& config, Snapshot& snapshot) {
  for (const config::AuthConfig& way : config.auth) {
    const config::ApiKeyAuthConfig& key = *way.api_key;
    const bool in_header = !key.header.empty();
    snapshot.auth_methods.push_back(auth::make_api_key_method(
        in_header ? auth::KeyPlace::header : auth::KeyPlace::query, in_header ? key.header : key.query));
  }
}

void add_consumers(const config::Config& config, Snapshot& snapshot) {
  std::map<std::tuple<std::uint64_t, Duration, std::uint64_t>, std::size_t> classes;
  for (std::uint32_t i = 0; i < config.consumers.size(); ++i) {
    const config::ConsumerConfig& source = config.consumers[i];
    auth::Consumer& consumer = snapshot.consumers.emplace_back(i, source.name);
    if (source.rate) {
      const auth::RateLimit rate{source.rate->limit.count, source.rate->limit.per, source.rate->burst};
      const auto [at, is_new] = classes.try_emplace({rate.count, rate.per, rate.burst}, classes.size() + 1);
      if (is_new) snapshot.consumer_rates.push_back(rate);
      consumer.rate.rate_class = static_cast<std::uint32_t>(at->second);
    }
  }
}

// After all that concerns the consumers.
void add_keys(const config::Config& config, Snapshot& snapshot) {
  std::vector<auth::ApiKeyEntry> entries;
  std::unordered_set<std::string_view> ids;  // equal ids share one text, which then stays in the cache
  for (const auth::Consumer& consumer : snapshot.consumers) {
    for (const config::KeyConfig& key : config.consumers[consumer.index].keys)
      entries.push_back({key.sha256, &consumer, *ids.insert(key.id).first, consumer.rate});
  }
  snapshot.keys = auth::ApiKeyTable(std::move(entries));
}

Result<void> add_trusted_proxies(const config::Config& config, Snapshot& snapshot) {
  for (const config::ListenConfig& listen : config.listen) {
    http::NetworkSet& networks = snapshot.trusted_proxies.emplace_back();
    for (const std::string& network : listen.trusted_proxies.value_or(config.trusted_proxies)) {
      Result<void> added = networks.add(network);
      if (!added) return std::move(added).error().context("trusted_proxies");
    }
  }
  return {};
}

Result<std::unique_ptr<const StaticResponse>> static_response(const config::RespondConfig& config) {
  auto response = std::make_unique<StaticResponse>();
  response->status = config.status;
  response->body = config.body;
  for (const config::HeaderField& field : config.headers) {
    if (!http::is_token(field.name) || !http::is_field_value(field.value)) {
      return Error(errors::config_invalid, "\"" + field.name + "\" is no valid header field");
    }
    response->lines.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  return std::unique_ptr<const StaticResponse>(std::move(response));
}

// Keeps each different target once: most endpoints of an api have the same, which then stays in the cache.
class TargetPool {
 public:
  // `capacity` targets at most will be added.
  TargetPool(Snapshot& snapshot, std::size_t capacity) : targets_(snapshot.targets) {
    targets_.reserve(capacity);
  }

  const ProxyTarget* add(ProxyTarget target) {
    const auto known = known_.find(&target);
    if (known != known_.end()) return *known;
    return *known_.insert(&targets_.emplace_back(std::move(target))).first;
  }

 private:
  struct Less {
    bool operator()(const ProxyTarget* a, const ProxyTarget* b) const { return *a < *b; }
  };
  decltype(Snapshot::targets)& targets_;
  std::set<const ProxyTarget*, Less> known_;
};

Result<Endpoint> make_endpoint(const config::Config& config, std::uint32_t index, TargetPool& targets,
                               RequestMetrics& metrics) {
  const config::EndpointConfig& source = config.endpoints[index];
  Endpoint endpoint;
  endpoint.name = source.name;
  endpoint.index = index;
  endpoint.config = &source;
  endpoint.max_body_bytes = source.max_body_bytes.value_or(config.limits.max_body_bytes);
  if (source.proxy) {
    Result<ProxyTarget> target = make_proxy_target(config, source);
    if (!target) return std::move(target).error();
    endpoint.proxy = targets.add(std::move(target).value());
  } else if (source.respond) {
    Result<std::unique_ptr<const StaticResponse>> response = static_response(*source.respond);
    if (!response) {
      return std::move(response).error().context(config::describe(config, source.origin) + ": endpoint \"" +
                                                 source.name + "\"");
    }
    endpoint.respond = std::move(response).value();
  }
  endpoint.metrics = metrics.endpoint(source.name);
  return endpoint;
}

// What rate limits count by.
struct RateNames {
  explicit RateNames(const config::Config& config) {
    for (const config::ConsumerConfig& consumer : config.consumers) consumers.push_back(consumer.name);
    for (const config::EndpointConfig& endpoint : config.endpoints) {
      const bool per_consumer = endpoint.rate && endpoint.rate->per == config::RatePer::consumer;
      endpoints.push_back({endpoint.name, per_consumer});
    }
  }
  std::vector<std::string_view> consumers;
  std::vector<RateLimitState::EndpointNeed> endpoints;
};

}  // namespace

Result<std::shared_ptr<const Snapshot>> build_snapshot(std::shared_ptr<const config::Config> config,
                                                       GatewayState& state, std::uint64_t generation) {
  auto snapshot = std::make_shared<Snapshot>();
  const config::Config& source = *config;
  snapshot->config = std::move(config);
  snapshot->generation = generation;

  snapshot->router = Router::build(source);
  // What can fail comes first. Others may still refuse the config: until then `state` keeps all that is in
  // use.
  Result<void> trusted = add_trusted_proxies(source, *snapshot);
  if (!trusted) return std::move(trusted).error();
  snapshot->endpoints.reserve(source.endpoints.size());
  TargetPool targets(*snapshot, source.endpoints.size());
  for (std::uint32_t i = 0; i < source.endpoints.size(); ++i) {
    Result<Endpoint> endpoint = make_endpoint(source, i, targets, state.metrics);
    if (!endpoint) return std::move(endpoint).error();
    snapshot->endpoints.push_back(std::move(endpoint).value());
  }

  add_auth(source, *snapshot);
  add_consumers(source, *snapshot);
  for (const config::ApiConfig& api : source.apis) {
    snapshot->apis.push_back(make_cluster_settings(source, api, state.upstream_metrics));
  }
  snapshot->options_response.status = 204;
  snapshot->unmatched_metrics = state.metrics.endpoint("");
  const RateNames names(source);
  snapshot->rate_cells = state.rates.acquire(names.consumers, names.endpoints);
  for (auth::Consumer& consumer : snapshot->consumers) {
    consumer.rate.slot = snapshot->rate_cells.consumer_slots[consumer.index];
  }
  add_keys(source, *snapshot);
  ChainCompiler chains(*snapshot, state.rates);
  for (Endpoint& endpoint : snapshot->endpoints) chains.compile(endpoint);
  return std::shared_ptr<const Snapshot>(std::move(snapshot));
}

void forget_others(const Snapshot& in_use, GatewayState& state) {
  const RateNames names(*in_use.config);
  state.rates.retain(names.consumers, names.endpoints);
}

}  // namespace linkspan::gateway
