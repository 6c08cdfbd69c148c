#include <unordered_map>

#include "config/validate.h"

namespace linkspan::config {
namespace {

// Where a flow's webhook path stands.
YamlPosition path_position(const YamlNode& root, const FlowConfig& flow) {
  const YamlNode* flows = root.find("flows");
  const YamlNode* node = flows == nullptr ? nullptr : flows->find(flow.name);
  for (const char* key : {"trigger", "webhook", "path"}) {
    const YamlNode* inner = node == nullptr ? nullptr : node->find(key);
    if (inner != nullptr) node = inner;  // the path may stand in place of the webhook
  }
  return node == nullptr ? root.position() : node->position();
}

// The path of requests to an endpoint, if it is always the same; else no text.
std::string fixed_path(const EndpointConfig& endpoint) {
  std::string path = endpoint.path.segments.empty() ? "/" : "";
  for (const PathSegment& segment : endpoint.path.segments) {
    if (segment.kind != PathSegment::Kind::literal) return {};
    path += "/" + segment.text;
  }
  return path;
}

}  // namespace

void check_webhooks(const Config& config, const YamlNode& root, Decoder& decoder, const FileSet& files) {
  struct Holder {
    std::string what;
    YamlPosition position;
  };
  std::unordered_map<std::string, Holder> holders;
  for (const EndpointConfig& endpoint : config.endpoints) {
    const YamlPosition at{endpoint.origin.file, endpoint.origin.line, endpoint.origin.column};
    const std::string path = fixed_path(endpoint);
    if (!path.empty()) holders.emplace(path, Holder{"endpoint \"" + endpoint.name + "\"", at});
  }
  for (const FlowConfig& flow : config.flows) {
    if (!flow.trigger.webhook) continue;
    const YamlPosition at = path_position(root, flow);
    const auto [holder, is_free] =
        holders.emplace(flow.trigger.webhook->path, Holder{"flow \"" + flow.name + "\"", at});
    if (is_free) continue;
    decoder.problem(at, "trigger.webhook.path of flow \"" + flow.name + "\": " + holder->second.what + " (" +
                            files.describe(holder->second.position) + ") has this path already");
  }
  if (!config.approvals) return;
  const Origin& origin = config.approvals->origin;
  const auto holder = holders.find(config.approvals->path);
  if (holder == holders.end()) return;
  decoder.problem({origin.file, origin.line, origin.column}, "approvals.url: " + holder->second.what + " (" +
                                                                 files.describe(holder->second.position) +
                                                                 ") has its path already");
}

}  // namespace linkspan::config
