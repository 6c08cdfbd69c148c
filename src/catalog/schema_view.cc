#include "catalog/schema_view.h"

#include <algorithm>

namespace linkspan::catalog {

using data::JsonMember;
using data::JsonType;
using data::JsonValue;

namespace {

constexpr std::size_t kMaxHops = 64;
constexpr std::size_t kMaxConjuncts = 200;
constexpr std::size_t kMaxAlternatives = 500;
constexpr unsigned kMaxDepth = 4;

bool contains(const std::vector<Node>& nodes, const Node& node) {
  return std::any_of(nodes.begin(), nodes.end(), [&](const Node& other) {
    return other.document == node.document && other.pointer == node.pointer;
  });
}

}  // namespace

TypeMask type_of(const JsonValue& value) {
  switch (value.type()) {
    case JsonType::null:
      return kNull;
    case JsonType::boolean:
      return kBoolean;
    case JsonType::number:
      return value.to_int64() ? kInteger : kFraction;
    case JsonType::string:
      return kString;
    case JsonType::array:
      return kArray;
    case JsonType::object:
      return kObject;
  }
  return 0;
}

TypeMask type_named(std::string_view name) {
  if (name == "null") return kNull;
  if (name == "boolean") return kBoolean;
  if (name == "integer") return kInteger;
  if (name == "number") return kNumber;
  if (name == "string" || name == "file") return kString;
  if (name == "array") return kArray;
  if (name == "object") return kObject;
  return 0;
}

Node SchemaView::node_of(const Schema& schema) const {
  if (schema.made > 0) return {kFirstMade + schema.made - 1, "", &schema.value};
  return {schema.place.document, schema.place.pointer, &schema.value};
}

Node SchemaView::follow(Node node) const {
  for (std::size_t hops = 0; hops < kMaxHops; ++hops) {
    if (node.value == nullptr) return node;
    const JsonValue* reference = node.value->find("$ref");
    if (reference == nullptr || !reference->is_string() || node.document >= api_.documents->size())
      return node;
    node = api_.documents->find(node.document, reference->string());
  }
  return {};
}

void SchemaView::collect(const Node& start, std::vector<Node>& found) const {
  std::vector<Node> visited;
  std::vector<Node> open{start};
  while (!open.empty() && visited.size() < kMaxConjuncts && found.size() < kMaxConjuncts) {
    const Node node = std::move(open.back());
    open.pop_back();
    if (node.value == nullptr || contains(visited, node)) continue;
    visited.push_back(node);
    const JsonValue* reference = node.value->find("$ref");
    const bool leads_on =
        reference != nullptr && reference->is_string() && node.document < api_.documents->size();
    // Before 2020-12 what stands beside a reference means nothing.
    const bool counts = !leads_on || (api_.version >= SpecVersion::openapi_3_1 && node.value->size() > 1);
    if (counts && !contains(found, node)) found.push_back(node);
    if (leads_on) open.push_back(api_.documents->find(node.document, reference->string()));
    const JsonValue* all = node.value->find("allOf");
    if (!counts || all == nullptr || !all->is_array()) continue;
    const Node list = node.child("allOf");
    for (std::size_t i = all->size(); i > 0; --i) open.push_back(list.child(i - 1));
  }
}

std::vector<Node> SchemaView::conjunction(const Node& node) const {
  std::vector<Node> found;
  collect(node, found);
  return found;
}

std::vector<Node> SchemaView::conjunction(const std::vector<Node>& nodes) const {
  std::vector<Node> found;
  for (const Node& node : nodes) collect(node, found);
  return found;
}

TypeMask SchemaView::own_types(const Node& node, unsigned depth, std::size_t& alternatives_left) const {
  TypeMask mask = kAnyType;
  if (node.value->is_false()) return 0;
  if (const JsonValue* type = node.value->find("type")) {
    mask = 0;
    if (type->is_string()) mask = type_named(type->string());
    for (const JsonValue& one : type->items())
      if (one.is_string()) mask |= type_named(one.string());
    const JsonValue* nullable = node.value->find("nullable");
    if (nullable != nullptr && nullable->is_true() && api_.version < SpecVersion::openapi_3_1) mask |= kNull;
  }
  if (const JsonValue* constant = node.value->find("const")) mask &= type_of(*constant);
  const JsonValue* values = node.value->find("enum");
  if (values != nullptr && values->is_array()) {
    TypeMask seen = 0;
    for (const JsonValue& value : values->items()) seen |= type_of(value);
    mask &= seen;
  }
  for (std::string_view key : {"oneOf", "anyOf"}) {
    const JsonValue* alternatives = node.value->find(key);
    if (alternatives == nullptr || !alternatives->is_array() || depth >= kMaxDepth) continue;
    const Node list = node.child(key);
    TypeMask seen = 0;
    for (std::size_t i = 0; i < alternatives->size(); ++i) {
      if (alternatives_left == 0) return mask;
      --alternatives_left;
      seen |= types({list.child(i)}, depth + 1, alternatives_left);
    }
    mask &= seen;
  }
  return mask;
}

TypeMask SchemaView::types(const std::vector<Node>& nodes, unsigned depth,
                           std::size_t& alternatives_left) const {
  TypeMask mask = kAnyType;
  for (const Node& node : conjunction(nodes)) mask &= own_types(node, depth, alternatives_left);
  return mask;
}

TypeMask SchemaView::types(const std::vector<Node>& nodes) const {
  std::size_t alternatives_left = kMaxAlternatives;
  return types(nodes, 0, alternatives_left);
}

std::vector<Node> SchemaView::with_alternatives(const Node& node) const {
  std::vector<Node> found = conjunction(node);
  for (std::size_t at = 0; at < found.size() && found.size() < kMaxConjuncts; ++at) {
    for (std::string_view key : {"oneOf", "anyOf"}) {
      const JsonValue* alternatives = found[at].value->find(key);
      if (alternatives == nullptr || !alternatives->is_array()) continue;
      const Node list = found[at].child(key);
      for (std::size_t i = 0; i < alternatives->size() && found.size() < kMaxConjuncts; ++i)
        collect(list.child(i), found);
    }
  }
  return found;
}

std::vector<Node> SchemaView::property(const Node& node, std::string_view name) const {
  std::vector<Node> schemas;
  const std::vector<Node> all = with_alternatives(node);
  for (const Node& one : all) {
    const JsonValue* properties = one.value->find("properties");
    if (properties != nullptr && properties->contains(name))
      schemas.push_back(one.child("properties").child(name));
  }
  if (!schemas.empty()) return schemas;
  for (const Node& one : all) {
    const JsonValue* additional = one.value->find("additionalProperties");
    if (additional != nullptr && additional->is_object())
      schemas.push_back(one.child("additionalProperties"));
  }
  return schemas;
}

std::vector<std::string_view> SchemaView::property_names(const Node& node) const {
  std::vector<std::string_view> names;
  for (const Node& one : with_alternatives(node)) {
    const JsonValue* properties = one.value->find("properties");
    if (properties == nullptr) continue;
    for (const JsonMember& member : properties->members())
      if (std::find(names.begin(), names.end(), member.key.string()) == names.end())
        names.push_back(member.key.string());
  }
  return names;
}

bool SchemaView::is_open(const Node& node) const {
  for (const Node& one : conjunction(node))
    for (std::string_view key : {"additionalProperties", "unevaluatedProperties"})
      if (const JsonValue* additional = one.value->find(key); additional != nullptr && additional->is_false())
        return false;
  return true;
}

std::vector<Node> SchemaView::items(const Node& node) const {
  std::vector<Node> schemas;
  for (const Node& one : with_alternatives(node)) {
    const JsonValue* items = one.value->find("items");
    if (items != nullptr && items->is_object()) schemas.push_back(one.child("items"));
  }
  return schemas;
}

}  // namespace linkspan::catalog
