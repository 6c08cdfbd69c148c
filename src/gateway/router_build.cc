#include <algorithm>
#include <bit>
#include <cassert>
#include <map>
#include <unordered_map>

#include "base/strings.h"
#include "gateway/router.h"
#include "gateway/router_internal.h"

namespace linkspan::gateway {

using namespace router_internal;

namespace {

struct EdgeKey {
  std::uint32_t parent;
  std::string_view segment;
  bool operator==(const EdgeKey&) const = default;
};
struct EdgeKeyHash {
  std::size_t operator()(const EdgeKey& key) const { return hash_of(key.parent, key.segment); }
};

}  // namespace

// Grows the tree with maps, then lays it out flat.
struct Router::Builder {
  explicit Builder(const config::Config& c) : config(c) { new_root(); }  // node 0 is nobody's

  void add(std::uint32_t endpoint_index);
  MethodSet method_set(const config::EndpointConfig& endpoint);
  std::uint32_t root_of(const std::string& host);
  std::uint32_t new_root();
  std::uint32_t new_node(std::uint32_t parent, std::uint32_t seed);
  std::vector<std::uint32_t> first_routes() const;
  std::uint32_t descend(std::uint32_t root, const config::PathPattern& pattern);
  void lay_out_routes();
  void lay_out_edges();
  void lay_out_hosts();

  const config::Config& config;
  Router router;
  std::vector<std::uint32_t> seeds;                               // by node
  std::vector<std::uint32_t> parents;                             // by node; 0 of roots
  std::unordered_map<EdgeKey, std::uint32_t, EdgeKeyHash> edges;  // segments are views into the config
  std::map<std::string, std::uint32_t> hosts;
  std::unordered_map<std::uint32_t, std::vector<Route>> ends;   // by node
  std::unordered_map<std::uint32_t, std::vector<Route>> rests;  // by node
};

Router Router::build(const config::Config& config) {
  Builder builder(config);
  builder.router.endpoint_count_ = config.endpoints.size();
  for (std::uint32_t i = 0; i < config.endpoints.size(); ++i) builder.add(i);
  builder.lay_out_routes();
  builder.lay_out_edges();
  builder.lay_out_hosts();
  return std::move(builder.router);
}

MethodSet Router::Builder::method_set(const config::EndpointConfig& endpoint) {
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
      assert(known.size() < kMaxExtensionMethods);
      at = known.insert(known.end(), name);
    }
    methods |= MethodSet{1} << (kFirstExtensionBit + static_cast<unsigned>(at - known.begin()));
  }
  return methods;
}

std::uint32_t Router::Builder::new_root() {
  return new_node(0, static_cast<std::uint32_t>(router.nodes_.size()));
}

std::uint32_t Router::Builder::new_node(std::uint32_t parent, std::uint32_t seed) {
  router.nodes_.emplace_back();
  parents.push_back(parent);
  seeds.push_back(seed);
  return static_cast<std::uint32_t>(router.nodes_.size() - 1);
}

std::uint32_t Router::Builder::root_of(const std::string& host) {
  std::uint32_t& root = host.empty() ? router.any_host_root_
                                     : hosts[to_lower_ascii(host.starts_with('*') ? host.substr(1) : host)];
  if (root == 0) root = new_root();
  if (host.starts_with('*')) router.has_wildcards_ = true;
  return root;
}

// The node at which the pattern ends, or at which its rest begins.
std::uint32_t Router::Builder::descend(std::uint32_t node, const config::PathPattern& pattern) {
  const auto literal = [&](std::string_view text) {
    std::uint32_t& child = edges[{node, text}];
    if (child == 0) {
      child = new_node(node, hash_of(seeds[node], text));
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
          child = new_node(node, param_seed(seeds[node]));
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

void Router::Builder::add(std::uint32_t endpoint_index) {
  const config::EndpointConfig& endpoint = config.endpoints[endpoint_index];
  const std::vector<config::PathSegment>& segments = endpoint.path.segments;
  assert(std::count_if(segments.begin(), segments.end(), [](const config::PathSegment& segment) {
           return segment.kind != config::PathSegment::Kind::literal;
         }) <= static_cast<std::ptrdiff_t>(kMaxPathParams));
  const MethodSet methods = method_set(endpoint);

  Route route{};
  route.endpoint = endpoint_index;
  route.methods = methods;
  if ((methods & bit_of(http::Method::get)) != 0) route.implied = bit_of(http::Method::head) & ~methods;
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
}

void Router::Builder::lay_out_routes() {
  for (std::uint32_t i = 0; i < router.nodes_.size(); ++i) {
    Node& node = router.nodes_[i];
    for (auto* table : {&ends, &rests}) {
      const auto found = table->find(i);
      if (found == table->end()) continue;
      std::vector<Route>& routes = found->second;
      assert(routes.size() <= config::kMaxRoutesOfPath);
      std::stable_sort(routes.begin(), routes.end(),
                       [](const Route& a, const Route& b) { return a.header_count > b.header_count; });
      const auto first = static_cast<std::uint32_t>(router.routes_.size());
      const auto count = static_cast<std::uint16_t>(routes.size());
      (table == &ends ? node.first_route : node.first_rest) = first;
      (table == &ends ? node.route_count : node.rest_count) = count;
      router.routes_.insert(router.routes_.end(), routes.begin(), routes.end());
    }
  }
}

// By node, of those at or below it. Routes are laid out by now; children come after their parents.
std::vector<std::uint32_t> Router::Builder::first_routes() const {
  std::vector<std::uint32_t> first(router.nodes_.size(), static_cast<std::uint32_t>(router.routes_.size()));
  for (std::size_t i = router.nodes_.size(); i-- > 0;) {
    const Node& node = router.nodes_[i];
    if (node.route_count != 0) first[i] = std::min(first[i], node.first_route);
    if (node.rest_count != 0) first[i] = std::min(first[i], node.first_rest);
    first[parents[i]] = std::min(first[parents[i]], first[i]);
  }
  return first;
}

void Router::Builder::lay_out_edges() {
  const std::vector<std::uint32_t> first = first_routes();
  router.edges_.resize(std::bit_ceil(edges.size() * 2 + 2));
  const std::size_t mask = router.edges_.size() - 1;
  for (const auto& [key, child] : edges) {
    const std::uint32_t hash = hash_of(seeds[key.parent], key.segment);
    std::size_t at = hash & mask;
    while (router.edges_[at].child != 0) at = (at + 1) & mask;
    Edge& edge = router.edges_[at];
    edge = {key.parent, child, first[child], static_cast<std::uint32_t>(key.segment.size()), {}};
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
