#include "data/json_compare.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <tuple>
#include <utility>

#include "data/json_number.h"

namespace linkspan::data {

namespace {

using Order = std::strong_ordering;

Order compare_text(std::string_view a, std::string_view b) {
  // Bytes of UTF-8 sort as its code points do, compared as unsigned.
  const int order = a.compare(b);
  return order <=> 0;
}

// Two arrays or two objects of which the values from `next` on are still to be compared.
struct Pair {
  const JsonValue* a = nullptr;
  const JsonValue* b = nullptr;
  std::vector<const JsonMember*> a_members;  // of objects, sorted
  std::vector<const JsonMember*> b_members;
  std::size_t next = 0;
};

Order compare_keys(const Pair& pair) {
  const std::size_t common = std::min(pair.a_members.size(), pair.b_members.size());
  for (std::size_t i = 0; i < common; ++i) {
    const Order order = compare_text(pair.a_members[i]->key.string(), pair.b_members[i]->key.string());
    if (order != 0) return order;
  }
  return pair.a_members.size() <=> pair.b_members.size();
}

// Of scalars in full; arrays and objects that are not the same are added to `open` and count as equal so far.
Order compare_shallow(const JsonValue& a, const JsonValue& b, std::vector<Pair>& open) {
  if (a.type() != b.type()) return a.type() <=> b.type();
  switch (a.type()) {
    case JsonType::null:
      return Order::equal;
    case JsonType::boolean:
      return static_cast<int>(a.boolean()) <=> static_cast<int>(b.boolean());
    case JsonType::number:
      return compare_json_numbers(a, b);
    case JsonType::string:
      return compare_text(a.string(), b.string());
    case JsonType::array:
    case JsonType::object:
      break;
  }
  if (a.is_identical(b)) return Order::equal;
  Pair& pair = open.emplace_back();
  pair.a = &a;
  pair.b = &b;
  if (a.is_array()) return Order::equal;
  pair.a_members = sorted_members(a);
  pair.b_members = sorted_members(b);
  return compare_keys(pair);
}

bool equal_scalars(const JsonValue& a, const JsonValue& b) {
  switch (a.type()) {
    case JsonType::null:
      return true;
    case JsonType::boolean:
      return a.boolean() == b.boolean();
    case JsonType::number:
      return compare_json_numbers(a, b) == 0;
    default:
      return a.string() == b.string();
  }
}

std::uint64_t mix(std::uint64_t hash) {
  hash = (hash ^ (hash >> 32)) * 0xd6e8feb86659fd93;
  hash = (hash ^ (hash >> 32)) * 0xd6e8feb86659fd93;
  return hash ^ (hash >> 32);
}

std::uint64_t hash_text(std::string_view text) {
  return mix(std::hash<std::string_view>()(text) + 5);
}

std::uint64_t hash_number(const JsonValue& number) {
  const double real = number.as_double();
  if (std::isnan(real)) return mix(3);
  return mix(std::bit_cast<std::uint64_t>(real == 0 ? 0.0 : real) + 4);
}

// An array or object whose hash is being made.
struct Sum {
  const JsonValue* items;
  const JsonValue* items_end;
  JsonMembers::Iterator member;
  JsonMembers::Iterator members_end;
  bool is_object;
  std::uint64_t key;  // hash of the key whose value is being hashed
  std::uint64_t hash;

  explicit Sum(const JsonValue& value)
      : items(value.items().data()),
        items_end(items + value.items().size()),
        member(value.members().begin()),
        members_end(value.members().end()),
        is_object(value.is_object()),
        key(0),
        hash(is_object ? 7 : 6) {}

  // The next value to be hashed; nullptr at the end.
  const JsonValue* next() {
    if (!is_object) return items == items_end ? nullptr : items++;
    if (member == members_end) return nullptr;
    const JsonMember& current = *member;
    ++member;
    key = hash_text(current.key.string());
    return &current.value;
  }
  // A sum for objects, since the order of their members does not matter.
  void add(std::uint64_t value) { hash = is_object ? hash + mix(key * 31 + value) : mix(hash * 31 + value); }
};

std::uint64_t hash_scalar(const JsonValue& value) {
  if (value.is_string()) return hash_text(value.string());
  if (value.is_number()) return hash_number(value);
  return value.is_null() ? 0 : value.boolean() ? 2 : 1;
}

}  // namespace

std::vector<const JsonMember*> sorted_members(const JsonValue& object) {
  std::vector<const JsonMember*> sorted;
  sorted.reserve(object.members().size());
  for (const JsonMember& member : object.members()) sorted.push_back(&member);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->key.string() < b->key.string(); });
  return sorted;
}

std::strong_ordering compare_json(const JsonValue& a, const JsonValue& b) {
  std::vector<Pair> open;
  Order order = compare_shallow(a, b, open);
  while (order == 0 && !open.empty()) {
    Pair& pair = open.back();
    const std::size_t next = pair.next++;
    if (pair.a->is_array()) {
      const auto a_items = pair.a->items();
      const auto b_items = pair.b->items();
      if (next < a_items.size() && next < b_items.size()) {
        order = compare_shallow(a_items[next], b_items[next], open);
      } else {
        order = a_items.size() <=> b_items.size();
        open.pop_back();
      }
    } else if (next < pair.a_members.size()) {
      order = compare_shallow(pair.a_members[next]->value, pair.b_members[next]->value, open);
    } else {
      open.pop_back();
    }
  }
  return order;
}

bool operator==(const JsonValue& a, const JsonValue& b) {
  std::vector<std::pair<const JsonValue*, const JsonValue*>> open;
  const JsonValue* left = &a;
  const JsonValue* right = &b;
  while (true) {
    if (left->type() != right->type()) return false;
    if (left->is_array() || left->is_object()) {
      if (left->size() != right->size()) return false;
      if (!left->is_identical(*right)) {
        for (std::size_t i = 0; i < left->items().size(); ++i)
          open.emplace_back(&left->items()[i], &right->items()[i]);
        for (const JsonMember& member : left->members()) {
          const JsonValue* other = right->find(member.key.string());
          if (other == nullptr) return false;
          open.emplace_back(&member.value, other);
        }
      }
    } else if (!equal_scalars(*left, *right)) {
      return false;
    }
    if (open.empty()) return true;
    std::tie(left, right) = open.back();
    open.pop_back();
  }
}

std::uint64_t hash_json(const JsonValue& value) {
  std::vector<Sum> open;
  const JsonValue* next = &value;
  while (true) {
    std::uint64_t hash = 0;
    if (next == nullptr) {
      hash = open.back().hash;
      open.pop_back();
    } else if (next->is_array() || next->is_object()) {
      open.emplace_back(*next);
      next = open.back().next();
      continue;
    } else {
      hash = hash_scalar(*next);
    }
    if (open.empty()) return hash;
    open.back().add(hash);
    next = open.back().next();
  }
}

}  // namespace linkspan::data
