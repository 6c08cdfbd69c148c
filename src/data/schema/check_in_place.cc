#include "data/schema/check.h"
#include "data/schema/describe.h"

namespace linkspan::data::schema {

template <bool kCollect>
bool Checker<kCollect>::check_in_place(const Node& node, const JsonValue& value, const Place* place,
                                       const Scope& scope, Evaluated* evaluated) {
  const InPlace& rules = *node.in_place;
  bool valid = true;
  if (rules.ref != nullptr) {
    valid = apply(*rules.ref, value, place, scope, evaluated);
    if (!valid && !goes_on()) return false;
  }
  if (rules.dynamic != nullptr) {
    valid &= check_dynamic(rules, value, place, scope, evaluated);
    if (!valid && !goes_on()) return false;
  }
  for (const Node* part : rules.all_of) {
    valid &= apply(*part, value, place, scope, evaluated);
    if (!valid && !goes_on()) return false;
  }
  if (!rules.any_of.empty()) {
    valid &= check_any_of(node, value, place, scope, evaluated);
    if (!valid && !goes_on()) return false;
  }
  if (!rules.one_of.empty()) {
    valid &= check_one_of(node, value, place, scope, evaluated);
    if (!valid && !goes_on()) return false;
  }
  if (rules.negated != nullptr && matches(*rules.negated, value, scope, nullptr)) {
    valid = fail(node, "not", place, [] { return "must not match the schema in \"not\", but does"; });
    if (!goes_on()) return false;
  }
  if (rules.condition != nullptr) valid &= check_condition(node, value, place, scope, evaluated);
  return valid;
}

template <bool kCollect>
bool Checker<kCollect>::matches(const Node& node, const JsonValue& value, const Scope& scope,
                                Evaluated* evaluated) {
  Checker<false> quick(run_, nullptr);
  if (evaluated == nullptr) return quick.apply(node, value, nullptr, scope, nullptr);
  Evaluated branch(value.size());
  const bool valid = quick.apply(node, value, nullptr, scope, &branch);
  if (valid) evaluated->merge(branch);
  return valid;
}

template <bool kCollect>
std::string Checker<kCollect>::objection(const Node& branch, const JsonValue& value, const Place* place,
                                         const Scope& scope) {
  Problems problems{1, {}};
  Checker<true>(run_, &problems).apply(branch, value, place, scope, nullptr);
  if (problems.list.empty()) return "";
  const SchemaProblem& problem = problems.list.front();
  return problem.instance == Place::pointer(place) ? problem.message
                                                   : problem.instance + " " + problem.message;
}

// The branch that got deepest into the value before it objected is most likely the one that was meant.
template <bool kCollect>
std::string Checker<kCollect>::nearest_branch(const std::vector<Node*>& branches, const JsonValue& value,
                                              const Place* place, const Scope& scope) {
  SchemaProblem nearest;
  std::size_t nearest_index = 0;
  std::size_t nearest_depth = 0;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    Problems problems{1, {}};
    Checker<true>(run_, &problems).apply(*branches[i], value, place, scope, nullptr);
    if (problems.list.empty()) continue;
    const std::string& pointer = problems.list.front().instance;
    // A value of the wrong type is the least that can be said against it.
    const auto depth = static_cast<std::size_t>(std::count(pointer.begin(), pointer.end(), '/')) * 2 +
                       (problems.list.front().keyword == "type" ? 1 : 2);
    if (depth <= nearest_depth) continue;
    nearest_depth = depth;
    nearest_index = i;
    nearest = std::move(problems.list.front());
  }
  if (nearest_depth == 0) return "";
  const std::string where = nearest.instance == Place::pointer(place) ? "it" : nearest.instance;
  return "; by number " + std::to_string(nearest_index + 1) + ", the nearest, " + where + " " +
         nearest.message;
}

template <bool kCollect>
bool Checker<kCollect>::check_any_of(const Node& node, const JsonValue& value, const Place* place,
                                     const Scope& scope, Evaluated* evaluated) {
  const auto& branches = node.in_place->any_of;
  bool any = false;
  for (const Node* branch : branches) {
    any |= matches(*branch, value, scope, evaluated);
    // Every branch that is valid tells what was evaluated.
    if (run_.stopped() || (any && evaluated == nullptr)) break;
  }
  if (any || run_.stopped()) return any && !run_.stopped();
  return fail(node, "anyOf", place, [&] {
    return "must match one of " + counted(branches.size(), "schema", "schemas") + ", matches none" +
           nearest_branch(branches, value, place, scope);
  });
}

template <bool kCollect>
bool Checker<kCollect>::check_one_of(const Node& node, const JsonValue& value, const Place* place,
                                     const Scope& scope, Evaluated* evaluated) {
  const auto& branches = node.in_place->one_of;
  std::size_t first = kNoLimit;
  std::size_t second = kNoLimit;
  for (std::size_t i = 0; i < branches.size() && second == kNoLimit && !run_.stopped(); ++i) {
    if (!matches(*branches[i], value, scope, evaluated)) continue;
    (first == kNoLimit ? first : second) = i;
  }
  if (run_.stopped()) return false;
  if (first != kNoLimit && second == kNoLimit) return true;
  return fail(node, "oneOf", place, [&] {
    const std::string text = "must match exactly one of " + counted(branches.size(), "schema", "schemas");
    if (first == kNoLimit) return text + ", matches none" + nearest_branch(branches, value, place, scope);
    return text + ", matches number " + std::to_string(first + 1) + " and number " +
           std::to_string(second + 1);
  });
}

template <bool kCollect>
bool Checker<kCollect>::check_condition(const Node& node, const JsonValue& value, const Place* place,
                                        const Scope& scope, Evaluated* evaluated) {
  const InPlace& rules = *node.in_place;
  const bool holds = matches(*rules.condition, value, scope, evaluated);
  if (run_.stopped()) return false;
  const Node* const branch = holds ? rules.then_node : rules.else_node;
  return branch == nullptr || apply(*branch, value, place, scope, evaluated);
}

// Outermost first: the resource from which the evaluation came may put its own schema in the anchor's place.
template <bool kCollect>
bool Checker<kCollect>::check_dynamic(const InPlace& rules, const JsonValue& value, const Place* place,
                                      const Scope& scope, Evaluated* evaluated) {
  const Node* target = rules.dynamic;
  if (!rules.dynamic_anchor.empty()) {
    for (const Scope* at = &scope; at != nullptr; at = at->outer) {
      if (!run_.spend(1)) return false;
      const auto& anchors = at->resource->dynamic_anchors;
      if (const auto anchor = anchors.find(rules.dynamic_anchor); anchor != anchors.end())
        target = anchor->second.node;
    }
  }
  return apply(*target, value, place, scope, evaluated);
}

template <bool kCollect>
bool Checker<kCollect>::check_unevaluated(const Node& node, const JsonValue& value, const Place* place,
                                          const Scope& scope, const Evaluated& evaluated) {
  bool valid = true;
  std::size_t index = 0;
  const auto check = [&](const Node& rule, std::string_view keyword, const JsonValue& part,
                         std::string_view key, std::size_t item) {
    if (rule.never) {
      const Place inner{place, key, item};
      valid =
          fail(node, keyword, &inner, [] { return "must not be there: no part of the schema speaks of it"; });
    } else {
      valid &= apply_below(rule, part, place, key, item, scope);
    }
    return valid || (goes_on() && !run_.stopped());
  };
  if (const Node* rule = node.unevaluated->items; rule != nullptr) {
    for (const JsonValue& item : value.items()) {
      if (!evaluated.has(index) && !check(*rule, "unevaluatedItems", item, {}, index)) return false;
      ++index;
    }
  }
  if (const Node* rule = node.unevaluated->properties; rule != nullptr) {
    for (const JsonMember& member : value.members()) {
      if (!evaluated.has(index) &&
          !check(*rule, "unevaluatedProperties", member.value, member.key.string(), kNoLimit))
        return false;
      ++index;
    }
  }
  return valid;
}

template class Checker<true>;
template class Checker<false>;

}  // namespace linkspan::data::schema
