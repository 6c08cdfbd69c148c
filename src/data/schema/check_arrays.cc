#include "data/schema/check.h"
#include "data/schema/describe.h"
#include "data/schema/unique.h"

namespace linkspan::data::schema {

template <bool kCollect>
bool Checker<kCollect>::apply_below(const Node& node, const JsonValue& value, const Place* place,
                                    std::string_view key, std::size_t index, const Scope& scope) {
  const Node* const outermost = run_.outermost;
  run_.outermost = &node;
  bool valid;
  if constexpr (kCollect) {
    const Place inner{place, key, index};
    valid = apply(node, value, &inner, scope, nullptr);
  } else {
    valid = apply(node, value, nullptr, scope, nullptr);
  }
  run_.outermost = outermost;
  return valid;
}

template <bool kCollect>
bool Checker<kCollect>::check_array(const Node& node, const JsonValue& value, const Place* place,
                                    const Scope& scope, Evaluated* evaluated) {
  const ArrayRules& rules = *node.array;
  const std::size_t size = value.size();
  bool valid = true;
  if (size < rules.min_items) {
    valid = fail(node, "minItems", place, [&] {
      return "must have at least " + counted(rules.min_items, "item", "items") + ", has " +
             std::to_string(size);
    });
    if (!goes_on()) return false;
  }
  if (size > rules.max_items) {
    valid = fail(node, "maxItems", place, [&] {
      return "must have at most " + counted(rules.max_items, "item", "items") + ", has " +
             std::to_string(size);
    });
    if (!goes_on()) return false;
  }
  if (!rules.prefix.empty() || rules.has_rest) {
    valid &= check_items(node, value, place, scope, evaluated);
    if (!valid && !goes_on()) return false;
  }
  if (rules.contains != nullptr) {
    valid &= check_contains(node, value, place, scope, evaluated);
    if (!valid && !goes_on()) return false;
  }
  if (rules.unique) valid &= check_unique(node, value, place);
  return valid;
}

template <bool kCollect>
bool Checker<kCollect>::check_items(const Node& node, const JsonValue& value, const Place* place,
                                    const Scope& scope, Evaluated* evaluated) {
  const ArrayRules& rules = *node.array;
  const auto items = value.items();
  const std::size_t prefixed = std::min(rules.prefix.size(), items.size());
  bool valid = true;
  for (std::size_t i = 0; i < prefixed; ++i) {
    if (evaluated != nullptr) evaluated->set(i);
    if (rules.prefix[i] == nullptr) continue;
    valid &= apply_below(*rules.prefix[i], items[i], place, {}, i, scope);
    if (!valid && !goes_on()) return false;
  }
  if (!rules.has_rest) return valid;
  if (evaluated != nullptr) evaluated->set_all();
  if (rules.rest == nullptr) return valid;
  if (rules.rest->never && items.size() > prefixed) {
    return fail(node, rules.rest_keyword, place, [&] {
      return "must have at most " + counted(prefixed, "item", "items") + ", has " +
             std::to_string(items.size());
    });
  }
  for (std::size_t i = prefixed; i < items.size(); ++i) {
    valid &= apply_below(*rules.rest, items[i], place, {}, i, scope);
    if (!valid && (!goes_on() || run_.stopped())) return false;
  }
  return valid;
}

template <bool kCollect>
bool Checker<kCollect>::check_contains(const Node& node, const JsonValue& value, const Place* place,
                                       const Scope& scope, Evaluated* evaluated) {
  const ArrayRules& rules = *node.array;
  const auto items = value.items();
  const bool marks = evaluated != nullptr && rules.contains_evaluates;
  std::size_t count = 0;
  Checker<false> quick(run_, nullptr);
  for (std::size_t i = 0; i < items.size() && !run_.stopped(); ++i) {
    if (!marks && rules.max_contains == kNoLimit && count >= rules.min_contains) break;
    if (!quick.apply_below(*rules.contains, items[i], nullptr, {}, i, scope)) continue;
    ++count;
    if (marks) evaluated->set(i);
  }
  if (run_.stopped()) return false;
  if (count < rules.min_contains) {
    return fail(node, count == 0 ? "contains" : "minContains", place, [&] {
      return "must have at least " + counted(rules.min_contains, "item", "items") +
             " of the kind wanted, has " + std::to_string(count);
    });
  }
  if (count > rules.max_contains) {
    return fail(node, "maxContains", place, [&] {
      return "must have at most " + counted(rules.max_contains, "item", "items") +
             " of the kind counted, has " + std::to_string(count);
    });
  }
  return true;
}

template <bool kCollect>
bool Checker<kCollect>::check_unique(const Node& node, const JsonValue& value, const Place* place) {
  const auto equal = find_equal_items(value.items(), run_.steps);
  if (run_.steps == 0) return run_.stop(Limit::steps);
  if (!equal) return true;
  return fail(node, "uniqueItems", place, [&] {
    return "must not have an item twice, items " + std::to_string(equal->first) + " and " +
           std::to_string(equal->second) + " are equal";
  });
}

template class Checker<true>;
template class Checker<false>;

}  // namespace linkspan::data::schema
