// Keywords that apply other schemas to the same value: references and combinations.
#include "data/schema/compiler.h"
#include "data/schema/describe.h"
#include "data/schema/uri.h"

namespace linkspan::data::schema {

Result<void> Compiler::reference(const Keyword& keyword) {
  if (!keyword.value.is_string()) return wrong_value(keyword, "a string");
  auto target = registry_.resolve(resolve_uri(keyword.resource.uri, keyword.value.string()));
  if (!target) return std::move(target).error().context(location_of(keyword.node, keyword.name));
  in_place(keyword.node).ref = node_at(*target);
  return {};
}

Result<void> Compiler::dynamic_reference(const Keyword& keyword) {
  if (!keyword.value.is_string()) return wrong_value(keyword, "a string");
  auto target = registry_.resolve(resolve_uri(keyword.resource.uri, keyword.value.string()));
  if (!target) return std::move(target).error().context(location_of(keyword.node, keyword.name));
  InPlace& rules = in_place(keyword.node);
  rules.dynamic = node_at(*target);
  // Only what is a dynamic anchor here can be overridden from outside.
  const std::string name = decode_percent(split_fragment(keyword.value.string()).second);
  const auto& anchors = target->resource->dynamic_anchors;
  const auto anchor = anchors.find(name);
  const bool is_dynamic = anchor != anchors.end() && anchor->second.source == target->value;
  if (is_dynamic) rules.dynamic_anchor = name;
  return {};
}

Result<void> Compiler::combination(const Keyword& keyword) {
  if (!keyword.value.is_array() || keyword.value.empty())
    return wrong_value(keyword, "a list of schemas, not empty");
  InPlace& rules = in_place(keyword.node);
  auto& list = keyword.name == "allOf" ? rules.all_of : keyword.name == "anyOf" ? rules.any_of : rules.one_of;
  std::size_t index = 0;
  for (const JsonValue& item : keyword.value.items()) list.push_back(child(keyword, index++, item));
  return {};
}

Result<void> Compiler::negation(const Keyword& keyword) {
  in_place(keyword.node).negated = child(keyword);
  return {};
}

Result<void> Compiler::condition(const Keyword& keyword) {
  const JsonValue* then_schema = keyword.schema.find("then");
  const JsonValue* else_schema = keyword.schema.find("else");
  InPlace& rules = in_place(keyword.node);
  // Kept without either too: what it looks at counts as evaluated.
  rules.condition = child(keyword);
  const auto branch = [&](std::string_view name, const JsonValue& schema) {
    return child({keyword.node, keyword.schema, keyword.resource, name, schema});
  };
  if (then_schema != nullptr) rules.then_node = branch("then", *then_schema);
  if (else_schema != nullptr) rules.else_node = branch("else", *else_schema);
  return {};
}

}  // namespace linkspan::data::schema
