#include "catalog/diff_schema.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "catalog/value_maker.h"
#include "data/json_compare.h"
#include "data/json_pointer.h"
#include "data/json_write.h"

namespace linkspan::catalog {

using data::JsonMember;
using data::JsonValue;

namespace {

constexpr unsigned kMaxDepth = 60;
constexpr std::size_t kMaxAlternatives = 2'000;

struct Bound {
  std::string_view keyword;
  bool is_lower;
};
constexpr std::array kBounds{Bound{"minimum", true},          Bound{"maximum", false},
                             Bound{"exclusiveMinimum", true}, Bound{"exclusiveMaximum", false},
                             Bound{"minLength", true},        Bound{"maxLength", false},
                             Bound{"minItems", true},         Bound{"maxItems", false},
                             Bound{"minProperties", true},    Bound{"maxProperties", false}};

std::string words_of(TypeMask types) {
  constexpr std::array<std::pair<TypeMask, std::string_view>, 6> kNames{{{kNull, "null"},
                                                                         {kBoolean, "boolean"},
                                                                         {kString, "string"},
                                                                         {kArray, "array"},
                                                                         {kObject, "object"},
                                                                         {kInteger, "integer"}}};
  if (types == kAnyType) return "anything";
  std::string text;
  const auto add = [&](std::string_view name) { text.append(text.empty() ? "" : " or ").append(name); };
  for (const auto& [bit, name] : kNames)
    if ((types & bit) != 0 && !(bit == kInteger && (types & kFraction) != 0)) add(name);
  if ((types & kFraction) != 0) add("number");
  return text.empty() ? "nothing" : text;
}

std::string number_text(double number) {
  return data::write_json(JsonValue(number));
}

// What all enums (and consts) allow; nullopt if there are none.
std::optional<std::vector<JsonValue>> allowed_values(const std::vector<Node>& all) {
  std::optional<std::vector<JsonValue>> result;
  const auto keep = [&](std::span<const JsonValue> values) {
    if (!result) {
      result.emplace(values.begin(), values.end());
      return;
    }
    std::erase_if(*result, [&](const JsonValue& one) {
      return std::find(values.begin(), values.end(), one) == values.end();
    });
  };
  for (const Node& node : all) {
    if (const JsonValue* values = node.value->find("enum"); values != nullptr && values->is_array())
      keep(values->items());
    if (const JsonValue* value = node.value->find("const")) keep(std::span(value, 1));
  }
  return result;
}

std::vector<std::string> names_required(const std::vector<Node>& all) {
  std::vector<std::string> names;
  for (const Node& node : all)
    if (const JsonValue* list = node.value->find("required"))
      for (const JsonValue& name : list->items())
        if (name.is_string()) names.emplace_back(name.string());
  return names;
}

std::vector<std::string> names_of_properties(const std::vector<Node>& all) {
  std::vector<std::string> names;
  for (const Node& node : all)
    if (const JsonValue* properties = node.value->find("properties"))
      for (const JsonMember& member : properties->members())
        if (std::find(names.begin(), names.end(), member.key.string()) == names.end())
          names.emplace_back(member.key.string());
  return names;
}

const JsonValue* keyword_of(const std::vector<Node>& all, std::string_view keyword) {
  for (const Node& node : all)
    if (const JsonValue* value = node.value->find(keyword)) return value;
  return nullptr;
}

Node property_of(const std::vector<Node>& all, const std::string& name) {
  for (const Node& node : all) {
    const JsonValue* properties = node.value->find("properties");
    if (properties != nullptr && properties->contains(name)) return node.child("properties").child(name);
  }
  return {};
}

Node subschema_of(const std::vector<Node>& all, std::string_view keyword) {
  for (const Node& node : all)
    if (const JsonValue* value = node.value->find(keyword); value != nullptr && value->is_object())
      return node.child(keyword);
  return {};
}

bool is_closed(const std::vector<Node>& all) {
  return std::any_of(all.begin(), all.end(), [](const Node& node) {
    const JsonValue* additional = node.value->find("additionalProperties");
    return additional != nullptr && additional->is_false();
  });
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string key_of(const Node& node) {
  return std::to_string(node.document) + "#" + node.pointer;
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

}  // namespace

void SchemaDiff::add(bool is_breaking, const std::string& pointer, std::string_view kind, std::string what) {
  std::string where = place_->part;
  if (!pointer.empty()) where += " " + pointer;
  changes_.push_back({is_breaking, place_->operation, std::move(where), std::move(what), std::string(kind)});
}

// A request may be given more freedom, a response less.
void SchemaDiff::add(Move move, const std::string& pointer, std::string_view kind, std::string what) {
  const bool is_breaking = (move == Move::narrower) == (direction_ == DiffDirection::request);
  add(is_breaking, pointer, kind, std::move(what));
}

void SchemaDiff::compare(const Schema& before, const Schema& after, DiffDirection direction,
                         const DiffPlace& place) {
  direction_ = direction;
  place_ = &place;
  compared_.clear();
  compare(before_.node_of(before), after_.node_of(after), "", 0);
}

void SchemaDiff::compare(const Node& before, const Node& after, const std::string& pointer, unsigned depth) {
  if (before.value == nullptr || after.value == nullptr || depth > kMaxDepth) return;
  // What contains itself is compared once.
  const Node target = before_.follow(before);
  const Node other = after_.follow(after);
  if (!compared_.insert(key_of(target) + "|" + key_of(other)).second) return;
  const Pair pair{before_.conjunction(before), after_.conjunction(after), pointer};
  compare_types(pair);
  compare_enums(pair);
  compare_bounds(pair);
  compare_texts(pair);
  compare_properties(pair, depth);
  compare_items(pair, depth);
  compare_alternatives(pair, "oneOf", depth);
  compare_alternatives(pair, "anyOf", depth);
}

void SchemaDiff::compare_types(const Pair& pair) {
  const TypeMask before = before_.types(pair.before);
  const TypeMask after = after_.types(pair.after);
  if (before == after) return;
  // Alternatives and enums say what is different about them themselves.
  if (keyword_of(pair.before, "type") == nullptr && keyword_of(pair.after, "type") == nullptr) return;
  const std::string what = "the type changes from " + words_of(before) + " to " + words_of(after);
  if ((before & ~after) != 0) {
    add((after & ~before) != 0 || direction_ == DiffDirection::request, pair.pointer, "type", what);
  } else {
    add(Move::wider, pair.pointer, "type", what);
  }
}

void SchemaDiff::compare_enums(const Pair& pair) {
  const auto before = allowed_values(pair.before);
  const auto after = allowed_values(pair.after);
  if (!before && !after) return;
  if (!before) return add(Move::narrower, pair.pointer, "enum", "only certain values are allowed now");
  if (!after) return add(Move::wider, pair.pointer, "enum", "any value is allowed now");
  const std::unordered_set<JsonValue, data::JsonHash> were(before->begin(), before->end());
  const std::unordered_set<JsonValue, data::JsonHash> are(after->begin(), after->end());
  for (const JsonValue& value : *before)
    if (!are.contains(value))
      add(Move::narrower, pair.pointer, "enum", "the value " + data::write_json(value) + " is gone");
  for (const JsonValue& value : *after)
    if (!were.contains(value))
      add(Move::wider, pair.pointer, "enum", "the value " + data::write_json(value) + " is new");
}

void SchemaDiff::compare_bounds(const Pair& pair) {
  for (const Bound& bound : kBounds) {
    const auto before =
        bound.is_lower ? greatest(pair.before, bound.keyword) : least(pair.before, bound.keyword);
    const auto after =
        bound.is_lower ? greatest(pair.after, bound.keyword) : least(pair.after, bound.keyword);
    if (before == after) continue;
    const std::string name(bound.keyword);
    if (!before) {
      add(Move::narrower, pair.pointer, name, name + " is new: " + number_text(*after));
    } else if (!after) {
      add(Move::wider, pair.pointer, name, name + " is gone: " + number_text(*before));
    } else {
      const bool rises = *after > *before;
      add(rises == bound.is_lower ? Move::narrower : Move::wider, pair.pointer, name,
          name + (rises ? " rises from " : " falls from ") + number_text(*before) + " to " +
              number_text(*after));
    }
  }
}

void SchemaDiff::compare_texts(const Pair& pair) {
  for (std::string_view keyword :
       {"pattern", "format", "multipleOf", "uniqueItems", "exclusiveMinimum", "exclusiveMaximum"}) {
    const JsonValue* before = keyword_of(pair.before, keyword);
    const JsonValue* after = keyword_of(pair.after, keyword);
    // Numbers among these are bounds; false is as good as nothing.
    const auto counts = [&](const JsonValue* value) {
      if (value == nullptr || value->is_false()) return false;
      return !(value->is_number() && keyword != "multipleOf");
    };
    const bool was = counts(before);
    const bool is = counts(after);
    if (!was && !is) continue;
    const std::string name(keyword);
    if (!was) {
      add(Move::narrower, pair.pointer, name, name + " is new: " + data::write_json(*after));
    } else if (!is) {
      add(Move::wider, pair.pointer, name, name + " is gone: " + data::write_json(*before));
    } else if (*before != *after) {
      add(true, pair.pointer, name,
          name + " changes from " + data::write_json(*before) + " to " + data::write_json(*after));
    }
  }
}

void SchemaDiff::compare_properties(const Pair& pair, unsigned depth) {
  const bool is_request = direction_ == DiffDirection::request;
  const std::vector<std::string> before = names_of_properties(pair.before);
  const std::vector<std::string> after = names_of_properties(pair.after);
  const std::vector<std::string> required_before = names_required(pair.before);
  const std::vector<std::string> required_after = names_required(pair.after);
  for (const std::string& name : before) {
    std::string pointer = pair.pointer;
    data::append_pointer_token(pointer, name);
    if (holds(after, name)) {
      compare(property_of(pair.before, name), property_of(pair.after, name), pointer, depth + 1);
    } else {
      add(is_request ? is_closed(pair.after) : true, pointer, "property-removed", "the property is gone");
    }
  }
  for (const std::string& name : after) {
    if (holds(before, name)) continue;
    std::string pointer = pair.pointer;
    data::append_pointer_token(pointer, name);
    const bool is_required = holds(required_after, name);
    add(is_request && is_required, pointer, "property-added",
        is_required ? "the property is new, and required" : "the property is new");
  }
  for (const std::string& name : required_after)
    if (!holds(required_before, name) && holds(before, name))
      add(is_request, pair.pointer, "required", quoted(name) + " is required now");
  for (const std::string& name : required_before)
    if (!holds(required_after, name) && holds(after, name))
      add(!is_request, pair.pointer, "required", quoted(name) + " is no longer required");
  if (is_closed(pair.before) != is_closed(pair.after))
    add(is_closed(pair.after) ? Move::narrower : Move::wider, pair.pointer, "additionalProperties",
        is_closed(pair.after) ? "other properties are not allowed any more"
                              : "other properties are allowed now");
  compare(subschema_of(pair.before, "additionalProperties"), subschema_of(pair.after, "additionalProperties"),
          pair.pointer + "/*", depth + 1);
}

void SchemaDiff::compare_items(const Pair& pair, unsigned depth) {
  compare(subschema_of(pair.before, "items"), subschema_of(pair.after, "items"), pair.pointer + "/*",
          depth + 1);
}

void SchemaDiff::compare_alternatives(const Pair& pair, std::string_view keyword, unsigned depth) {
  const auto list_of = [&](const std::vector<Node>& all) {
    std::vector<Node> list;
    for (const Node& node : all) {
      const JsonValue* alternatives = node.value->find(keyword);
      if (alternatives == nullptr || !alternatives->is_array()) continue;
      for (std::size_t i = 0; i < alternatives->size(); ++i) list.push_back(node.child(keyword).child(i));
      break;
    }
    return list;
  };
  std::vector<Node> before = list_of(pair.before);
  std::vector<Node> after = list_of(pair.after);
  if (before.empty() && after.empty()) return;
  if (before.size() > kMaxAlternatives || after.size() > kMaxAlternatives)
    return add(true, pair.pointer, keyword, "there are too many alternatives to compare");
  // First those that are written alike, references by their names.
  for (std::size_t i = 0; i < before.size();) {
    const auto same = std::find_if(after.begin(), after.end(),
                                   [&](const Node& node) { return *node.value == *before[i].value; });
    if (same == after.end()) {
      ++i;
      continue;
    }
    compare(before[i], *same, pair.pointer, depth + 1);
    after.erase(same);
    before.erase(before.begin() + static_cast<std::ptrdiff_t>(i));
  }
  const std::size_t common = std::min(before.size(), after.size());
  for (std::size_t i = 0; i < common; ++i) compare(before[i], after[i], pair.pointer, depth + 1);
  if (before.size() > common)
    add(Move::narrower, pair.pointer, keyword,
        std::to_string(before.size() - common) + " of the alternatives of " + std::string(keyword) +
            " are gone");
  if (after.size() > common)
    add(Move::wider, pair.pointer, keyword,
        std::to_string(after.size() - common) + " alternatives of " + std::string(keyword) + " are new");
}

}  // namespace linkspan::catalog
