// Keywords about the items of arrays and the properties of objects.
#include "data/schema/compiler.h"
#include "data/schema/describe.h"

namespace linkspan::data::schema {

Result<void> Compiler::items(const Keyword& keyword) {
  if (keyword.value.is_array())
    return invalid_keyword(keyword, "must be one schema; a list of them is prefixItems in this dialect");
  ArrayRules& rules = array(keyword.node);
  rules.rest = child(keyword);
  rules.has_rest = true;
  rules.rest_keyword = keyword.name;
  return {};
}

Result<void> Compiler::items_or_tuple(const Keyword& keyword) {
  if (!keyword.value.is_array()) return items(keyword);
  ArrayRules& rules = array(keyword.node);
  rules.prefix_keyword = keyword.name;
  std::size_t index = 0;
  for (const JsonValue& item : keyword.value.items()) rules.prefix.push_back(child(keyword, index++, item));
  return {};
}

Result<void> Compiler::prefix_items(const Keyword& keyword) {
  if (!keyword.value.is_array()) return wrong_value(keyword, "an array of schemas");
  return items_or_tuple(keyword);
}

// Counts only behind a list in `items`.
Result<void> Compiler::additional_items(const Keyword& keyword) {
  const JsonValue* items = keyword.schema.find("items");
  if (items == nullptr || !items->is_array()) return {};
  ArrayRules& rules = array(keyword.node);
  rules.rest = child(keyword);
  rules.has_rest = true;
  rules.rest_keyword = keyword.name;
  return {};
}

Result<void> Compiler::contains(const Keyword& keyword) {
  ArrayRules& rules = array(keyword.node);
  rules.contains = child(keyword);
  rules.contains_evaluates = !keyword.resource.dialect.ref_stands_alone();
  return {};
}

Result<void> Compiler::properties(const Keyword& keyword) {
  if (!keyword.value.is_object()) return wrong_value(keyword, "an object of schemas");
  ObjectRules& rules = object(keyword.node);
  for (const JsonMember& member : keyword.value.members()) {
    Node* const node = child(keyword, member.key.string(), member.value);
    Property& property = rules.properties[member.key.string()];
    property.node = node;
    property.declared = true;
  }
  return {};
}

Result<void> Compiler::pattern_properties(const Keyword& keyword) {
  if (!keyword.value.is_object()) return wrong_value(keyword, "an object of schemas");
  for (const JsonMember& member : keyword.value.members()) {
    auto pattern = pattern_of(keyword, member.key.string());
    if (!pattern) return std::move(pattern).error();
    Node* const node = child(keyword, member.key.string(), member.value);
    object(keyword.node).patterns.push_back({*pattern, node});
  }
  return {};
}

Result<void> Compiler::additional_properties(const Keyword& keyword) {
  ObjectRules& rules = object(keyword.node);
  rules.additional = child(keyword);
  rules.has_additional = true;
  return {};
}

Result<void> Compiler::property_names(const Keyword& keyword) {
  object(keyword.node).names = child(keyword);
  return {};
}

Result<std::vector<std::string_view>> Compiler::names_of(const Keyword& keyword, const JsonValue& list) {
  std::vector<std::string_view> names;
  if (!list.is_array()) return invalid_keyword(keyword, "must be a list of names, is " + shown(list));
  for (const JsonValue& item : list.items()) {
    if (!item.is_string()) return invalid_keyword(keyword, "must be a list of names, has " + shown(item));
    names.push_back(item.string());
  }
  return names;
}

Result<void> Compiler::required(const Keyword& keyword) {
  auto names = names_of(keyword, keyword.value);
  if (!names) return std::move(names).error();
  ObjectRules& rules = object(keyword.node);
  for (const std::string_view name : *names) {
    Property& property = rules.properties[name];
    if (!property.required) rules.required.push_back(name);
    property.required = true;
  }
  return {};
}

Result<void> Compiler::dependencies(const Keyword& keyword) {
  if (!keyword.value.is_object()) return wrong_value(keyword, "an object");
  for (const JsonMember& member : keyword.value.members()) {
    Dependency dependency;
    dependency.name = member.key.string();
    dependency.keyword = keyword.name;
    const bool is_list =
        keyword.name == "dependentRequired" || (keyword.name == "dependencies" && member.value.is_array());
    if (is_list) {
      auto names = names_of(keyword, member.value);
      if (!names) return std::move(names).error();
      dependency.required = *std::move(names);
    } else {
      dependency.node = child(keyword, member.key.string(), member.value);
    }
    object(keyword.node).dependencies.push_back(std::move(dependency));
  }
  return {};
}

Result<void> Compiler::unevaluated(const Keyword& keyword) {
  Unevaluated& rules = unevaluated_rules(keyword.node);
  (keyword.name == "unevaluatedItems" ? rules.items : rules.properties) = child(keyword);
  return {};
}

}  // namespace linkspan::data::schema
