// Security schemes, and what requires them.
#include "base/strings.h"
#include "catalog/reader.h"

namespace linkspan::catalog {

using data::JsonMember;

void Reader::read_security_schemes(const Node& schemes, Api& api) {
  if (!is_object(schemes, "the security schemes")) return;
  for (const JsonMember& member : schemes.value->members()) {
    const Node node = follow(schemes.child(member.key.string()));
    if (node.value == nullptr) continue;
    auto scheme = read_security_scheme(node, std::string(member.key.string()));
    if (scheme) api.security_schemes.push_back(*std::move(scheme));
  }
}

std::optional<SecurityScheme> Reader::read_security_scheme(const Node& node, std::string name) {
  if (!begin(node, ObjectKind::security_scheme)) return std::nullopt;
  SecurityScheme scheme;
  scheme.name = std::move(name);
  scheme.place = {node.document, node.pointer};
  scheme.description = string(node, "description");
  scheme.deprecated = flag(node, "deprecated");
  const std::string type = required_string(node, "type");
  if (type == "apiKey") {
    scheme.kind = SecurityKind::api_key;
    scheme.parameter = required_string(node, "name");
    const std::string in = required_string(node, "in");
    if (in == "query") scheme.in = ParameterIn::query;
    if (in == "cookie") scheme.in = ParameterIn::cookie;
    if (in != "query" && in != "cookie" && in != "header")
      error(node, "an API key is in \"query\", \"header\" or \"cookie\"");
  } else if (is_swagger()) {
    read_swagger_security(node, type, scheme);
  } else if (type == "http") {
    scheme.scheme = to_lower_ascii(required_string(node, "scheme"));
    scheme.bearer_format = string(node, "bearerFormat");
  } else if (type == "oauth2") {
    scheme.kind = SecurityKind::oauth2;
    read_flows(node.child("flows"), scheme);
  } else if (type == "openIdConnect") {
    scheme.kind = SecurityKind::open_id_connect;
    scheme.open_id_url = required_string(node, "openIdConnectUrl");
  } else if (type == "mutualTLS" && version_ >= SpecVersion::openapi_3_1) {
    scheme.kind = SecurityKind::mutual_tls;
  } else {
    error(node.child("type"),
          "\"" + type + "\" is no type of security scheme in " + std::string(to_string(version_)));
    return std::nullopt;
  }
  return scheme;
}

void Reader::read_flows(const Node& flows, SecurityScheme& scheme) {
  if (!begin(flows, ObjectKind::oauth_flows)) return;
  for (const JsonMember& member : flows.value->members()) {
    const std::string_view name = member.key.string();
    if (!is_known_field(ObjectKind::oauth_flows, version_, name)) continue;
    const Node node = flows.child(name);
    if (!begin(node, ObjectKind::oauth_flow)) continue;
    OAuthFlow flow;
    flow.name = name;
    flow.authorization_url =
        string(node, name == "deviceAuthorization" ? "deviceAuthorizationUrl" : "authorizationUrl");
    flow.token_url = string(node, "tokenUrl");
    flow.refresh_url = string(node, "refreshUrl");
    const Node scopes = node.child("scopes");
    if (is_object(scopes, "\"scopes\""))
      for (const JsonMember& scope : scopes.value->members())
        flow.scopes.emplace_back(scope.key.string(), string(scopes, scope.key.string()));
    scheme.flows.push_back(std::move(flow));
  }
}

void Reader::read_swagger_security(const Node& node, const std::string& type, SecurityScheme& scheme) {
  if (type == "basic") {
    scheme.scheme = "basic";
    return;
  }
  if (type != "oauth2")
    return error(node.child("type"), "\"" + type + "\" is no type of security scheme in Swagger 2.0");
  scheme.kind = SecurityKind::oauth2;
  OAuthFlow flow;
  flow.name = required_string(node, "flow");
  if (flow.name == "application") flow.name = "clientCredentials";
  if (flow.name == "accessCode") flow.name = "authorizationCode";
  flow.authorization_url = string(node, "authorizationUrl");
  flow.token_url = string(node, "tokenUrl");
  const Node scopes = node.child("scopes");
  if (is_object(scopes, "\"scopes\""))
    for (const JsonMember& scope : scopes.value->members())
      if (!scope.key.string().starts_with("x-"))
        flow.scopes.emplace_back(scope.key.string(), string(scopes, scope.key.string()));
  scheme.flows.push_back(std::move(flow));
}

std::vector<SecurityRequirement> Reader::read_security(const Node& security) {
  std::vector<SecurityRequirement> result;
  if (!is_array(security, "\"security\"")) return result;
  for (std::size_t i = 0; i < security.value->size(); ++i) {
    const Node node = security.child(i);
    if (!is_object(node, "a security requirement")) continue;
    SecurityRequirement requirement;
    for (const JsonMember& member : node.value->members()) {
      std::string name(member.key.string());
      named_schemes_.emplace_back(node.child(name), name);
      std::vector<std::string> scopes = strings(node, name);
      requirement.schemes.emplace_back(std::move(name), std::move(scopes));
    }
    result.push_back(std::move(requirement));
  }
  return result;
}

void Reader::check_security(const Api& api) {
  for (const auto& [node, name] : named_schemes_)
    if (api.find_security_scheme(name) == nullptr)
      error(node, "there is no security scheme \"" + name + "\"");
}

}  // namespace linkspan::catalog
