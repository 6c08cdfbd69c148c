#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <unordered_map>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "gateway/router.h"
#include "gateway/router_internal.h"

namespace linkspan::gateway {

using namespace router_internal;  // NOLINT

namespace {

constexpr std::size_t kMaxRoutesOfPath = 1000;

struct EdgeKey {
  std::uint32_t parent;
  std::string_view segment;
  bool operator==(const EdgeKey&) const = default;
};
struct EdgeKeyHash {
  std::size_t operator()(const EdgeKey& key) const { return hash_of(key.parent, key.segment); }
};

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

}  // namespace

// Grows the tree with maps, then lays it out flat.
struct Router::Builder {
  explicit Builder(const config::Config& c) : config(c) { router.nodes_.resize(1); }

  Result<void> add(std::uint32_t endpoint_index);
  Result<MethodSet> method_set(const config::EndpointConfig& endpoint);
  std::uint32_t root_of(const std::string& host);
  std::uint32_t new_node();
  std::uint32_t descend(std::uint32_t root, const config::PathPattern& pattern);
  Result<void> check_node(std::vector<Route>& routes) const;
  bool conflict(const Route& a, const Route& b) const;
  Error ambiguity(const Route& a, const Route& b) const;
  Result<void> lay_out_routes();
  void lay_out_edges();
  void lay_out_hosts();

  const config::Config& config;
  Router router;
  std::unordered_map<EdgeKey, std::uint32_t, EdgeKeyHash> edges;  // segments are views into the config
  std::map<std::string, std::uint32_t> hosts;
  std::unordered_map<std::uint32_t, std::vector<Route>> ends;   // by node
  std::unordered_map<std::uint32_t, std::vector<Route>> rests;  // by node
};

Result<Router> Router::build(const config::Config& config) {
  Builder builder(config);
  for (std::uint32_t i = 0; i < config.endpoints.size(); ++i) {
    Result<void> added = builder.add(i);
    if (!added) return std::move(added).error();
  }
  Result<void> laid_out = builder.lay_out_routes();
  if (!laid_out) return std::move(laid_out).error();
  builder.lay_out_edges();
  builder.lay_out_hosts();
  return std::move(builder.router);
}

Result<MethodSet> Router::Builder::method_set(const config::EndpointConfig& endpoint) {
  if (endpoint.methods.empty()) return kAnyMethod;
  MethodSet methods = 0;
  for (const std::string& name : endpoint.methods) {
    const http::Method method = http::parse_method(name);
    if (method != http::Method::other) {
      methods |= bit_of(method);
      continue;
    }
    std::vector<std::string>& known = router.extension_methods_;
    auto at = std::find(known.begin(), known.end(), name);
    if (at == known.end()) {
      if (known.size() == kMaxExtensionMethods) {
        return Error(errors::config_invalid,
                     "endpoint " + quoted(endpoint.name) + ": method " + quoted(name) +
                         " is one too many; at most 22 different extension methods can be used");
      }
      at = known.insert(known.end(), name);
    }
    methods |= MethodSet{1} << (kFirstExtensionBit + static_cast<unsigned>(at - known.begin()));
  }
  return methods;
}

std::uint32_t Router::Builder::new_node() {
  router.nodes_.emplace_back();
  return static_cast<std::uint32_t>(router.nodes_.size() - 1);
}

std::uint32_t Router::Builder::root_of(const std::string& host) {
  std::uint32_t& root = host.empty() ? router.any_host_root_
                                     : hosts[to_lower_ascii(host.starts_with('*') ? host.substr(1) : host)];
  if (root == 0) root = new_node();
  if (host.starts_with('*')) router.has_wildcards_ = true;
  return root;
}

// The node at which the pattern ends, or at which its rest begins.
std::uint32_t Router::Builder::descend(std::uint32_t node, const config::PathPattern& pattern) {
  const auto literal = [&](std::string_view text) {
    std::uint32_t& child = edges[{node, text}];
    if (child == 0) {
      child = new_node();
      router.nodes_[node].has_literals = true;
    }
    node = child;
  };
  if (pattern.segments.empty()) literal("");  // "/" is the slash and an empty segment
  for (const config::PathSegment& segment : pattern.segments) {
    switch (segment.kind) {
      case config::PathSegment::Kind::literal:
        literal(segment.text);
        break;
      case config::PathSegment::Kind::parameter: {
        std::uint32_t child = router.nodes_[node].param_child;
        if (child == 0) {
          child = new_node();
          router.nodes_[node].param_child = child;
        }
        node = child;
        break;
      }
      case config::PathSegment::Kind::rest:
        return node;
    }
  }
  return node;
}

Result<void> Router::Builder::add(std::uint32_t endpoint_index) {
  const config::EndpointConfig& endpoint = config.endpoints[endpoint_index];
  const std::vector<config::PathSegment>& segments = endpoint.path.segments;
  const auto params = std::count_if(segments.begin(), segments.end(), [](const config::PathSegment& segment) {
    return segment.kind != config::PathSegment::Kind::literal;
  });
  if (segments.size() > kMaxPatternSegments || static_cast<std::size_t>(params) > kMaxPathParams) {
    return Error(errors::config_invalid, config::describe(config, endpoint.origin) + ": endpoint " +
                                             quoted(endpoint.name) + ": a path has at most " +
                                             std::to_string(kMaxPatternSegments) + " segments and " +
                                             std::to_string(kMaxPathParams) + " parameters");
  }
  Result<MethodSet> methods = method_set(endpoint);
  if (!methods) return std::move(methods).error().context(config::describe(config, endpoint.origin));

  Route route{};
  route.endpoint = endpoint_index;
  route.methods = *methods;
  if ((*methods & bit_of(http::Method::get)) != 0) route.implied = bit_of(http::Method::head) & ~*methods;
  router.all_methods_ |= route.methods | route.implied;
  route.first_header = static_cast<std::uint32_t>(router.headers_.size());
  route.header_count = static_cast<std::uint32_t>(endpoint.headers.size());
  for (const config::HeaderField& header : endpoint.headers) {
    router.headers_.push_back({http::header_id(header.name), header.name, header.value});
  }
  std::vector<std::string> names = endpoint.hosts;
  if (names.empty()) names.emplace_back();
  const bool rest = !segments.empty() && segments.back().kind == config::PathSegment::Kind::rest;
  for (const std::string& host : names) {
    const std::uint32_t node = descend(root_of(host), endpoint.path);
    (rest ? rests : ends)[node].push_back(route);
  }
  return {};
}

// Whether there is a request that both match and between which the order of specificity does not decide.
bool Router::Builder::conflict(const Route& a, const Route& b) const {
  if ((a.methods & b.methods) == 0 || a.header_count != b.header_count) return false;
  if ((a.methods == kAnyMethod) != (b.methods == kAnyMethod)) return false;
  for (std::uint32_t i = 0; i < a.header_count; ++i) {
    for (std::uint32_t k = 0; k < b.header_count; ++k) {
      const HeaderCondition& one = router.headers_[a.first_header + i];
      const HeaderCondition& other = router.headers_[b.first_header + k];
      if (equals_ignore_case(one.name, other.name) && one.value != other.value) return false;
    }
  }
  return true;
}

Error Router::Builder::ambiguity(const Route& a, const Route& b) const {
  const config::EndpointConfig& first = config.endpoints[std::min(a.endpoint, b.endpoint)];
  const config::EndpointConfig& second = config.endpoints[std::max(a.endpoint, b.endpoint)];
  const MethodSet both = a.methods & b.methods;
  std::string method = "any method";
  if (both != kAnyMethod) {
    char text[kMaxAllowBytes];
    method = router.write_allow(both, text);
  }
  std::string message = config::describe(config, second.origin) + ": endpoint " + quoted(second.name);
  message += a.endpoint == b.endpoint
                 ? " names a host twice (" + method + " " + second.path.text + ")"
                 : " and endpoint " + quoted(first.name) + " (" + config::describe(config, first.origin) +
                       ") both match " + method + " " + second.path.text +
                       "; tell them apart by host, path, methods or headers";
  return Error(errors::config_invalid, std::move(message));
}

Result<void> Router::Builder::check_node(std::vector<Route>& routes) const {
  if (routes.size() > kMaxRoutesOfPath) {
    return Error(errors::config_invalid, "more than " + std::to_string(kMaxRoutesOfPath) +
                                             " endpoints have the path " +
                                             config.endpoints[routes.front().endpoint].path.text);
  }
  for (std::size_t i = 0; i < routes.size(); ++i) {
    for (std::size_t k = i + 1; k < routes.size(); ++k) {
      if (conflict(routes[i], routes[k])) return ambiguity(routes[i], routes[k]);
    }
  }
  std::stable_sort(routes.begin(), routes.end(),
                   [](const Route& a, const Route& b) { return a.header_count > b.header_count; });
  return {};
}

Result<void> Router::Builder::lay_out_routes() {
  for (std::uint32_t i = 0; i < router.nodes_.size(); ++i) {
    Node& node = router.nodes_[i];
    for (auto* table : {&ends, &rests}) {
      const auto found = table->find(i);
      if (found == table->end()) continue;
      Result<void> checked = check_node(found->second);
      if (!checked) return checked;
      const auto first = static_cast<std::uint32_t>(router.routes_.size());
      const auto count = static_cast<std::uint16_t>(found->second.size());
      (table == &ends ? node.first_route : node.first_rest) = first;
      (table == &ends ? node.route_count : node.rest_count) = count;
      router.routes_.insert(router.routes_.end(), found->second.begin(), found->second.end());
    }
  }
  return {};
}

void Router::Builder::lay_out_edges() {
  router.edges_.resize(std::bit_ceil(edges.size() * 2 + 2));
  const std::size_t mask = router.edges_.size() - 1;
  for (const auto& [key, child] : edges) {
    const std::uint32_t hash = hash_of(key.parent, key.segment);
    std::size_t at = hash & mask;
    while (router.edges_[at].child != 0) at = (at + 1) & mask;
    Edge& edge = router.edges_[at];
    edge = {key.parent, child, hash, static_cast<std::uint32_t>(key.segment.size()), {}};
    if (key.segment.size() <= Edge::kInlineBytes) {
      key.segment.copy(edge.text, key.segment.size());
    } else {
      edge.text_at = static_cast<std::uint32_t>(router.texts_.size());
      router.texts_ += key.segment;
    }
  }
}

void Router::Builder::lay_out_hosts() {
  if (hosts.empty()) return;
  router.hosts_.resize(std::bit_ceil(hosts.size() * 2));
  const std::size_t mask = router.hosts_.size() - 1;
  for (const auto& [name, root] : hosts) {
    std::size_t at = hash_of(0, name) & mask;
    while (router.hosts_[at].root != 0) at = (at + 1) & mask;
    router.hosts_[at] = {name, root};
  }
}

}  // namespace linkspan::gateway
