// The model as JSON, for programs: `linkspan api show --json`.
#include "catalog/show.h"

namespace linkspan::catalog {

using data::JsonArrayBuilder;
using data::JsonObjectBuilder;
using data::JsonValue;

namespace {

void set_text(JsonObjectBuilder& object, std::string_view key, const std::string& text) {
  if (!text.empty()) object.set(key, text);
}

void set_schema(JsonObjectBuilder& object, std::string_view key, const std::optional<Schema>& schema) {
  if (schema) object.set(key, schema->value);
}

template <typename List, typename ToJson>
void set_list(JsonObjectBuilder& object, std::string_view key, const List& list, const ToJson& to_json) {
  if (list.empty()) return;
  JsonArrayBuilder array;
  for (const auto& item : list) array.add(to_json(item));
  object.set(key, array.build());
}

JsonValue text_value(const std::string& text) {
  return text;
}

JsonValue media_value(const MediaType& media) {
  JsonObjectBuilder object;
  object.set("type", media.type);
  set_schema(object, "schema", media.schema);
  set_schema(object, "itemSchema", media.item_schema);
  set_list(object, "examples", media.examples, [](const Example& example) { return example.value; });
  return object.build();
}

JsonValue parameter_value(const Parameter& parameter) {
  JsonObjectBuilder object;
  object.set("name", parameter.name).set("in", to_string(parameter.in));
  object.set("required", parameter.required);
  object.set("style", to_string(parameter.style)).set("explode", parameter.explode);
  if (parameter.deprecated) object.set("deprecated", true);
  if (parameter.allow_reserved) object.set("allowReserved", true);
  set_text(object, "description", parameter.description);
  set_schema(object, "schema", parameter.schema);
  set_list(object, "content", parameter.content, media_value);
  return object.build();
}

JsonValue header_value(const Header& header) {
  JsonObjectBuilder object;
  object.set("name", header.name).set("required", header.required);
  set_text(object, "description", header.description);
  set_schema(object, "schema", header.schema);
  set_list(object, "content", header.content, media_value);
  return object.build();
}

JsonValue response_value(const Response& response) {
  JsonObjectBuilder object;
  object.set("status", response.status);
  set_text(object, "summary", response.summary);
  set_text(object, "description", response.description);
  set_list(object, "headers", response.headers, header_value);
  set_list(object, "content", response.content, media_value);
  set_list(object, "links", response.links, text_value);
  return object.build();
}

JsonValue requirement_value(const SecurityRequirement& requirement) {
  JsonValue object = JsonValue::empty_object();
  for (const auto& [name, scopes] : requirement.schemes) {
    JsonArrayBuilder array;
    for (const std::string& scope : scopes) array.add(scope);
    object.set(name, array.build());
  }
  return object;
}

JsonValue server_value(const Server& server) {
  JsonObjectBuilder object;
  object.set("url", server.url);
  set_text(object, "name", server.name);
  set_text(object, "description", server.description);
  JsonValue variables = JsonValue::empty_object();
  for (const ServerVariable& variable : server.variables) {
    JsonObjectBuilder one;
    one.set("default", variable.default_value);
    set_list(one, "enum", variable.values, text_value);
    variables.set(variable.name, one.build());
  }
  if (!variables.empty()) object.set("variables", std::move(variables));
  return object.build();
}

JsonValue callback_value(const Callback& callback) {
  return JsonValue::object(
      {{"name", callback.name}, {"expression", callback.expression}, {"method", callback.method}});
}

JsonValue summary_value(const Operation& operation) {
  JsonObjectBuilder object;
  object.set("id", operation.id).set("method", operation.method).set("path", operation.path);
  set_text(object, "summary", operation.summary);
  set_list(object, "tags", operation.tags, text_value);
  if (operation.deprecated) object.set("deprecated", true);
  return object.build();
}

}  // namespace

JsonValue api_to_json(const Api& api) {
  JsonObjectBuilder object;
  set_text(object, "title", api.title);
  set_text(object, "version", api.api_version);
  set_text(object, "description", api.description);
  object.set(api.version == SpecVersion::swagger_2_0 ? "swagger" : "openapi", api.version_text);
  set_list(object, "servers", api.servers, server_value);
  set_list(object, "security", api.security, requirement_value);
  set_list(object, "tags", api.tags, [](const Tag& tag) {
    return JsonValue::object({{"name", tag.name}, {"description", tag.description}});
  });
  JsonArrayBuilder operations;
  for (const Operation& operation : api.operations) operations.add(summary_value(operation));
  object.set("operations", operations.build());
  set_list(object, "webhooks", api.webhooks, summary_value);
  return object.build();
}

JsonValue operation_to_json(const Api& api, const Operation& operation) {
  JsonObjectBuilder object;
  object.set("id", operation.id).set("method", operation.method).set("path", operation.path);
  set_text(object, "summary", operation.summary);
  set_text(object, "description", operation.description);
  set_list(object, "tags", operation.tags, text_value);
  if (operation.deprecated) object.set("deprecated", true);
  set_list(object, "parameters", operation.parameters, parameter_value);
  if (operation.request_body) {
    JsonObjectBuilder body;
    body.set("required", operation.request_body->required);
    set_text(body, "description", operation.request_body->description);
    set_list(body, "content", operation.request_body->content, media_value);
    object.set("requestBody", body.build());
  }
  set_list(object, "responses", operation.responses, response_value);
  set_list(object, "security", operation.security, requirement_value);
  set_list(object, "servers", operation.servers, server_value);
  set_list(object, "callbacks", operation.callbacks, callback_value);
  object.set("file", (*api.documents)[operation.place.document].name).set("pointer", operation.place.pointer);
  return object.build();
}

}  // namespace linkspan::catalog
