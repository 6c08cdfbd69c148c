// The top of a description: info, servers, tags, components, and the lists of paths and webhooks.
#include <map>
#include <set>

#include "base/strings.h"
#include "catalog/reader.h"

namespace linkspan::catalog {

using data::JsonMember;

void Reader::read_api(const Node& root, Api& api) {
  begin(root, ObjectKind::openapi);
  read_info(root, api);
  if (is_swagger()) {
    consumes_ = strings(root, "consumes");
    produces_ = strings(root, "produces");
    api.servers = read_swagger_servers(root);
  } else {
    api.servers = read_servers(root);
  }
  read_tags(root, api);
  const Node components = is_swagger() ? root : root.child("components");
  if (components.value != nullptr) read_components(components, api);
  const Node security = root.child("security");
  if (security.value != nullptr) api.security = read_security(security);
  const Node paths = root.child("paths");
  if (paths.value != nullptr) {
    read_paths(paths, api);
  } else if (version_ < SpecVersion::openapi_3_1) {
    error(root, "\"paths\" is missing");
  }
  if (version_ >= SpecVersion::openapi_3_1 && root.value->find("webhooks") != nullptr)
    read_webhooks(root.child("webhooks"), api);
  name_operations(api);
  check_security(api);
  check_references();
}

void Reader::read_info(const Node& root, Api& api) {
  const Node info = root.child("info");
  if (info.value == nullptr) return error(root, "\"info\" is missing");
  if (!begin(info, ObjectKind::info)) return;
  api.title = string(info, "title");
  api.description = string(info, "description");
  api.api_version = string(info, "version");
}

std::vector<Server> Reader::read_servers(const Node& owner) {
  std::vector<Server> servers;
  const Node list = owner.child("servers");
  if (!is_array(list, "\"servers\"")) return servers;
  for (std::size_t i = 0; i < list.value->size(); ++i) {
    const Node node = list.child(i);
    if (begin(node, ObjectKind::server)) servers.push_back(read_server(node));
  }
  return servers;
}

Server Reader::read_server(const Node& node) {
  Server server;
  server.url = required_string(node, "url");
  server.name = string(node, "name");
  server.description = string(node, "description");
  server.place = {node.document, node.pointer};
  const Node variables = node.child("variables");
  if (!is_object(variables, "\"variables\"")) return server;
  for (const JsonMember& member : variables.value->members()) {
    const Node variable = variables.child(member.key.string());
    if (!begin(variable, ObjectKind::server_variable)) continue;
    server.variables.push_back(
        {std::string(member.key.string()), required_string(variable, "default"), strings(variable, "enum")});
  }
  return server;
}

std::vector<Server> Reader::read_swagger_servers(const Node& root) {
  const std::string host = string(root, "host");
  const std::string base_path = string(root, "basePath");
  const std::vector<std::string> schemes = strings(root, "schemes");
  std::vector<Server> servers;
  const auto add = [&](std::string url) {
    Server server;
    server.url = std::move(url);
    server.place = {root.document, host.empty() ? "/basePath" : "/host"};
    servers.push_back(std::move(server));
  };
  if (host.empty()) {
    if (!base_path.empty()) add(base_path);
  } else if (schemes.empty()) {
    add("//" + host + base_path);
  }
  if (host.empty()) return servers;
  for (const std::string& scheme : schemes) add(scheme + "://" + host + base_path);
  return servers;
}

void Reader::read_tags(const Node& root, Api& api) {
  const Node list = root.child("tags");
  if (!is_array(list, "\"tags\"")) return;
  for (std::size_t i = 0; i < list.value->size(); ++i) {
    const Node node = list.child(i);
    if (!begin(node, ObjectKind::tag)) continue;
    api.tags.push_back(
        {required_string(node, "name"), string(node, "description"), {node.document, node.pointer}});
  }
}

void Reader::read_schemas(const Node& schemas, Api& api) {
  if (!is_object(schemas, "\"schemas\"")) return;
  for (const JsonMember& member : schemas.value->members()) {
    auto schema = read_schema(schemas.child(member.key.string()));
    if (schema) api.schemas.push_back({std::string(member.key.string()), *std::move(schema)});
  }
}

// What operations use is read where they use it; here, that what nothing uses is understood too.
void Reader::read_components(const Node& components, Api& api) {
  if (is_swagger()) {
    read_schemas(components.child("definitions"), api);
    read_security_schemes(components.child("securityDefinitions"), api);
    return;
  }
  if (!begin(components, ObjectKind::components)) return;
  read_schemas(components.child("schemas"), api);
  read_security_schemes(components.child("securitySchemes"), api);
  const auto each = [&](std::string_view key, const auto& read) {
    const Node map = components.child(key);
    if (!is_object(map, "\"" + std::string(key) + "\"")) return;
    for (const JsonMember& member : map.value->members()) {
      const Node node = follow(map.child(member.key.string()));
      if (node.value != nullptr) read(node);
    }
  };
  each("parameters", [&](const Node& node) { read_parameter(node); });
  each("responses", [&](const Node& node) { read_response(node, node, "default"); });
  each("requestBodies", [&](const Node& node) { read_request_body(node); });
  each("examples", [&](const Node& node) { begin(node, ObjectKind::example); });
  const Node headers = components.child("headers");
  if (headers.value != nullptr) read_headers(headers);
}

void Reader::read_paths(const Node& paths, Api& api) {
  if (!is_object(paths, "\"paths\"")) return;
  for (const JsonMember& member : paths.value->members()) {
    const std::string_view path = member.key.string();
    if (path.starts_with("x-")) continue;
    const Node item = paths.child(path);
    if (!path.starts_with('/')) {
      error(item, "a path must begin with \"/\"");
      continue;
    }
    read_path_item(item, std::string(path), api, api.operations);
  }
}

void Reader::read_webhooks(const Node& webhooks, Api& api) {
  if (!is_object(webhooks, "\"webhooks\"")) return;
  for (const JsonMember& member : webhooks.value->members()) {
    const std::string_view name = member.key.string();
    if (!name.starts_with("x-")) read_path_item(webhooks.child(name), std::string(name), api, api.webhooks);
  }
}

namespace {

// "get /orders/{id}.json" becomes "get_orders_id_json".
std::string made_id(const Operation& operation) {
  std::string id = to_lower_ascii(operation.method);
  bool gap = true;
  for (char c : operation.path) {
    if (!is_alpha(c) && !is_digit(c)) {
      gap = true;
      continue;
    }
    if (gap) id += '_';
    gap = false;
    id += c;
  }
  return id;
}

}  // namespace

void Reader::name_operations(Api& api) {
  std::set<std::string> taken;
  std::vector<Operation*> unnamed;
  std::map<std::string, unsigned> next;  // number to try, by what was taken
  for (std::vector<Operation>* list : {&api.operations, &api.webhooks}) {
    for (Operation& operation : *list) {
      if (!operation.has_own_id) {
        unnamed.push_back(&operation);
      } else if (!taken.insert(operation.id).second) {
        const Node node{operation.place.document, operation.place.pointer + "/operationId", nullptr};
        error(node, "the operationId \"" + operation.id + "\" is taken by another operation");
        unnamed.push_back(&operation);
      }
    }
  }
  for (Operation* operation : unnamed) {
    const std::string base = operation->has_own_id ? operation->id : made_id(*operation);
    std::string id = base;
    for (unsigned& n = next[base]; !taken.insert(id).second;) id = base + "_" + std::to_string(++n + 1);
    operation->id = std::move(id);
  }
}

}  // namespace linkspan::catalog
