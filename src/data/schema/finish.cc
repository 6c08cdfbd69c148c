// What is done to nodes once they are filled in.
#include <unordered_map>

#include "base/error_kinds.h"
#include "data/schema/compiler.h"

namespace linkspan::data::schema {

namespace {

template <typename Do>
void for_each_in_place(InPlace& rules, Do act) {
  for (Node** single : {&rules.ref, &rules.negated, &rules.condition, &rules.then_node, &rules.else_node}) {
    if (*single != nullptr) act(*single);
  }
  for (auto* list : {&rules.all_of, &rules.any_of, &rules.one_of}) {
    for (Node*& node : *list) act(node);
  }
}

// The nodes that look at the same value as `node`. $dynamicRef is not among them: where it leads is not
// known.
std::vector<Node*> same_value(const Node& node) {
  std::vector<Node*> found;
  if (node.in_place != nullptr) for_each_in_place(*node.in_place, [&](Node*& to) { found.push_back(to); });
  if (node.object != nullptr) {
    for (const Dependency& dependency : node.object->dependencies) {
      if (dependency.node != nullptr) found.push_back(dependency.node);
    }
  }
  return found;
}

template <typename Do>
void for_each_below(Node& node, Do act) {
  if (node.array != nullptr) {
    for (Node*& item : node.array->prefix) act(item);
    act(node.array->rest);
  }
  if (node.object != nullptr) {
    for (auto& entry : node.object->properties.entries()) act(entry.value.node);
    for (PatternProperty& pattern : node.object->patterns) act(pattern.node);
    act(node.object->additional);
  }
}

// A node that is nothing but a reference within its resource, so that going past it changes no dynamic scope.
Node* only_reference(const Node& node) {
  if (node.in_place == nullptr || node.in_place->ref == nullptr) return nullptr;
  const bool bare = node.types == kAnyType && !node.read_only && !node.write_only && node.number == nullptr &&
                    node.string == nullptr && node.array == nullptr && node.object == nullptr &&
                    node.enumeration == nullptr && node.constant == nullptr && node.unevaluated == nullptr;
  const InPlace& rules = *node.in_place;
  const bool one = rules.dynamic == nullptr && rules.negated == nullptr && rules.condition == nullptr &&
                   rules.all_of.empty() && rules.any_of.empty() && rules.one_of.empty();
  return bare && one && rules.ref->resource == node.resource ? rules.ref : nullptr;
}

}  // namespace

Result<void> check_circles(const std::vector<Node*>& nodes) {
  struct Visit {
    Node* node;
    std::vector<Node*> next;
    std::size_t at = 0;
  };
  enum class State : unsigned char { open, done };
  std::unordered_map<const Node*, State> states;
  std::vector<Visit> way;
  for (Node* start : nodes) {
    if (states.contains(start) || start->in_place == nullptr) continue;
    way.push_back({start, same_value(*start)});
    states[start] = State::open;
    while (!way.empty()) {
      Visit& visit = way.back();
      if (visit.at == visit.next.size()) {
        states[visit.node] = State::done;
        way.pop_back();
        continue;
      }
      Node* const next = visit.next[visit.at++];
      const auto [state, is_new] = states.try_emplace(next, State::open);
      if (!is_new && state->second == State::open) {
        return Error(errors::schema_invalid,
                     location_of(*next) +
                         ": leads back to itself, through references or combinations, without ever "
                         "going into the value");
      }
      if (is_new) way.push_back({next, same_value(*next)});
    }
  }
  return {};
}

void shorten(const std::vector<Node*>& nodes) {
  // Each reference on the way is made to lead to the end too, or a long row of them would be walked again and
  // again.
  const auto past_references = [](Node*& node) {
    Node* end = node;
    while (Node* const target = only_reference(*end)) end = target;
    for (Node* on_the_way = node; on_the_way != end;) {
      Node*& next = on_the_way->in_place->ref;
      on_the_way = next;
      if (next != end) next = end;
    }
    node = end;
  };
  for (Node* node : nodes) {
    if (node->in_place != nullptr) for_each_in_place(*node->in_place, past_references);
    for_each_below(*node, [&](Node*& below) {
      if (below == nullptr) return;
      past_references(below);
      if (below->accepts_everything()) below = nullptr;
    });
  }
}

}  // namespace linkspan::data::schema
