#include "data/schema/compiler.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error_kinds.h"
#include "data/json_pointer.h"
#include "data/schema/describe.h"

namespace linkspan::data::schema {

namespace {

enum class Vocabulary : unsigned char { core, applicator, unevaluated, validation, openapi };

using Drafts = unsigned;
constexpr Drafts bit(SchemaDialect draft) {
  return 1U << static_cast<unsigned>(draft);
}
constexpr Drafts k4 = bit(SchemaDialect::draft4);
constexpr Drafts k6 = bit(SchemaDialect::draft6);
constexpr Drafts k7 = bit(SchemaDialect::draft7);
constexpr Drafts k2020 = bit(SchemaDialect::draft2020_12) | bit(SchemaDialect::openapi_3_1);
constexpr Drafts kOpenapi30 = bit(SchemaDialect::openapi_3_0);
constexpr Drafts kOpenapi31 = bit(SchemaDialect::openapi_3_1);
constexpr Drafts kOld = k4 | k6 | k7;
constexpr Drafts kAll = kOld | k2020 | kOpenapi30;

struct Known {
  std::string_view name;
  Vocabulary vocabulary;
  Drafts drafts;
  Result<void> (Compiler::*read)(const Keyword&);
};

constexpr Known kKeywords[] = {
    {"$ref", Vocabulary::core, kAll, &Compiler::reference},
    {"$dynamicRef", Vocabulary::core, k2020, &Compiler::dynamic_reference},
    {"allOf", Vocabulary::applicator, kAll, &Compiler::combination},
    {"anyOf", Vocabulary::applicator, kAll, &Compiler::combination},
    {"oneOf", Vocabulary::applicator, kAll, &Compiler::combination},
    {"not", Vocabulary::applicator, kAll, &Compiler::negation},
    {"if", Vocabulary::applicator, k7 | k2020, &Compiler::condition},
    {"dependentSchemas", Vocabulary::applicator, k2020, &Compiler::dependencies},
    {"properties", Vocabulary::applicator, kAll, &Compiler::properties},
    {"patternProperties", Vocabulary::applicator, kOld | k2020, &Compiler::pattern_properties},
    {"additionalProperties", Vocabulary::applicator, kAll, &Compiler::additional_properties},
    {"propertyNames", Vocabulary::applicator, k6 | k7 | k2020, &Compiler::property_names},
    {"prefixItems", Vocabulary::applicator, k2020, &Compiler::prefix_items},
    {"items", Vocabulary::applicator, k2020 | kOpenapi30, &Compiler::items},
    {"items", Vocabulary::applicator, kOld, &Compiler::items_or_tuple},
    {"additionalItems", Vocabulary::applicator, kOld, &Compiler::additional_items},
    {"contains", Vocabulary::applicator, k6 | k7 | k2020, &Compiler::contains},
    {"unevaluatedProperties", Vocabulary::unevaluated, k2020, &Compiler::unevaluated},
    {"unevaluatedItems", Vocabulary::unevaluated, k2020, &Compiler::unevaluated},
    {"dependentRequired", Vocabulary::validation, k2020, &Compiler::dependencies},
    {"dependencies", Vocabulary::applicator, kOld | k2020, &Compiler::dependencies},
    {"type", Vocabulary::validation, kAll, &Compiler::type},
    {"nullable", Vocabulary::openapi, kOpenapi30, &Compiler::nullable},
    {"enum", Vocabulary::validation, kAll, &Compiler::enumeration},
    {"const", Vocabulary::validation, k6 | k7 | k2020, &Compiler::constant},
    {"multipleOf", Vocabulary::validation, kAll, &Compiler::multiple_of},
    {"minimum", Vocabulary::validation, kAll, &Compiler::bound},
    {"maximum", Vocabulary::validation, kAll, &Compiler::bound},
    {"exclusiveMinimum", Vocabulary::validation, k6 | k7 | k2020, &Compiler::bound_exclusive},
    {"exclusiveMaximum", Vocabulary::validation, k6 | k7 | k2020, &Compiler::bound_exclusive},
    {"minLength", Vocabulary::validation, kAll, &Compiler::size},
    {"maxLength", Vocabulary::validation, kAll, &Compiler::size},
    {"minItems", Vocabulary::validation, kAll, &Compiler::size},
    {"maxItems", Vocabulary::validation, kAll, &Compiler::size},
    {"minProperties", Vocabulary::validation, kAll, &Compiler::size},
    {"maxProperties", Vocabulary::validation, kAll, &Compiler::size},
    {"minContains", Vocabulary::validation, k2020, &Compiler::size},
    {"maxContains", Vocabulary::validation, k2020, &Compiler::size},
    {"pattern", Vocabulary::validation, kAll, &Compiler::pattern},
    {"uniqueItems", Vocabulary::validation, kAll, &Compiler::unique_items},
    {"required", Vocabulary::validation, kAll, &Compiler::required},
    {"format", Vocabulary::core, kAll, &Compiler::format},
    {"readOnly", Vocabulary::openapi, kOpenapi30 | kOpenapi31, &Compiler::read_only},
    {"writeOnly", Vocabulary::openapi, kOpenapi30 | kOpenapi31, &Compiler::read_only},
};

bool is_spoken(const Known& keyword, const Dialect& dialect) {
  if ((keyword.drafts & bit(dialect.draft)) == 0) return false;
  switch (keyword.vocabulary) {
    case Vocabulary::core:
    case Vocabulary::openapi:
      return true;
    case Vocabulary::applicator:
      return dialect.applicators;
    case Vocabulary::unevaluated:
      return dialect.unevaluated;
    case Vocabulary::validation:
      break;
  }
  return dialect.validation;
}

template <typename T>
T& made_once(T*& rules, std::deque<T>& all) {
  if (rules == nullptr) rules = &all.emplace_back();
  return *rules;
}

}  // namespace

std::string location_of(const Node& node, std::string_view keyword) {
  // From the node up to one that has a pointer of its own, then down again.
  std::vector<const Node*> way;
  const Node* top = &node;
  for (; top->location.parent != nullptr; top = top->location.parent) way.push_back(top);
  std::string text = top->resource->uri + "#";
  text += top->location.by_anchor ? find_pointer(*top->source, *top->resource->root) : top->location.pointer;
  std::for_each(way.rbegin(), way.rend(), [&](const Node* step) {
    append_pointer_token(text, step->location.keyword);
    if (step->location.name.data() != nullptr) append_pointer_token(text, step->location.name);
    if (step->location.index != kNoLimit) append_pointer_token(text, step->location.index);
  });
  if (!keyword.empty()) append_pointer_token(text, keyword);
  return text;
}

Error invalid_keyword(const Keyword& keyword, std::string_view what) {
  return Error(errors::schema_invalid, location_of(keyword.node, keyword.name) + ": " + std::string(what));
}

Error wrong_value(const Keyword& keyword, std::string_view expected) {
  return invalid_keyword(keyword, "must be " + std::string(expected) + ", is " + shown(keyword.value));
}

NumberRules& Compiler::number(Node& node) {
  return made_once(node.number, storage_->numbers);
}
StringRules& Compiler::string(Node& node) {
  return made_once(node.string, storage_->strings);
}
ArrayRules& Compiler::array(Node& node) {
  return made_once(node.array, storage_->arrays);
}
ObjectRules& Compiler::object(Node& node) {
  return made_once(node.object, storage_->objects);
}
InPlace& Compiler::in_place(Node& node) {
  return made_once(node.in_place, storage_->in_places);
}
Unevaluated& Compiler::unevaluated_rules(Node& node) {
  return made_once(node.unevaluated, storage_->unevaluated);
}

Node* Compiler::node_of(const JsonValue& schema, Resource& outer, Location location) {
  Resource* const resource = registry_.resource_of(schema, outer);
  if (resource != &outer) location = {};  // it begins a resource, where its pointer is empty
  const auto [at, is_new] = nodes_.try_emplace({&schema, resource});
  if (!is_new) return at->second;
  Node& node = storage_->nodes.emplace_back();
  node.source = &schema;
  node.resource = resource;
  node.location = std::move(location);
  at->second = &node;
  new_nodes_.push_back(&node);
  compile_dynamic_anchors(*resource);
  return &node;
}

Node* Compiler::node_at(const Target& target) {
  Location location;
  location.pointer = target.pointer;
  location.by_anchor = target.by_anchor;
  return node_of(*target.value, *target.resource, std::move(location));
}

Node* Compiler::child(const Keyword& keyword) {
  return node_of(keyword.value, keyword.resource, {&keyword.node, keyword.name, {}, kNoLimit, {}});
}
Node* Compiler::child(const Keyword& keyword, std::string_view name, const JsonValue& schema) {
  return node_of(schema, keyword.resource, {&keyword.node, keyword.name, name, kNoLimit, {}});
}
Node* Compiler::child(const Keyword& keyword, std::size_t index, const JsonValue& schema) {
  return node_of(schema, keyword.resource, {&keyword.node, keyword.name, {}, index, {}});
}

// Which of them a $dynamicRef leads to is known in a check only, so all have to be there.
void Compiler::compile_dynamic_anchors(Resource& resource) {
  if (resource.compiled) return;
  resource.compiled = true;
  new_resources_.push_back(&resource);
  for (auto& [name, anchor] : resource.dynamic_anchors) {
    Location location;
    location.by_anchor = anchor.source != resource.root;
    anchor.node = node_of(*anchor.source, resource, std::move(location));
  }
}

Result<const Node*> Compiler::compile(const Target& target) {
  auto node = compile_all(target);
  if (!node) forget_new();
  new_nodes_.clear();
  new_resources_.clear();
  next_ = 0;
  return node;
}

Result<const Node*> Compiler::compile_all(const Target& target) {
  Node* const node = node_at(target);
  for (; next_ < new_nodes_.size(); ++next_) {
    if (auto ok = fill(*new_nodes_[next_]); !ok) return std::move(ok).error();
  }
  if (auto ok = check_circles(new_nodes_); !ok) return std::move(ok).error();
  shorten(new_nodes_);
  return node;
}

void Compiler::forget_new() {
  for (const Node* node : new_nodes_) nodes_.erase({node->source, node->resource});
  for (Resource* resource : new_resources_) resource->compiled = false;
}

Result<void> Compiler::fill(Node& node) {
  const JsonValue& schema = *node.source;
  const Resource& resource = *node.resource;
  const Dialect& dialect = resource.dialect;
  node.exact_integers = dialect.draft == SchemaDialect::draft4;
  node.assert_formats = dialect.assert_formats;
  if (!resource.problem.empty())
    return Error(errors::schema_invalid, location_of(node) + ": " + resource.problem);
  if (schema.is_boolean()) {
    node.never = schema.is_false();
    return {};
  }
  if (!schema.is_object())
    return Error(errors::schema_invalid,
                 location_of(node) + ": a schema is an object or a boolean, not " + shown(schema));
  if (dialect.ref_stands_alone()) {
    if (const JsonValue* ref = schema.find("$ref"); ref != nullptr && ref->is_string())
      return fill_keyword(node, "$ref", *ref);
  }
  for (const JsonMember& member : schema.members()) {
    if (auto ok = fill_keyword(node, member.key.string(), member.value); !ok) return ok;
  }
  return {};
}

Result<void> Compiler::fill_keyword(Node& node, std::string_view name, const JsonValue& value) {
  Resource& resource = *node.resource;
  for (const Known& known : kKeywords) {
    if (known.name == name && is_spoken(known, resource.dialect))
      return (this->*known.read)({node, *node.source, resource, known.name, value});
  }
  return {};
}

}  // namespace linkspan::data::schema
