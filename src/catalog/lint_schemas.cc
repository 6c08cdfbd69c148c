#include <array>
#include <unordered_set>

#include "catalog/linter.h"
#include "catalog/validators.h"
#include "data/json_compare.h"
#include "data/json_write.h"

namespace linkspan::catalog {

using data::JsonMember;
using data::JsonValue;

namespace {

constexpr std::array<std::string_view, 11> kOneSchema{"items",
                                                      "additionalProperties",
                                                      "not",
                                                      "contains",
                                                      "propertyNames",
                                                      "unevaluatedItems",
                                                      "unevaluatedProperties",
                                                      "if",
                                                      "then",
                                                      "else",
                                                      "contentSchema"};
constexpr std::array<std::string_view, 4> kListOfSchemas{"allOf", "oneOf", "anyOf", "prefixItems"};
constexpr std::array<std::string_view, 5> kMapOfSchemas{"properties", "patternProperties", "$defs",
                                                        "definitions", "dependentSchemas"};

}  // namespace

void Linter::check_schemas() {
  const auto check = [&](const std::optional<Schema>& schema) {
    if (schema && schema->made == 0) check_schema_tree(view_.node_of(*schema));
  };
  for (const NamedSchema& named : api_.schemas) check(named.schema);
  for (const auto* list : {&api_.operations, &api_.webhooks}) {
    for (const Operation& operation : *list) {
      for (const Parameter& parameter : operation.parameters) {
        check(parameter.schema);
        if (parameter.schema)
          for (const Example& example : parameter.examples) check_example(*parameter.schema, example);
        for (const MediaType& media : parameter.content) check_media(media);
      }
      if (operation.request_body)
        for (const MediaType& media : operation.request_body->content) check_media(media);
      for (const Response& response : operation.responses) {
        for (const Header& header : response.headers) check(header.schema);
        for (const MediaType& media : response.content) check_media(media);
      }
    }
  }
}

void Linter::check_media(const MediaType& media) {
  if (!media.schema) return;
  if (media.schema->made == 0) check_schema_tree(view_.node_of(*media.schema));
  for (const Example& example : media.examples) check_example(*media.schema, example);
}

void Linter::check_example(const Schema& schema, const Example& example) {
  if (example.is_serialized || !example.external_value.empty()) return;
  if (!visited_.emplace(example.place.document, example.place.pointer + "#example").second) return;
  const bool is_swagger = api_.version == SpecVersion::swagger_2_0;
  check_value(is_swagger ? "oas2-valid-media-example" : "oas3-valid-media-example", view_.node_of(schema),
              example.value, example.place);
}

// Depth first, each schema once; not over references, which lead to schemas that are looked at themselves.
void Linter::check_schema_tree(const Node& start) {
  std::vector<Node> open{start};
  while (!open.empty()) {
    const Node node = std::move(open.back());
    open.pop_back();
    if (!node.value->is_object() || !visited_.emplace(node.document, node.pointer).second) continue;
    if (const JsonValue* reference = node.value->find("$ref");
        reference != nullptr && reference->is_string()) {
      Node target = view_.follow(node);
      if (target.value != nullptr) open.push_back(std::move(target));
      if (api_.version < SpecVersion::openapi_3_1) continue;
    }
    check_schema(node);
    for (std::string_view key : kOneSchema)
      if (node.value->find(key) != nullptr) open.push_back(node.child(key));
    for (std::string_view key : kListOfSchemas) {
      if (node.value->find(key) == nullptr) continue;
      const Node list = node.child(key);
      for (std::size_t i = 0; i < list.value->items().size(); ++i) open.push_back(list.child(i));
    }
    for (std::string_view key : kMapOfSchemas) {
      if (node.value->find(key) == nullptr) continue;
      const Node map = node.child(key);
      for (const JsonMember& member : map.value->members()) open.push_back(map.child(member.key.string()));
    }
  }
}

void Linter::check_schema(const Node& node) {
  const Place place{node.document, node.pointer};
  const JsonValue* type = node.value->find("type");
  if (type != nullptr && *type == JsonValue("array") && !node.value->contains("items") &&
      !node.value->contains("prefixItems"))
    report("array-items", place, "an array without \"items\"");
  const JsonValue* values = node.value->find("enum");
  if (values != nullptr && values->is_array()) {
    TypeMask types = 0;
    if (type != nullptr && type->is_string()) types = type_named(type->string());
    if (type != nullptr)
      for (const JsonValue& one : type->items())
        if (one.is_string()) types |= type_named(one.string());
    const JsonValue* nullable = node.value->find("nullable");
    if (nullable != nullptr && nullable->is_true()) types |= kNull;
    const auto items = values->items();
    std::unordered_set<JsonValue, data::JsonHash> seen;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const Node item = node.child("enum").child(i);
      if (type != nullptr && (types & type_of(items[i])) == 0)
        report("typed-enum", {item.document, item.pointer},
               data::write_json(items[i]) + " is not of the type of the schema");
      if (!seen.insert(items[i]).second)
        report("duplicated-entry-in-enum", {item.document, item.pointer},
               data::write_json(items[i]) + " is there twice");
    }
  }
  check_own_examples(node);
}

void Linter::check_own_examples(const Node& node) {
  const std::string_view rule =
      api_.version == SpecVersion::swagger_2_0 ? "oas2-valid-schema-example" : "oas3-valid-schema-example";
  for (std::string_view key : {"example", "default"}) {
    const JsonValue* value = node.value->find(key);
    if (value != nullptr) check_value(rule, node, *value, {node.document, node.child(key).pointer});
  }
  const JsonValue* examples = node.value->find("examples");
  if (examples == nullptr || !examples->is_array()) return;
  for (std::size_t i = 0; i < examples->items().size(); ++i)
    check_value(rule, node, examples->items()[i], {node.document, node.child("examples").child(i).pointer});
}

void Linter::check_value(std::string_view rule, const Node& schema, const JsonValue& value,
                         const Place& place) {
  const Result<data::JsonSchema> compiled = api_.validators->get(schema);
  if (!compiled) return report("oas3-schema", {schema.document, schema.pointer}, compiled.error().detail());
  data::SchemaCheck check;
  check.max_problems = 3;
  check.max_steps = 1'000'000;
  for (const data::SchemaProblem& problem : compiled->validate(value, check))
    report(rule, {place.document, place.pointer + problem.instance}, problem.message);
}

}  // namespace linkspan::catalog
