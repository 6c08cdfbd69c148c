#include "gateway/router.h"

#include <cstring>

#include "base/prefetch.h"
#include "base/strings.h"
#include "gateway/endpoint.h"
#include "gateway/router_internal.h"

namespace linkspan::gateway {

using namespace router_internal;

namespace {

constexpr std::size_t kNoSegment = std::string_view::npos;
constexpr std::size_t kMaxHostBytes = 255;
// In the order of Allow. CONNECT is never taken: Linkspan is no forward proxy.
constexpr http::Method kShownMethods[] = {http::Method::get,     http::Method::head,  http::Method::post,
                                          http::Method::put,     http::Method::patch, http::Method::delete_,
                                          http::Method::options, http::Method::trace};

}  // namespace

struct Router::Search {
  std::string_view path;
  const http::Fields* fields;
  MethodSet method;
  PathParams& params;
  const Endpoint* endpoints;
  RouteMatch match;
};

// One of the path, as it would be below a node with some seed. None at the end of the path.
struct Router::Segment {
  std::string_view text;
  std::size_t next = kNoSegment;  // where the next one begins
  std::uint32_t hash = 0;         // of the edge that it would be
  bool none = true;
};

// Its edge is asked for: with many routes it comes from far away.
Router::Segment Router::segment_at(std::string_view path, std::size_t at, std::uint32_t seed) const {
  if (at == kNoSegment) return {};
  const std::size_t slash = path.find('/', at);
  Segment segment;
  segment.text = path.substr(at, slash - at);
  segment.next = slash == std::string_view::npos ? kNoSegment : slash + 1;
  segment.hash = hash_of(seed, segment.text);
  segment.none = false;
  __builtin_prefetch(&edges_[segment.hash & (edges_.size() - 1)]);
  return segment;
}

// What follows a match, likely: routes stand in the order of endpoints, where each endpoint has one.
void Router::fetch_below(const Edge& edge, const Endpoint* endpoints) const {
  __builtin_prefetch(&nodes_[edge.child]);
  __builtin_prefetch(&routes_[edge.route]);
  if (endpoints != nullptr && routes_.size() == endpoint_count_)
    prefetch(&endpoints[edge.route], Endpoint::kHotBytes);
}

std::uint32_t Router::literal_child(std::uint32_t parent, const Segment& segment,
                                    const Endpoint* endpoints) const {
  const std::string_view text = segment.text;
  const std::size_t mask = edges_.size() - 1;
  for (std::size_t at = segment.hash & mask; edges_[at].child != 0; at = (at + 1) & mask) {
    const Edge& edge = edges_[at];
    if (edge.parent != parent || edge.text_bytes != text.size()) continue;
    const bool same = text.size() <= Edge::kInlineBytes
                          ? same_short_text(edge.text, text)
                          : std::memcmp(texts_.data() + edge.text_at, text.data(), text.size()) == 0;
    if (!same) continue;
    fetch_below(edge, endpoints);
    return edge.child;
  }
  return 0;
}

std::uint32_t Router::host_root(std::string_view name) const {
  const std::size_t mask = hosts_.size() - 1;
  for (std::size_t at = hash_of(0, name) & mask; hosts_[at].root != 0; at = (at + 1) & mask) {
    if (hosts_[at].name == name) return hosts_[at].root;
  }
  return 0;
}

MethodSet Router::method_bit(http::Method method, std::string_view name) const {
  if (method != http::Method::other) return bit_of(method);
  for (std::size_t i = 0; i < extension_methods_.size(); ++i) {
    if (extension_methods_[i] == name) return MethodSet{1} << (kFirstExtensionBit + i);
  }
  return kUnnamedMethod;
}

bool Router::headers_match(const Route& route, const http::Fields* fields) const {
  for (std::uint32_t i = 0; i < route.header_count; ++i) {
    const HeaderCondition& condition = headers_[route.first_header + i];
    if (fields == nullptr) return false;
    const bool known = condition.id != http::HeaderId::other;
    const http::Field* field = known ? fields->find(condition.id) : fields->find(condition.name);
    if (field == nullptr || field->value() != condition.value) return false;
  }
  return true;
}

bool Router::choose(Search& search, std::uint32_t first, std::uint32_t count) const {
  const Route* chosen = nullptr;
  int rank = 0;  // 1: takes any method, 2: HEAD follows from GET, 3: names the method
  for (std::uint32_t i = first; i < first + count && rank < 3; ++i) {
    const Route& route = routes_[i];
    if (chosen != nullptr && route.header_count < chosen->header_count) break;
    if (!headers_match(route, search.fields)) continue;
    int route_rank = 0;
    if ((route.methods & search.method) != 0) {
      route_rank = route.methods == kAnyMethod ? 1 : 3;
    } else if ((route.implied & search.method) != 0) {
      route_rank = 2;
    } else {
      search.match.allow |= route.methods | route.implied;
    }
    if (route_rank > rank) {
      rank = route_rank;
      chosen = &route;
    }
  }
  if (chosen == nullptr) return false;
  search.match.outcome = RouteOutcome::found;
  search.match.endpoint = chosen->endpoint;
  return true;
}

bool Router::visit_root(Search& search, std::uint32_t root) const {
  return visit(search, root, root, segment_at(search.path, 1, root));
}

// `seed` is the node's (router_internal.h), `segment` the next one of the path. Recursion is as deep as the
// deepest pattern.
bool Router::visit(Search& search, std::uint32_t node_index, std::uint32_t seed,
                   const Segment& segment) const {
  const Node& node = nodes_[node_index];
  if (segment.none) return choose(search, node.first_route, node.route_count);

  if (node.has_literals) {
    const Segment next = segment_at(search.path, segment.next, segment.hash);
    const std::uint32_t child = literal_child(node_index, segment, search.endpoints);
    if (child != 0 && visit(search, child, segment.hash, next)) return true;
  }
  PathParams& params = search.params;
  const std::size_t depth = params.size();
  if (node.param_child != 0 && !segment.text.empty()) {
    params.push(segment.text);
    const std::uint32_t child_seed = param_seed(seed);
    const Segment next = segment_at(search.path, segment.next, child_seed);
    if (visit(search, node.param_child, child_seed, next)) return true;
    params.resize(depth);
  }
  if (node.rest_count != 0) {
    params.push(search.path.substr(static_cast<std::size_t>(segment.text.data() - search.path.data())));
    if (choose(search, node.first_rest, node.rest_count)) return true;
    params.resize(depth);
  }
  return false;
}

bool Router::search_hosts(Search& search, std::string_view host) const {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (!hosts_.empty() && !host.empty() && host.front() != '.' && host.size() <= kMaxHostBytes) {
    char lower_case[kMaxHostBytes];
    for (std::size_t i = 0; i < host.size(); ++i) lower_case[i] = to_lower_ascii(host[i]);
    std::string_view name{lower_case, host.size()};
    std::uint32_t root = host_root(name);
    if (root != 0 && visit_root(search, root)) return true;
    while (has_wildcards_) {
      const std::size_t dot = name.find('.', 1);
      if (dot == std::string_view::npos) break;
      name.remove_prefix(dot);
      root = host_root(name);
      if (root != 0 && visit_root(search, root)) return true;
    }
  }
  return any_host_root_ != 0 && visit_root(search, any_host_root_);
}

// The edges of the first segments, as if there were no host and no parameter above them.
void Router::fetch_ahead(std::string_view path) const {
  constexpr int kSegments = 3;
  if (any_host_root_ == 0 || path.empty()) return;
  Segment segment = segment_at(path, 1, any_host_root_);
  for (int i = 1; i < kSegments && !segment.none; ++i) segment = segment_at(path, segment.next, segment.hash);
}

RouteMatch Router::find(const RouteQuery& query, PathParams& params) const {
  params.clear();
  if (query.path.empty() || query.path.front() != '/') return {};
  Search search{query.path, query.fields,    method_bit(query.method, query.method_name),
                params,     query.endpoints, {}};
  RouteMatch& match = search.match;
  if (search_hosts(search, query.host) || match.allow == 0) return match;
  match.allow |= bit_of(http::Method::options);
  match.outcome =
      query.method == http::Method::options ? RouteOutcome::options : RouteOutcome::method_not_allowed;
  return match;
}

std::string_view Router::write_allow(MethodSet methods, std::span<char> out) const {
  std::size_t size = 0;
  const auto add = [&](std::string_view name) {
    const std::string_view separator = size == 0 ? "" : ", ";
    if (separator.size() + name.size() > out.size() - size) return;
    size += separator.copy(out.data() + size, separator.size());
    size += name.copy(out.data() + size, name.size());
  };
  for (http::Method method : kShownMethods) {
    if ((methods & bit_of(method)) != 0) add(http::to_string(method));
  }
  for (std::size_t i = 0; i < extension_methods_.size(); ++i) {
    if ((methods >> (kFirstExtensionBit + i) & 1) != 0) add(extension_methods_[i]);
  }
  return {out.data(), size};
}

}  // namespace linkspan::gateway
