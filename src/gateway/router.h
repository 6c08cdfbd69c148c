// Which endpoint a request is for. Compiled once from the config's endpoints, then immutable: any thread, no
// locks, no allocation. A lookup costs one hash probe for each segment of the path, whatever the number of
// routes.
//
// An endpoint matches if its host, path, method and header conditions all do. Of several that match, the most
// specific wins, compared in this order:
// 1. host: an exact name, then `*.suffix` (the longer suffix first; `*` stands for one label or more), then
// any.
//    Ports are ignored, as is a final dot; names compare without case.
// 2. path, segment by segment from the left: a literal, then `{param}` (exactly one segment, not empty), then
//    `{rest...}` (everything after its slash, which may be nothing: "/files/{path...}" matches "/files/" and
//    not "/files").
// 3. more header conditions before fewer.
// 4. an endpoint that names the method, then one whose GET implies HEAD, then one that takes any method.
// Search backtracks, so an endpoint that fails on its method or headers hides none that would match. Each
// node of the compiled tree is visited once at most.
//
// HEAD is answered wherever GET is. OPTIONS is answered with 204 and Allow (RFC 9110 section 9.3.7), unless
// an endpoint that matches names OPTIONS or takes any method. TRACE is not among "any method": it shows the
// caller what was added to the request on its way.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/huge_pages.h"
#include "config/config.h"
#include "http/fields.h"
#include "http/method.h"

namespace linkspan::gateway {

struct Endpoint;

inline constexpr std::size_t kMaxPathParams = config::kMaxPathParameters;

// Values of an endpoint's path parameters in the order of its pattern: views into the normalised path, still
// percent-encoded. Names are those of the pattern. Not initialised beyond size().
class PathParams {
 public:
  std::size_t size() const { return count_; }
  std::string_view operator[](std::size_t i) const { return {items_[i].data, items_[i].size}; }
  void clear() { count_ = 0; }
  void push(std::string_view value) {
    items_[count_++] = {value.data(), static_cast<std::uint32_t>(value.size())};
  }
  void resize(std::size_t count) { count_ = static_cast<std::uint32_t>(count); }  // only to shrink

 private:
  struct Item {
    const char* data;
    std::uint32_t size;
  };
  std::uint32_t count_ = 0;
  std::array<Item, kMaxPathParams> items_;  // trivial on purpose: left as it is until pushed
};

// A set of methods: a bit for each of http::Method, and for each extension method that the config names.
using MethodSet = std::uint32_t;

struct RouteQuery {
  std::string_view host;  // without port and brackets, as sent
  std::string_view path;  // normalised, begins with '/'
  http::Method method = http::Method::other;
  std::string_view method_name;
  const http::Fields* fields = nullptr;  // may be null: no fields
  // The config's endpoints, of which a likely one is asked from memory before it is known; may be null.
  const Endpoint* endpoints = nullptr;
};

enum class RouteOutcome : std::uint8_t {
  found,
  not_found,           // 404
  method_not_allowed,  // 405: endpoints match but for the method; `allow` has theirs
  options,             // OPTIONS that Linkspan answers itself with `allow`
};

struct RouteMatch {
  RouteOutcome outcome = RouteOutcome::not_found;
  std::uint32_t endpoint = 0;  // index in the config, with `found`
  MethodSet allow = 0;         // with method_not_allowed and options
};

class Router {
 public:
  // The config has been through the loader (config/loader.h), which refuses, each with its place: endpoints
  // between which a request could not choose, more of them at one path than kMaxRoutesOfPath, patterns with
  // more parameters than kMaxPathParams, more methods than MethodSet has bits.
  static Router build(const config::Config& config);

  // Asks memory for what find() will look at first, where only the path decides that.
  void fetch_ahead(std::string_view path) const;
  // Fills `params` with `found`. Never allocates.
  RouteMatch find(const RouteQuery& query, PathParams& params) const;

  // "GET, HEAD, OPTIONS": the value of Allow, into `out` (kMaxAllowBytes suffices); the view of it.
  static constexpr std::size_t kMaxAllowBytes = 1024;
  std::string_view write_allow(MethodSet methods, std::span<char> out) const;
  // All methods that any endpoint takes, for "OPTIONS *".
  MethodSet all_methods() const { return all_methods_; }

 private:
  struct Builder;
  struct Search;

  // What ends at one node of one host, most specific first.
  struct Route {
    std::uint32_t endpoint;
    MethodSet methods;           // named by the endpoint; kAnyMethod if it takes any
    MethodSet implied;           // HEAD, where GET is named
    std::uint32_t first_header;  // into headers_
    std::uint32_t header_count;
  };
  struct HeaderCondition {
    http::HeaderId id;
    std::string name;
    std::string value;
  };
  struct Node {
    std::uint32_t param_child = 0;  // 0: none, as node 0 is nobody's
    std::uint32_t first_route = 0;  // into routes_: those that end here,
    std::uint32_t first_rest = 0;   // and those whose rest begins here
    std::uint16_t route_count = 0;
    std::uint16_t rest_count = 0;
    bool has_literals = false;
  };
  // The literal children of all nodes, in one open-addressed table. Half a cache line, with the text of most.
  struct alignas(32) Edge {
    static constexpr std::size_t kInlineBytes = 16;
    std::uint32_t parent = 0;
    std::uint32_t child = 0;  // 0: empty slot
    std::uint32_t route = 0;  // the first below the child, into routes_: likely the one that is looked for
    std::uint32_t text_bytes = 0;
    union {
      char text[kInlineBytes] = {};  // up to kInlineBytes,
      std::uint32_t text_at;         // longer ones: offset into texts_
    };
  };
  struct HostSlot {
    std::string name;  // lower case; "*.shop.example" as ".shop.example"
    std::uint32_t root = 0;
  };

  struct Segment;
  Segment segment_at(std::string_view path, std::size_t at, std::uint32_t seed) const;
  void fetch_below(const Edge& edge, const Endpoint* endpoints) const;
  std::uint32_t literal_child(std::uint32_t parent, const Segment& segment, const Endpoint* endpoints) const;
  std::uint32_t host_root(std::string_view name) const;
  MethodSet method_bit(http::Method method, std::string_view name) const;
  bool headers_match(const Route& route, const http::Fields* fields) const;
  bool visit_root(Search& search, std::uint32_t root) const;
  bool visit(Search& search, std::uint32_t node, std::uint32_t seed, const Segment& segment) const;
  bool choose(Search& search, std::uint32_t first, std::uint32_t count) const;
  bool search_hosts(Search& search, std::string_view host) const;

  template <typename T>
  using Table = std::vector<T, HugePageAllocator<T>>;
  Table<Node> nodes_;
  Table<Edge> edges_;  // a power of two, at most half full
  Table<Route> routes_;
  std::vector<HeaderCondition> headers_;
  std::string texts_;
  std::vector<HostSlot> hosts_;  // as edges_; empty if no endpoint names a host
  bool has_wildcards_ = false;
  std::uint32_t any_host_root_ = 0;  // 0: every endpoint names a host
  std::vector<std::string> extension_methods_;
  MethodSet all_methods_ = 0;
  std::size_t endpoint_count_ = 0;
};

}  // namespace linkspan::gateway
