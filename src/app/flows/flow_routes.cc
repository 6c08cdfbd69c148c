#include "app/flows/flow_routes.h"

#include <algorithm>
#include <utility>

namespace linkspan::app {

namespace {

using Kind = config::PathSegment::Kind;

constexpr std::string_view kRuns = "runs";
constexpr std::string_view kRunParameter = "run";

config::PathPattern pattern_of(std::string_view path) {
  config::PathPattern pattern;
  pattern.text = path;
  std::size_t at = 0;
  while (at < path.size() && path != "/") {
    const std::size_t end = std::min(path.find('/', at + 1), path.size());
    pattern.segments.push_back({Kind::literal, std::string(path.substr(at + 1, end - at - 1))});
    at = end;
  }
  return pattern;
}

// False where nothing can come behind the path, or no more parameters fit.
bool can_have_status(const config::PathPattern& path) {
  std::size_t parameters = 0;
  for (const config::PathSegment& segment : path.segments) {
    if (segment.kind == Kind::rest) return false;
    if (segment.kind == Kind::parameter) ++parameters;
  }
  return parameters < config::kMaxPathParameters && !path.text.ends_with('/');
}

config::EndpointConfig status_endpoint(const config::EndpointConfig& of) {
  config::EndpointConfig endpoint = of;
  endpoint.name += "/runs";
  endpoint.methods = {"GET"};
  endpoint.headers.clear();
  endpoint.flow = *config::flow_of(of);
  endpoint.proxy.reset();
  endpoint.path.text += "/" + std::string(kRuns) + "/{" + std::string(kRunParameter) + "}";
  endpoint.path.segments.push_back({Kind::literal, std::string(kRuns)});
  endpoint.path.segments.push_back({Kind::parameter, std::string(kRunParameter)});
  return endpoint;
}

config::EndpointConfig webhook_endpoint(const config::FlowConfig& flow, std::uint32_t index) {
  config::EndpointConfig endpoint;
  endpoint.origin = flow.trigger.webhook->origin;
  endpoint.name = flow.name + "/webhook";
  endpoint.path = pattern_of(flow.trigger.webhook->path);
  endpoint.methods = {"POST"};
  endpoint.flow.emplace();
  endpoint.flow->flow = flow.name;
  endpoint.flow->flow_index = index;
  return endpoint;
}

// It is of no flow, but an endpoint that leads to flows names one.
config::EndpointConfig approvals_endpoint(const config::ApprovalsConfig& approvals,
                                          const config::FlowConfig& any) {
  config::EndpointConfig endpoint;
  endpoint.origin = approvals.origin;
  endpoint.name = "approvals/page";
  endpoint.path = pattern_of(approvals.path);
  endpoint.methods = {"GET", "POST"};
  endpoint.flow.emplace();
  endpoint.flow->flow = any.name;
  return endpoint;
}

class Adder {
 public:
  Adder(config::Config& config, std::vector<std::optional<FlowRoute>>& routes)
      : config_(config), routes_(routes) {}

  // Of the endpoint at `index`, which is there already.
  void add_route(std::size_t index, FlowRoute::Kind kind) {
    const config::EndpointConfig endpoint = config_.endpoints[index];
    FlowRoute route{.kind = kind, .flow = config::flow_of(endpoint)->flow_index, .has_status = false};
    if (can_have_status(endpoint.path)) {
      route.has_status = true;
      config_.endpoints.push_back(status_endpoint(endpoint));
      routes_.resize(config_.endpoints.size());
      routes_.back() = FlowRoute{.kind = FlowRoute::Kind::status, .flow = route.flow, .has_status = false};
    }
    routes_[index] = route;
  }

 private:
  config::Config& config_;
  std::vector<std::optional<FlowRoute>>& routes_;
};

}  // namespace

std::shared_ptr<const config::Config> with_flow_routes(std::shared_ptr<const config::Config> config,
                                                       std::vector<std::optional<FlowRoute>>& routes) {
  routes.assign(config->endpoints.size(), std::nullopt);
  if (config->flows.empty()) return config;
  auto wider = std::make_shared<config::Config>(*config);
  Adder adder(*wider, routes);
  const std::size_t own = config->endpoints.size();
  for (std::size_t i = 0; i < own; ++i) {
    if (config::flow_of(wider->endpoints[i]) != nullptr) adder.add_route(i, FlowRoute::Kind::answer);
  }
  for (std::uint32_t i = 0; i < wider->flows.size(); ++i) {
    if (!wider->flows[i].trigger.webhook) continue;
    wider->endpoints.push_back(webhook_endpoint(wider->flows[i], i));
    routes.resize(wider->endpoints.size());
    adder.add_route(wider->endpoints.size() - 1, FlowRoute::Kind::accept);
  }
  if (wider->approvals) {
    wider->endpoints.push_back(approvals_endpoint(*wider->approvals, wider->flows.front()));
    routes.resize(wider->endpoints.size());
    routes.back() = FlowRoute{.kind = FlowRoute::Kind::approval, .flow = 0, .has_status = false};
  }
  return wider;
}

std::string status_path(std::string_view path, std::string_view status_id) {
  std::string result(path);
  result.append("/").append(kRuns).append("/").append(status_id);
  return result;
}

}  // namespace linkspan::app
