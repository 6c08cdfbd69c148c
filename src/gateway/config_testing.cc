#include "gateway/config_testing.h"

namespace linkspan::gateway {

config::PathPattern test_pattern(std::string_view text) {
  config::PathPattern pattern;
  pattern.text = text;
  std::string_view left = text.substr(1);
  while (!left.empty() || text.back() == '/') {
    const std::size_t slash = left.find('/');
    const std::string_view segment = left.substr(0, slash);
    using Kind = config::PathSegment::Kind;
    if (segment.starts_with('{') && segment.ends_with("...}")) {
      pattern.segments.push_back({Kind::rest, std::string(segment.substr(1, segment.size() - 5))});
    } else if (segment.starts_with('{')) {
      pattern.segments.push_back({Kind::parameter, std::string(segment.substr(1, segment.size() - 2))});
    } else if (text != "/") {
      pattern.segments.push_back({Kind::literal, std::string(segment)});
    }
    if (slash == std::string_view::npos) break;
    left.remove_prefix(slash + 1);
  }
  return pattern;
}

config::EndpointConfig test_endpoint(std::string name, std::string_view path,
                                     std::vector<std::string> methods, std::vector<std::string> hosts) {
  config::EndpointConfig endpoint;
  endpoint.name = std::move(name);
  endpoint.path = test_pattern(path);
  endpoint.methods = std::move(methods);
  endpoint.hosts = std::move(hosts);
  endpoint.respond.emplace();
  return endpoint;
}

}  // namespace linkspan::gateway
