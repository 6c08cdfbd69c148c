#include <algorithm>

#include "catalog/pattern_text.h"
#include "catalog/uri.h"
#include "catalog/value_maker.h"

namespace linkspan::catalog {

using data::JsonMember;
using data::JsonValue;

namespace {

constexpr std::size_t kMaxItems = 1'000;

void add_name(std::vector<std::string>& names, std::string_view name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

std::vector<std::string> required_names(const Nodes& all) {
  std::vector<std::string> names;
  for (const Node& node : all)
    if (const JsonValue* list = node.value->find("required"))
      for (const JsonValue& name : list->items())
        if (name.is_string()) add_name(names, name.string());
  return names;
}

std::vector<std::string> offered_names(const Nodes& all) {
  std::vector<std::string> names;
  for (const Node& node : all)
    if (const JsonValue* properties = node.value->find("properties"))
      for (const JsonMember& member : properties->members()) add_name(names, member.key.string());
  return names;
}

// The schemas that hold for a property, by the schemas of the object.
Nodes schemas_of(const Nodes& all, std::string_view name) {
  Nodes result;
  for (const Node& node : all) {
    const JsonValue* properties = node.value->find("properties");
    if (properties != nullptr && properties->contains(name)) {
      result.push_back(node.child("properties").child(name));
      continue;
    }
    const JsonValue* additional = node.value->find("additionalProperties");
    if (additional != nullptr && !additional->is_true()) result.push_back(node.child("additionalProperties"));
  }
  return result;
}

bool has_flag(const Nodes& nodes, std::string_view keyword) {
  return std::any_of(nodes.begin(), nodes.end(), [&](const Node& node) {
    const JsonValue* flag = node.value->find(keyword);
    return flag != nullptr && flag->is_true();
  });
}

}  // namespace

bool ValueMaker::is_skipped(const Nodes& property) {
  const Nodes all = view_.conjunction(property);
  return (direction_ == data::SchemaDirection::request && has_flag(all, "readOnly")) ||
         (direction_ == data::SchemaDirection::response && has_flag(all, "writeOnly"));
}

bool ValueMaker::add_property(const Nodes& all, std::string_view name, bool is_required, unsigned depth,
                              JsonValue& object) {
  Nodes schemas = schemas_of(all, name);
  if (is_skipped(schemas)) return true;
  if (!is_required) {
    if (depth >= options_.max_optional_depth || is_out_of_values()) return true;
    // What contains itself is made once.
    for (const Node& node : view_.conjunction(schemas)) {
      const std::string marker = std::to_string(node.document) + node.pointer;
      if (std::find(open_.begin(), open_.end(), marker) != open_.end()) return true;
    }
  }
  std::optional<JsonValue> value = make(schemas, depth + 1);
  if (!value) return !is_required;
  object.set(name, *std::move(value));
  return true;
}

std::optional<JsonValue> ValueMaker::object(const Nodes& all, unsigned depth) {
  JsonValue object = JsonValue::empty_object();
  const std::size_t maximum = count_of(least(all, "maxProperties"), SIZE_MAX);
  const std::size_t minimum = count_of(greatest(all, "minProperties"), 0);
  const std::vector<std::string> required = required_names(all);
  const std::size_t opened = open_.size();
  for (const Node& node : all) open_.push_back(std::to_string(node.document) + node.pointer);
  bool is_possible = true;
  const std::vector<std::string> offered = offered_names(all);
  // In the order of the properties, then what is required besides.
  for (const std::string& name : offered) {
    const bool is_required = std::find(required.begin(), required.end(), name) != required.end();
    const bool has_room = object.size() + required.size() < maximum || maximum == SIZE_MAX;
    if (is_required || has_room)
      is_possible = is_possible && add_property(all, name, is_required, depth, object);
  }
  for (const std::string& name : required)
    if (std::find(offered.begin(), offered.end(), name) == offered.end())
      is_possible = is_possible && add_property(all, name, true, depth, object);
  if (is_possible) add_further(all, std::min(minimum, kMaxItems), depth, object);
  // A map of things shows one.
  const bool is_map = std::any_of(all.begin(), all.end(), [](const Node& node) {
    const JsonValue* additional = node.value->find("additionalProperties");
    return additional != nullptr && additional->is_object();
  });
  if (is_possible && is_map && object.empty() && maximum > 0 && depth < options_.max_optional_depth)
    add_further(all, 1, depth, object);
  open_.resize(opened);
  if (!is_possible) return std::nullopt;
  return object;
}

// Names of the author's choice, until there are enough.
void ValueMaker::add_further(const Nodes& all, std::size_t wanted, unsigned depth, JsonValue& object) {
  for (const std::string& name : offered_names(all))
    if (object.size() < wanted && !object.contains(name)) add_property(all, name, true, depth, object);
  for (std::size_t i = 1; object.size() < wanted && i <= wanted * 2; ++i) {
    std::string name = "property" + std::to_string(i);
    Nodes schemas;
    for (const Node& node : all) {
      if (const JsonValue* names = node.value->find("propertyNames")) {
        const JsonValue* pattern = names->find("pattern");
        if (pattern != nullptr && pattern->is_string())
          name = text_of_pattern(pattern->string(), i, random_).value_or(name);
      }
      const JsonValue* patterns = node.value->find("patternProperties");
      if (patterns == nullptr || patterns->members().empty()) continue;
      const JsonMember& first = *patterns->members().begin();
      name = text_of_pattern(first.key.string(), i, random_).value_or(name);
      schemas.push_back(node.child("patternProperties").child(first.key.string()));
    }
    if (object.contains(name)) continue;
    if (schemas.empty()) schemas = schemas_of(all, name);
    if (auto value = make(schemas, depth + 1)) object.set(name, *std::move(value));
  }
}

// The property that says which of several schemas an object follows.
void ValueMaker::set_discriminators(const Nodes& nodes, const Nodes& all, JsonValue& object) {
  Nodes candidates = all;
  for (const Node& node : nodes) candidates.push_back(view_.follow(node));
  for (const Node& node : all) {
    const JsonValue* discriminator = node.value->find("discriminator");
    const JsonValue* property = discriminator == nullptr ? nullptr : discriminator->find("propertyName");
    // In Swagger 2.0 it is the name itself.
    if (discriminator != nullptr && discriminator->is_string()) property = discriminator;
    if (property == nullptr || !property->is_string()) continue;
    const JsonValue* mapping = discriminator->find("mapping");
    for (std::size_t i = candidates.size(); i-- > 0;) {
      const Node& candidate = candidates[i];
      if (candidate.pointer.find("/schemas/") == std::string::npos &&
          candidate.pointer.find("/definitions/") == std::string::npos)
        continue;
      const std::string name = candidate.pointer.substr(candidate.pointer.rfind('/') + 1);
      std::string value = name;
      if (mapping != nullptr)
        for (const JsonMember& member : mapping->members())
          if (member.value.is_string() && member.value.string().ends_with("/" + name))
            value = member.key.string();
      JsonValue changed = object;
      changed.set(property->string(), value);
      if (!is_valid(nodes, changed)) continue;
      object = std::move(changed);
      break;
    }
  }
}

std::optional<JsonValue> ValueMaker::array(const Nodes& all, unsigned depth) {
  const std::size_t minimum = count_of(greatest(all, "minItems"), 0);
  const std::size_t maximum = count_of(least(all, "maxItems"), SIZE_MAX);
  if (minimum > kMaxItems || minimum > maximum) return std::nullopt;
  JsonValue array = JsonValue::empty_array();
  std::size_t wanted = std::max<std::size_t>(minimum, depth < options_.max_optional_depth ? 1 : 0);
  Nodes items;
  Nodes contained;
  std::size_t prefixes = 0;
  for (const Node& node : all) {
    if (const JsonValue* schema = node.value->find("items"); schema != nullptr && !schema->is_array())
      items.push_back(node.child("items"));
    if (const JsonValue* list = node.value->find("prefixItems"))
      prefixes = std::max(prefixes, list->items().size());
    if (node.value->contains("contains")) contained.push_back(node.child("contains"));
  }
  wanted = std::min({std::max({wanted, prefixes, contained.size()}), maximum, kMaxItems});
  const bool is_unique = has_flag(all, "uniqueItems");
  for (std::size_t tries = 0; array.size() < wanted && tries < wanted * 4 + 4; ++tries) {
    Nodes schemas;
    for (const Node& node : all) {
      const JsonValue* list = node.value->find("prefixItems");
      if (list != nullptr && array.size() < list->items().size())
        schemas.push_back(node.child("prefixItems").child(array.size()));
    }
    if (schemas.empty()) schemas = items;
    if (array.size() >= prefixes && array.size() - prefixes < contained.size())
      schemas.push_back(contained[array.size() - prefixes]);
    std::optional<JsonValue> item = make(schemas, depth + 1);
    if (!item) break;
    const auto present = array.items();
    if (is_unique && std::find(present.begin(), present.end(), *item) != present.end()) continue;
    array.push_back(*std::move(item));
  }
  if (array.size() < minimum) return std::nullopt;
  return array;
}

}  // namespace linkspan::catalog
