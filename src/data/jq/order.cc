#include "data/jq/order.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "data/jq/context.h"
#include "data/json_number.h"

namespace linkspan::data::jq {

namespace {

int rank(const JsonValue& value) {
  return value.is_null()      ? 0
         : value.is_boolean() ? (value.is_true() ? 2 : 1)
                              : 1 + static_cast<int>(value.type());
}

int compare_numbers(const JsonValue& a, const JsonValue& b) {
  if (a.is_real() || b.is_real()) {
    const double x = a.as_double();
    const double y = b.as_double();
    if (std::isnan(x)) return -1;  // below all, itself included
    return x < y ? -1 : x == y ? 0 : 1;
  }
  const auto order = compare_json_numbers(a, b);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

int compare_strings(std::string_view a, std::string_view b) {
  const int order = a.compare(b);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

std::vector<const JsonMember*> sorted(const JsonValue& object) {
  std::vector<const JsonMember*> members;
  members.reserve(object.size());
  for (const JsonMember& member : object.members()) members.push_back(&member);
  std::ranges::sort(members, {}, [](const JsonMember* member) { return member->key.string(); });
  return members;
}

// Two containers of which the parts before `next` are equal.
struct Level {
  const JsonValue* a;
  const JsonValue* b;
  std::vector<const JsonMember*> a_members;
  std::vector<const JsonMember*> b_members;
  std::size_t next = 0;
};

// Of values that are not both arrays or both objects.
int compare_flat(Context& context, const JsonValue& a, const JsonValue& b) {
  const int a_rank = rank(a);
  const int b_rank = rank(b);
  if (a_rank != b_rank) return a_rank < b_rank ? -1 : 1;
  if (a.is_number()) return compare_numbers(a, b);
  if (a.is_string()) {
    context.count_text(std::min(a.size(), b.size()));
    return compare_strings(a.string(), b.string());
  }
  return 0;
}

bool both_nested(const JsonValue& a, const JsonValue& b) {
  return (a.is_array() && b.is_array()) || (a.is_object() && b.is_object());
}

// Counts all that is to be done on this level.
int open_level(Context& context, std::vector<Level>& levels, const JsonValue& a, const JsonValue& b) {
  context.count_steps(1 + (a.is_object() ? a.size() + b.size() : std::min(a.size(), b.size())) / 4);
  Level level{&a, &b, {}, {}};
  if (a.is_object()) {
    level.a_members = sorted(a);
    level.b_members = sorted(b);
    const std::size_t shared = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < shared; ++i) {
      const int order = compare_strings(level.a_members[i]->key.string(), level.b_members[i]->key.string());
      if (order != 0) return order;
    }
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  }
  levels.push_back(std::move(level));
  return 0;
}

}  // namespace

std::optional<int> compare(Context& context, const JsonValue& first, const JsonValue& second) {
  if (!both_nested(first, second)) return compare_flat(context, first, second);
  std::vector<Level> levels;
  if (const int order = open_level(context, levels, first, second); order != 0) return order;
  while (!levels.empty()) {
    if (context.stopped()) return std::nullopt;
    Level& level = levels.back();
    const std::size_t at = level.next++;
    if (at >= level.a->size() || at >= level.b->size()) {
      if (level.a->size() != level.b->size()) return level.a->size() < level.b->size() ? -1 : 1;
      levels.pop_back();
      continue;
    }
    const JsonValue& a = level.a->is_array() ? level.a->items()[at] : level.a_members[at]->value;
    const JsonValue& b = level.b->is_array() ? level.b->items()[at] : level.b_members[at]->value;
    int order = 0;
    if (!both_nested(a, b)) {
      order = compare_flat(context, a, b);
    } else {
      if (levels.size() > kMaxNesting) return std::nullopt;
      order = open_level(context, levels, a, b);
    }
    if (order != 0) return order;
  }
  return 0;
}

std::optional<bool> equals(Context& context, const JsonValue& first, const JsonValue& second) {
  struct Pair {
    const JsonValue* a;
    const JsonValue* b;
    std::uint32_t depth;
  };
  std::vector<Pair> open;
  bool too_deep = false;
  const auto visit = [&](const JsonValue& a, const JsonValue& b, std::uint32_t depth) {
    if (!both_nested(a, b)) return compare_flat(context, a, b) == 0;
    if (a.size() != b.size()) return false;
    too_deep = too_deep || depth > kMaxNesting;
    if (a.is_identical(b)) return true;
    context.count_steps(1 + a.size() / 4);
    open.push_back({&a, &b, depth});
    return true;
  };
  if (!visit(first, second, 0)) return false;
  while (!open.empty()) {
    if (too_deep || context.stopped()) return std::nullopt;
    const Pair pair = open.back();
    open.pop_back();
    for (std::size_t i = 0; i < pair.a->items().size(); ++i)
      if (!visit(pair.a->items()[i], pair.b->items()[i], pair.depth + 1)) return false;
    for (const JsonMember& member : pair.a->members()) {
      const JsonValue* other = pair.b->find_key(member.key);
      if (other == nullptr || !visit(member.value, *other, pair.depth + 1)) return false;
    }
  }
  if (too_deep || context.stopped()) return std::nullopt;
  return true;
}

}  // namespace linkspan::data::jq
