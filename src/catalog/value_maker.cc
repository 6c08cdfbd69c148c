#include "catalog/value_maker.h"

#include <algorithm>
#include <cmath>

namespace linkspan::catalog {

using data::JsonValue;

namespace {

constexpr std::size_t kMaxTriedAlternatives = 24;
constexpr std::size_t kMaxChoices = 24;

// YAML has numbers that are none: they bound nothing.
std::optional<double> number_at(const Node& node, std::string_view keyword) {
  const JsonValue* value = node.value->find(keyword);
  if (value == nullptr || !value->is_number() || std::isnan(value->as_double())) return std::nullopt;
  return value->as_double();
}

}  // namespace

std::optional<double> greatest(const Nodes& all, std::string_view keyword) {
  std::optional<double> result;
  for (const Node& node : all)
    if (const auto number = number_at(node, keyword)) result = std::max(result.value_or(*number), *number);
  return result;
}

std::optional<double> least(const Nodes& all, std::string_view keyword) {
  std::optional<double> result;
  for (const Node& node : all)
    if (const auto number = number_at(node, keyword)) result = std::min(result.value_or(*number), *number);
  return result;
}

std::size_t count_of(std::optional<double> number, std::size_t otherwise) {
  constexpr double kMaxCount = 1e9;
  if (!number || !(*number >= 0)) return otherwise;
  return static_cast<std::size_t>(std::min(*number, kMaxCount));
}

bool ValueMaker::is_valid(const Nodes& nodes, const JsonValue& value) {
  data::SchemaCheck check;
  check.assert_formats = true;
  check.max_steps = 200'000;  // what is made is small
  check.direction = direction_;
  for (const Node& node : nodes) {
    const Result<data::JsonSchema> schema = api_.validators->get(node);
    if (!schema || !schema->is_valid(value, check)) return false;
  }
  return true;
}

// What the schemas offer themselves.
std::optional<JsonValue> ValueMaker::own(const Nodes& nodes, const Nodes& all) {
  std::optional<JsonValue> found;
  const auto offer = [&](const JsonValue& value) {
    if (!found && is_valid(nodes, value)) found = value;
  };
  for (const Node& node : all)
    if (const JsonValue* value = node.value->find("example")) offer(*value);
  for (const Node& node : all)
    if (const JsonValue* values = node.value->find("examples"))
      for (const JsonValue& value : values->items()) offer(value);
  for (const Node& node : all) {
    if (const JsonValue* value = node.value->find("const")) offer(*value);
    if (const JsonValue* value = node.value->find("default"); value != nullptr && !value->is_null())
      offer(*value);
  }
  for (const Node& node : all) {
    const JsonValue* values = node.value->find("enum");
    if (values == nullptr || values->empty() || found) continue;
    const std::size_t first = options_.seed == 0 ? 0 : random_.below(values->size());
    for (std::size_t i = 0; i < values->items().size(); ++i)
      offer(values->items()[(first + i) % values->items().size()]);
  }
  return found;
}

std::optional<JsonValue> ValueMaker::make(const Nodes& nodes, unsigned depth) {
  if (depth > options_.max_depth || ++made_ > options_.max_values) return std::nullopt;
  const Nodes all = view_.conjunction(nodes);
  if (auto value = own(nodes, all)) return value;
  if (auto value = of_alternatives(nodes, all, depth)) return value;
  auto value = of_type(all, depth);
  if (!value) return std::nullopt;
  if (value->is_object()) set_discriminators(nodes, all, *value);
  if (is_valid(nodes, *value)) return value;
  return std::nullopt;
}

// One of each `oneOf` and `anyOf`, together with all else: the first that comes out valid.
std::optional<JsonValue> ValueMaker::of_alternatives(const Nodes& nodes, const Nodes& all, unsigned depth) {
  for (const Node& node : all) {
    for (std::string_view key : {"oneOf", "anyOf"}) {
      const JsonValue* list = node.value->find(key);
      if (list == nullptr || list->items().empty()) continue;
      const std::string marker = std::to_string(node.document) + node.pointer + "/" + std::string(key);
      // Already chosen in a call around this one, for the same value.
      if (std::find(open_.begin(), open_.end(), marker) != open_.end()) continue;
      const std::size_t count = list->size();
      const std::size_t first = options_.seed == 0 ? 0 : random_.below(count);
      if (choices_ >= kMaxChoices) return std::nullopt;
      ++choices_;
      open_.push_back(marker);
      std::optional<JsonValue> value;
      for (std::size_t i = 0; i < std::min(count, kMaxTriedAlternatives) && !value; ++i) {
        Nodes with_one = nodes;
        with_one.push_back(node.child(key).child((first + i) % count));
        if (view_.types(with_one) != 0) value = make(with_one, depth);
      }
      open_.pop_back();
      --choices_;
      return value;
    }
  }
  return std::nullopt;
}

std::optional<JsonValue> ValueMaker::of_type(const Nodes& all, unsigned depth) {
  TypeMask types = view_.types(all);
  if (types == kAnyType) {
    // What the keywords speak of, else a text.
    const auto speaks_of = [&](std::initializer_list<std::string_view> keywords) {
      return std::any_of(all.begin(), all.end(), [&](const Node& node) {
        return std::any_of(keywords.begin(), keywords.end(),
                           [&](std::string_view keyword) { return node.value->contains(keyword); });
      });
    };
    if (speaks_of({"properties", "required", "additionalProperties", "minProperties", "patternProperties"})) {
      types = kObject;
    } else if (speaks_of({"items", "prefixItems", "minItems", "contains", "uniqueItems"})) {
      types = kArray;
    } else if (speaks_of({"minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"})) {
      types = kNumber;
    } else {
      types = kString;
    }
  }
  const bool is_deep = depth + 4 > options_.max_depth;
  if (is_deep && (types & kNull) != 0) return JsonValue();
  std::optional<JsonValue> value;
  if ((types & kObject) != 0) value = object(all, depth);
  if (!value && (types & kArray) != 0) value = array(all, depth);
  if (!value && (types & kString) != 0) value = string(all);
  if (!value && (types & kNumber) != 0) value = number(all, (types & kFraction) == 0);
  if (!value && (types & kBoolean) != 0) value = JsonValue(options_.seed == 0 || random_.below(2) == 0);
  if (!value && (types & kNull) != 0) value = JsonValue();
  return value;
}

}  // namespace linkspan::catalog
