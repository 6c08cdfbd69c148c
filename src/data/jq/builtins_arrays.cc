// Natives on arrays and objects: keys, order, groups, search.
#include <algorithm>
#include <string>
#include <vector>

#include "data/jq/builtins.h"
#include "data/jq/operators.h"

namespace linkspan::data::jq {

namespace {

using Values = std::span<JsonValue>;

bool keys_of(Context&, Values v, bool sorted) {
  if (v[0].is_array()) {
    JsonArrayBuilder positions(v[0].size());
    for (std::size_t i = 0; i < v[0].size(); ++i) positions.add(i);
    v[0] = positions.build();
    return true;
  }
  if (!v[0].is_object()) return fail(v, described(v[0]) + " has no keys");
  std::vector<JsonValue> names;
  for (const JsonMember& member : v[0].members()) names.push_back(member.key);
  if (sorted) std::ranges::sort(names, {}, [](const JsonValue& name) { return name.string(); });
  JsonArrayBuilder out(names.size());
  for (JsonValue& name : names) out.add(std::move(name));
  v[0] = out.build();
  return true;
}

bool keys(Context& context, Values v) {
  return keys_of(context, v, true);
}

bool keys_unsorted(Context& context, Values v) {
  return keys_of(context, v, false);
}

// An item and what it is sorted by, in order; false with the error in v[0].
struct Entry {
  const JsonValue* item;
  const JsonValue* key;
};

bool sort_entries(Context& context, Values v, const JsonValue& items, const JsonValue& keys,
                  std::vector<Entry>& out) {
  if (keys.items().size() != items.size()) return fail(v, "there must be as many keys as items");
  if (!context.count_steps(items.size() * 4) || !context.count_bytes(items.size() * sizeof(Entry)))
    return false;
  for (std::size_t i = 0; i < items.size(); ++i) out.push_back({&items.items()[i], &keys.items()[i]});
  bool too_deep = false;
  std::ranges::stable_sort(out, [&](const Entry& a, const Entry& b) {
    const auto order = compare(context, *a.key, *b.key);
    too_deep = too_deep || !order;
    return order.value_or(0) < 0;
  });
  return !too_deep || fail(v, "Comparison too deep");
}

bool check_array(Values v, std::string_view what) {
  return v[0].is_array() ||
         fail(v, described(v[0]) + " cannot be " + std::string(what) + ", as it is not an array");
}

bool sort_with(Context& context, Values v, const JsonValue& keys) {
  if (!check_array(v, "sorted")) return false;
  std::vector<Entry> entries;
  if (!sort_entries(context, v, v[0], keys, entries)) return false;
  JsonArrayBuilder out(entries.size());
  for (const Entry& entry : entries) out.add(*entry.item);
  v[0] = out.build();
  return true;
}

bool sort(Context& context, Values v) {
  return sort_with(context, v, JsonValue(v[0]));
}

bool sort_by(Context& context, Values v) {
  return sort_with(context, v, v[1]);
}

bool group_by(Context& context, Values v) {
  if (!check_array(v, "grouped")) return false;
  std::vector<Entry> entries;
  if (!sort_entries(context, v, v[0], v[1], entries)) return false;
  JsonArrayBuilder groups;
  JsonArrayBuilder group;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    group.add(*entries[i].item);
    if (i + 1 == entries.size() || compare(context, *entries[i].key, *entries[i + 1].key).value_or(0) != 0)
      groups.add(group.build());
  }
  v[0] = groups.build();
  return true;
}

bool unique_by(Context& context, Values v) {
  if (!check_array(v, "grouped")) return false;
  std::vector<Entry> entries;
  if (!sort_entries(context, v, v[0], v[1], entries)) return false;
  JsonArrayBuilder out;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i == 0 || compare(context, *entries[i].key, *entries[i - 1].key).value_or(0) != 0)
      out.add(*entries[i].item);
  }
  v[0] = out.build();
  return true;
}

// The last of the greatest, the first of the smallest.
bool extreme(Context& context, Values v, const JsonValue& keys, bool greatest) {
  if (!v[0].is_array()) return fail(v, described(v[0]) + " cannot be iterated over");
  if (keys.items().size() != v[0].size()) return fail(v, "there must be as many keys as items");
  std::size_t best = 0;
  for (std::size_t i = 1; i < v[0].size(); ++i) {
    const auto order = compare(context, keys.items()[i], keys.items()[best]);
    if (!order) return fail(v, "Comparison too deep");
    if (greatest ? *order >= 0 : *order < 0) best = i;
  }
  v[0] = v[0].empty() ? JsonValue() : JsonValue(v[0].items()[best]);
  return true;
}

bool min(Context& context, Values v) {
  return extreme(context, v, JsonValue(v[0]), false);
}
bool max(Context& context, Values v) {
  return extreme(context, v, JsonValue(v[0]), true);
}
bool min_by(Context& context, Values v) {
  return extreme(context, v, v[1], false);
}
bool max_by(Context& context, Values v) {
  return extreme(context, v, v[1], true);
}

// Where all are strings: in one go, as each sum on the way would be a copy. False where not, or if a limit is
// passed.
bool add_texts(Context& context, std::span<const JsonValue> items, JsonValue& sum) {
  std::size_t bytes = 0;
  for (const JsonValue& item : items) {
    if (!item.is_string()) return false;
    bytes += item.size();
  }
  if (items.empty() || !context.count_bytes(bytes)) return false;
  std::string text;
  text.reserve(bytes);
  for (const JsonValue& item : items) text += item.string();
  sum = JsonValue(text);
  return true;
}

bool add(Context& context, Values v) {
  if (!v[0].is_array() && !v[0].is_object()) return fail(v, "Cannot iterate over " + described(v[0]));
  JsonValue sum;
  if (add_texts(context, v[0].items(), sum)) {
    v[0] = std::move(sum);
    return true;
  }
  const auto take = [&](const JsonValue& item) {
    return context.count_steps(1) && apply(context, BinaryOperator::plus, sum, item);
  };
  bool ok = true;
  for (const JsonValue& item : v[0].items())
    if (!(ok = take(item))) break;
  for (const JsonMember& member : v[0].members())
    if (!ok || !(ok = take(member.value))) break;
  v[0] = std::move(sum);
  return ok;
}

bool reverse(Context& context, Values v) {
  if (v[0].is_null()) {
    v[0] = JsonValue::empty_array();
    return true;
  }
  if (v[0].is_string()) {
    const std::string_view text = v[0].string();
    std::string out;
    for (std::size_t end = text.size(); end > 0;) {
      std::size_t begin = end - 1;
      while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80) --begin;
      out += text.substr(begin, end - begin);
      end = begin;
    }
    v[0] = out;
    return true;
  }
  if (!v[0].is_array()) return fail(v, "Cannot reverse " + described(v[0]));
  if (!context.count_bytes(v[0].node_bytes())) return false;
  JsonArrayBuilder out(v[0].size());
  for (std::size_t i = v[0].size(); i-- > 0;) out.add(v[0].items()[i]);
  v[0] = out.build();
  return true;
}

bool flatten_to(Context& context, Values v, double depth) {
  if (depth < 0) return fail(v, "flatten depth must not be negative");
  if (!v[0].is_array() && !v[0].is_object()) return fail(v, "Cannot iterate over " + described(v[0]));
  JsonArrayBuilder out;
  struct Open {
    const JsonValue* array;
    std::size_t next;
  };
  JsonArrayBuilder top;
  for (const JsonMember& member : v[0].members()) top.add(member.value);
  const JsonValue root = v[0].is_object() ? top.build() : v[0];
  std::vector<Open> open{{&root, 0}};
  while (!open.empty()) {
    Open& last = open.back();
    if (last.next == last.array->size()) {
      open.pop_back();
      continue;
    }
    if (!context.count_steps(1) || !context.count_bytes(sizeof(JsonValue))) return false;
    const JsonValue& item = last.array->items()[last.next++];
    if (item.is_array() && static_cast<double>(open.size()) <= depth) {
      open.push_back({&item, 0});
    } else {
      out.add(item);
    }
  }
  v[0] = out.build();
  return true;
}

bool flatten(Context& context, Values v) {
  return flatten_to(context, v, 1e18);
}

bool flatten_depth(Context& context, Values v) {
  if (!v[1].is_number()) return fail(v, "flatten depth must not be negative");
  return flatten_to(context, v, v[1].as_double());
}

bool bsearch(Context& context, Values v) {
  if (!v[0].is_array()) return fail(v, described(v[0]) + " cannot be searched from");
  std::int64_t low = 0;
  std::int64_t high = static_cast<std::int64_t>(v[0].size());
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    const auto order = compare(context, v[0].items()[static_cast<std::size_t>(middle)], v[1]);
    if (!order) return fail(v, "Comparison too deep");
    if (*order == 0) {
      v[0] = middle;
      return true;
    }
    (*order < 0 ? low : high) = *order < 0 ? middle + 1 : middle;
  }
  v[0] = -1 - low;
  return true;
}

constexpr Native kNatives[] = {
    {"keys", 0, keys},
    {"keys_unsorted", 0, keys_unsorted},
    {"sort", 0, sort},
    {"_sort_by", 1, sort_by},
    {"_group_by", 1, group_by},
    {"_unique_by", 1, unique_by},
    {"min", 0, min},
    {"max", 0, max},
    {"_min_by", 1, min_by},
    {"_max_by", 1, max_by},
    {"add", 0, add},
    {"reverse", 0, reverse},
    {"flatten", 0, flatten},
    {"flatten", 1, flatten_depth},
    {"bsearch", 1, bsearch, false},
};

}  // namespace

std::span<const Native> array_natives() {
  return kNatives;
}

}  // namespace linkspan::data::jq
