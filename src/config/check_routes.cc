#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/strings.h"
#include "config/names.h"
#include "config/validate.h"

namespace linkspan::config {
namespace {

// The place in the router's tree at which an endpoint's requests end: its path for one of its hosts. Names of
// parameters do not count.
std::string node_key(const EndpointConfig& endpoint, std::string_view host) {
  std::string key(host);
  for (const PathSegment& segment : endpoint.path.segments) {
    switch (segment.kind) {
      case PathSegment::Kind::literal:
        key += "/" + segment.text;
        break;
      case PathSegment::Kind::parameter:
        key += "/{}";
        break;
      case PathSegment::Kind::rest:
        key += "/{...}";
        break;
    }
  }
  if (endpoint.path.segments.empty()) key += '/';
  return key;
}

// A method that both name and a space, no text if both take all methods, or nullopt if they can be told
// apart.
std::optional<std::string> shared_method(const EndpointConfig& a, const EndpointConfig& b) {
  if (a.methods.empty() && b.methods.empty()) return "";
  for (const std::string& method : a.methods) {
    if (std::find(b.methods.begin(), b.methods.end(), method) != b.methods.end()) return method + " ";
  }
  return std::nullopt;
}

// Whether one request can meet the header conditions of both, and neither has more of them.
bool headers_undecided(const EndpointConfig& a, const EndpointConfig& b) {
  if (a.headers.size() != b.headers.size()) return false;
  for (const HeaderField& one : a.headers) {
    for (const HeaderField& other : b.headers) {
      if (equals_ignore_case(one.name, other.name) && one.value != other.value) return false;
    }
  }
  return true;
}

class RouteCheck {
 public:
  RouteCheck(Decoder& decoder, const FileSet& files) : decoder_(decoder), files_(files) {}

  // `host` is empty for an endpoint that takes all.
  void add(const EndpointConfig& endpoint, std::string_view host) {
    std::vector<const EndpointConfig*>& others = nodes_[node_key(endpoint, host)];
    if (others.size() == kMaxRoutesOfPath) {
      report(endpoint, "is one too many with this path; at most " + std::to_string(kMaxRoutesOfPath) +
                           " can be told apart by methods and headers");
    }
    if (others.size() <= kMaxRoutesOfPath) compare(endpoint, others);
    others.push_back(&endpoint);
  }

 private:
  void compare(const EndpointConfig& endpoint, const std::vector<const EndpointConfig*>& others) {
    for (const EndpointConfig* other : others) {
      if (other == &endpoint) return report(endpoint, "names a host twice");
      const std::optional<std::string> method = shared_method(endpoint, *other);
      if (!method || !headers_undecided(endpoint, *other)) continue;
      const YamlPosition there{other->origin.file, other->origin.line, other->origin.column};
      return report(endpoint, "takes the same " + *method + "requests as endpoint \"" + other->name + "\" (" +
                                  files_.describe(there) +
                                  "); tell them apart by host, path, methods or headers");
    }
  }

  void report(const EndpointConfig& endpoint, const std::string& message) {
    const Origin& at = endpoint.origin;
    decoder_.problem({at.file, at.line, at.column}, "endpoint \"" + endpoint.name + "\" " + message);
  }

  Decoder& decoder_;
  const FileSet& files_;
  std::unordered_map<std::string, std::vector<const EndpointConfig*>> nodes_;
};

void check_methods(const Config& config, const YamlNode& root, Decoder& decoder) {
  std::set<std::string_view> extensions;
  for (const EndpointConfig& endpoint : config.endpoints) {
    for (const std::string& method : endpoint.methods) {
      if (is_standard_method(method) || !extensions.insert(method).second) continue;
      if (extensions.size() <= kMaxExtensionMethods) continue;
      const YamlNode* node = root.find("endpoints")->find(endpoint.name)->find("methods");
      decoder.problem(node->position(),
                      "methods of endpoint \"" + endpoint.name + "\": at most " +
                          std::to_string(kMaxExtensionMethods) +
                          " methods besides those of HTTP can be used, by all endpoints together");
      return;
    }
  }
}

}  // namespace

void check_routes(const Config& config, const YamlNode& root, Decoder& decoder, const FileSet& files) {
  check_methods(config, root, decoder);
  RouteCheck routes(decoder, files);
  for (const EndpointConfig& endpoint : config.endpoints) {
    if (endpoint.hosts.empty()) routes.add(endpoint, "");
    for (const std::string& host : endpoint.hosts) routes.add(endpoint, host);
    if (decoder.full()) return;
  }
}

}  // namespace linkspan::config
