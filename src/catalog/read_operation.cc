#include <algorithm>
#include <array>

#include "base/strings.h"
#include "catalog/path_template.h"
#include "catalog/reader.h"

namespace linkspan::catalog {

using data::JsonMember;

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kMethods{{{"get", "GET"},
                                                                                 {"put", "PUT"},
                                                                                 {"post", "POST"},
                                                                                 {"delete", "DELETE"},
                                                                                 {"options", "OPTIONS"},
                                                                                 {"head", "HEAD"},
                                                                                 {"patch", "PATCH"},
                                                                                 {"trace", "TRACE"},
                                                                                 {"query", "QUERY"}}};

bool is_status(std::string_view key) {
  if (key == "default") return true;
  if (key.size() != 3 || key[0] < '1' || key[0] > '5') return false;
  return (is_digit(key[1]) && is_digit(key[2])) || key.substr(1) == "XX";
}

}  // namespace

void Reader::read_path_item(Node item, const std::string& path, const Api& api,
                            std::vector<Operation>& operations) {
  if (!is_object(item, "a path item")) return;
  const Node written = item;
  item = follow(std::move(item));
  if (!begin(item, ObjectKind::path_item)) return;
  if (written.value != item.value && written.value->size() > 1)
    warn(written, "what stands beside \"$ref\" in a path item is not looked at");
  Operation shared;
  shared.path = path;
  shared.security = api.security;
  shared.summary = string(item, "summary");
  shared.description = string(item, "description");
  if (!is_swagger()) shared.servers = read_servers(item);
  if (shared.servers.empty()) shared.servers = api.servers;
  if (!is_swagger()) read_parameters(item, shared);
  // In the order in which they are written.
  for (const JsonMember& member : item.value->members()) {
    const auto method = std::find_if(kMethods.begin(), kMethods.end(),
                                     [&](const auto& known) { return known.first == member.key.string(); });
    if (method == kMethods.end() || !is_known_field(ObjectKind::path_item, version_, method->first)) continue;
    shared.method = method->second;
    read_operation(item.child(method->first), shared, operations);
  }
  if (version_ < SpecVersion::openapi_3_2) return;
  const Node additional = item.child("additionalOperations");
  if (!is_object(additional, "\"additionalOperations\"")) return;
  for (const JsonMember& member : additional.value->members()) {
    shared.method = member.key.string();
    read_operation(additional.child(member.key.string()), shared, operations);
  }
}

void Reader::read_operation(const Node& node, Operation operation, std::vector<Operation>& operations) {
  if (!begin(node, ObjectKind::operation)) return;
  if (++operations_ > limits_.max_operations) {
    if (operations_ == limits_.max_operations + 1)
      error(node,
            "more than " + std::to_string(limits_.max_operations) + " operations; the rest is left out");
    return;
  }
  operation.place = {node.document, node.pointer};
  operation.id = string(node, "operationId");
  operation.has_own_id = !operation.id.empty();
  if (node.value->contains("summary")) operation.summary = string(node, "summary");
  if (node.value->contains("description")) operation.description = string(node, "description");
  operation.deprecated = flag(node, "deprecated");
  operation.tags = strings(node, "tags");
  const Node security = node.child("security");
  if (security.value != nullptr) operation.security = read_security(security);
  if (is_swagger()) {
    const Node item{node.document, node.pointer.substr(0, node.pointer.rfind('/')), nullptr};
    std::vector<Node> form;
    read_swagger_parameters(documents_.at(item.document, item.pointer), node, operation, form);
    read_swagger_parameters(node, node, operation, form);
    if (!form.empty()) make_form_body(form, media_types(node, "consumes"), operation);
  } else {
    std::vector<Server> servers = read_servers(node);
    if (!servers.empty()) operation.servers = std::move(servers);
    read_parameters(node, operation);
    const Node body = follow(node.child("requestBody"));
    if (body.value != nullptr) operation.request_body = read_request_body(body);
    read_callbacks(node.child("callbacks"), operation);
  }
  read_responses(node, operation);
  if (operation.path.starts_with('/')) check_path_parameters(operation, node);
  operations.push_back(std::move(operation));
}

void Reader::read_responses(const Node& operation_node, Operation& operation) {
  const Node responses = operation_node.child("responses");
  if (!is_object(responses, "\"responses\"")) return;
  for (const JsonMember& member : responses.value->members()) {
    std::string status(member.key.string());
    if (status.starts_with("x-")) continue;
    const Node written = responses.child(status);
    if (status.size() == 3 && status.ends_with("xx")) status.replace(1, 2, "XX");
    if (!is_status(status)) {
      error(written,
            "\"" + status + "\" is no status: expected a code such as 200, a range such as 4XX, or default");
      continue;
    }
    const Node node = follow(written);
    if (node.value != nullptr)
      operation.responses.push_back(read_response(node, operation_node, std::move(status)));
  }
}

Response Reader::read_response(const Node& node, const Node& operation_node, std::string status) {
  Response response;
  response.status = std::move(status);
  response.place = {node.document, node.pointer};
  if (!begin(node, ObjectKind::response)) return response;
  response.summary = string(node, "summary");
  response.description = string(node, "description");
  const Node headers = node.child("headers");
  if (headers.value != nullptr) response.headers = read_headers(headers);
  if (is_swagger()) {
    response.content = swagger_response_content(node, operation_node);
  } else if (node.value->contains("content")) {
    response.content = read_content(node.child("content"));
  }
  const Node links = node.child("links");
  if (!is_object(links, "\"links\"")) return response;
  for (const JsonMember& member : links.value->members()) {
    follow(links.child(member.key.string()));
    response.links.emplace_back(member.key.string());
  }
  return response;
}

void Reader::read_callbacks(const Node& callbacks, Operation& operation) {
  if (!is_object(callbacks, "\"callbacks\"")) return;
  for (const JsonMember& named : callbacks.value->members()) {
    const Node callback = follow(callbacks.child(named.key.string()));
    if (!is_object(callback, "a callback")) continue;
    for (const JsonMember& expression : callback.value->members()) {
      if (expression.key.string().starts_with("x-")) continue;
      const Node item = follow(callback.child(expression.key.string()));
      if (!begin(item, ObjectKind::path_item)) continue;
      for (const auto& [key, method] : kMethods) {
        const Node node = item.child(key);
        if (node.value == nullptr) continue;
        operation.callbacks.push_back({std::string(named.key.string()),
                                       std::string(expression.key.string()),
                                       std::string(method),
                                       {node.document, node.pointer}});
      }
    }
  }
}

void Reader::check_path_parameters(Operation& operation, const Node& node) {
  const Result<PathTemplate> path = PathTemplate::parse(operation.path);
  if (!path) return error(node, path.error().detail());
  for (const std::string& name : path->names()) {
    const bool is_declared = std::any_of(operation.parameters.begin(), operation.parameters.end(),
                                         [&](const Parameter& parameter) {
                                           return parameter.in == ParameterIn::path && parameter.name == name;
                                         });
    if (is_declared) continue;
    error(node, "the path has {" + name + "}, but no parameter describes it; it is taken as text");
    Parameter parameter;
    parameter.name = name;
    parameter.in = ParameterIn::path;
    parameter.style = Style::simple;
    parameter.explode = false;
    parameter.required = true;
    parameter.place = {node.document, node.pointer};
    operation.parameters.push_back(std::move(parameter));
  }
  for (const Parameter& parameter : operation.parameters) {
    if (parameter.in != ParameterIn::path) continue;
    const auto& names = path->names();
    if (std::find(names.begin(), names.end(), parameter.name) == names.end())
      error({parameter.place.document, parameter.place.pointer, nullptr},
            "the path parameter \"" + parameter.name + "\" is not in the path " + operation.path);
  }
}

}  // namespace linkspan::catalog
