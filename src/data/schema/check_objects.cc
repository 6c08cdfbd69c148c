#include "base/strings.h"
#include "data/in_quotes.h"
#include "data/schema/check.h"
#include "data/schema/describe.h"

namespace linkspan::data::schema {

namespace {

constexpr int kMaxHidingDepth = 6;

// Whether a property's schema, or one it refers to, keeps it out of messages that go this way.
bool is_hidden(const Node& node, SchemaDirection direction, int depth) {
  if (direction == SchemaDirection::request ? node.read_only : node.write_only) return true;
  if (node.in_place == nullptr || depth == 0) return false;
  if (node.in_place->ref != nullptr && is_hidden(*node.in_place->ref, direction, depth - 1)) return true;
  return std::any_of(node.in_place->all_of.begin(), node.in_place->all_of.end(),
                     [&](const Node* part) { return is_hidden(*part, direction, depth - 1); });
}

// The same of a property by its name, wherever a schema for the same object declares it.
bool hides_property(const Node& node, std::string_view name, SchemaDirection direction, int depth) {
  std::size_t probes = 0;
  if (node.object != nullptr) {
    const auto* property = node.object->properties.find(name, probes);
    if (property != nullptr && property->value.node != nullptr &&
        is_hidden(*property->value.node, direction, kMaxHidingDepth))
      return true;
  }
  if (node.in_place == nullptr || depth == 0) return false;
  const InPlace& rules = *node.in_place;
  if (rules.ref != nullptr && hides_property(*rules.ref, name, direction, depth - 1)) return true;
  for (const auto* list : {&rules.all_of, &rules.any_of, &rules.one_of}) {
    for (const Node* part : *list) {
      if (hides_property(*part, name, direction, depth - 1)) return true;
    }
  }
  return false;
}

std::string unknown_property_words(const ObjectRules& rules, std::string_view key) {
  std::vector<std::string_view> names;
  for (const auto& entry : rules.properties.entries()) {
    if (entry.value.declared) names.push_back(entry.name);
  }
  const std::string_view near = nearest_name(key, names);
  std::string text = "is not a property that may be here";
  if (!near.empty()) text += "; is " + in_quotes(near) + " meant?";
  return text;
}

}  // namespace

template <bool kCollect>
bool Checker<kCollect>::check_object(const Node& node, const JsonValue& value, const Place* place,
                                     const Scope& scope, Evaluated* evaluated) {
  const ObjectRules& rules = *node.object;
  const std::size_t size = value.size();
  bool valid = true;
  if (size < rules.min_properties) {
    valid = fail(node, "minProperties", place, [&] {
      return "must have at least " + counted(rules.min_properties, "property", "properties") + ", has " +
             std::to_string(size);
    });
    if (!goes_on()) return false;
  }
  if (size > rules.max_properties) {
    valid = fail(node, "maxProperties", place, [&] {
      return "must have at most " + counted(rules.max_properties, "property", "properties") + ", has " +
             std::to_string(size);
    });
    if (!goes_on()) return false;
  }
  valid &= check_members(node, value, place, scope, evaluated);
  if (rules.dependencies.empty() || (!valid && !goes_on())) return valid;
  return check_dependencies(node, value, place, scope, evaluated) && valid;
}

template <bool kCollect>
bool Checker<kCollect>::check_members(const Node& node, const JsonValue& value, const Place* place,
                                      const Scope& scope, Evaluated* evaluated) {
  const ObjectRules& rules = *node.object;
  if (rules.properties.empty() && rules.patterns.empty() && !rules.has_additional && rules.names == nullptr)
    return true;
  bool valid = true;
  std::size_t required_seen = 0;
  std::size_t index = 0;
  for (const JsonMember& member : value.members()) {
    bool known = false;
    valid &= check_member(node, member, place, scope, known, required_seen);
    if (!valid && (!goes_on() || run_.stopped())) return false;
    if (known && evaluated != nullptr) evaluated->set(index);
    ++index;
  }
  if (required_seen == rules.required.size()) [[likely]]
    return valid;
  return check_required(node, value, place) && valid;
}

template <bool kCollect>
bool Checker<kCollect>::check_member(const Node& node, const JsonMember& member, const Place* place,
                                     const Scope& scope, bool& known, std::size_t& required_seen) {
  const ObjectRules& rules = *node.object;
  const std::string_view key = member.key.string();
  bool valid = true;
  std::size_t probes = 1;
  const auto* property = rules.properties.find(key, probes);
  if (!run_.spend(probes)) return false;
  if (property != nullptr) {
    required_seen += property->value.required;
    known = property->value.declared;
    if (const Node* below = property->value.node; below != nullptr) {
      valid = apply_below(*below, member.value, place, key, kNoLimit, scope);
      if (run_.options.direction != SchemaDirection::any) valid &= check_direction(*below, key, place);
      if (!valid && !goes_on()) return false;
    }
  }
  for (const PatternProperty& pattern : rules.patterns) {
    const Pattern::Found found = pattern.pattern->search(key, run_.steps);
    if (found == Pattern::Found::given_up) return run_.stop(Limit::pattern);
    if (found == Pattern::Found::no) continue;
    known = true;
    if (pattern.node != nullptr)
      valid &= apply_below(*pattern.node, member.value, place, key, kNoLimit, scope);
    if (!valid && !goes_on()) return false;
  }
  if (!known && rules.has_additional) {
    known = true;
    valid &= check_additional(node, member, place, scope);
    if (!valid && !goes_on()) return false;
  }
  if (rules.names != nullptr) valid &= check_name(node, member.key, place, scope);
  return valid;
}

template <bool kCollect>
bool Checker<kCollect>::check_additional(const Node& node, const JsonMember& member, const Place* place,
                                         const Scope& scope) {
  const ObjectRules& rules = *node.object;
  if (rules.additional == nullptr) return true;
  const std::string_view key = member.key.string();
  if (!rules.additional->never)
    return apply_below(*rules.additional, member.value, place, key, kNoLimit, scope);
  const Place inner{place, key};
  return fail(node, "additionalProperties", &inner, [&] { return unknown_property_words(rules, key); });
}

template <bool kCollect>
bool Checker<kCollect>::check_name(const Node& node, const JsonValue& name, const Place* place,
                                   const Scope& scope) {
  const Node& names = *node.object->names;
  if (matches(names, name, scope, nullptr)) return true;
  return fail(node, "propertyNames", place, [&] {
    return "has a property of the name " + shown(name) + ", which " + objection(names, name, nullptr, scope);
  });
}

template <bool kCollect>
bool Checker<kCollect>::check_direction(const Node& member, std::string_view key, const Place* place) {
  const SchemaDirection direction = run_.options.direction;
  if (!is_hidden(member, direction, kMaxHidingDepth)) return true;
  const Place inner{place, key};
  const bool request = direction == SchemaDirection::request;
  return fail(member, request ? "readOnly" : "writeOnly", &inner, [&] {
    return request ? "must not be sent: it is only read" : "must not be returned: it is only written";
  });
}

template <bool kCollect>
bool Checker<kCollect>::check_required(const Node& node, const JsonValue& value, const Place* place) {
  const SchemaDirection direction = run_.options.direction;
  bool valid = true;
  for (const std::string_view name : node.object->required) {
    if (value.contains(name)) continue;
    if (direction != SchemaDirection::any &&
        (hides_property(node, name, direction, kMaxHidingDepth) ||
         (run_.outermost != nullptr && hides_property(*run_.outermost, name, direction, kMaxHidingDepth))))
      continue;
    valid = fail(node, "required", place, [&] { return "must have the property " + in_quotes(name); });
    if (!goes_on()) return false;
  }
  return valid;
}

template <bool kCollect>
bool Checker<kCollect>::check_dependencies(const Node& node, const JsonValue& value, const Place* place,
                                           const Scope& scope, Evaluated* evaluated) {
  bool valid = true;
  for (const Dependency& dependency : node.object->dependencies) {
    if (!run_.spend(1 + dependency.required.size())) return false;
    if (!value.contains(dependency.name)) continue;
    for (const std::string_view name : dependency.required) {
      if (value.contains(name)) continue;
      valid = fail(node, dependency.keyword, place, [&] {
        return "must have the property " + in_quotes(name) + " where it has " + in_quotes(dependency.name);
      });
      if (!goes_on()) return false;
    }
    if (dependency.node != nullptr) valid &= apply(*dependency.node, value, place, scope, evaluated);
    if (!valid && !goes_on()) return false;
  }
  return valid;
}

template class Checker<true>;
template class Checker<false>;

}  // namespace linkspan::data::schema
