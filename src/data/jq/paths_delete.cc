// delete_paths of paths.h.
#include <algorithm>
#include <utility>
#include <vector>

#include "data/jq/context.h"
#include "data/jq/order.h"
#include "data/jq/path_steps.h"
#include "data/jq/paths.h"
#include "data/jq/value_text.h"

namespace linkspan::data::jq {

namespace {

bool cannot_delete(const JsonValue& container, const JsonValue& key, std::string& error) {
  const std::string_view kind = key.is_string() ? "object" : key.is_number() ? "array" : type_name(key);
  error = "Cannot delete field at " + std::string(kind) + " index of " + std::string(type_name(container));
  return false;
}

// Of a short path as a value.
constexpr std::size_t kPathBytes = 96;

// The parts of an array that a path means: positions from `first` on, `count` of them.
struct Window {
  std::size_t first = 0;
  std::size_t count = 0;
};

// Writes a path with positions in place of negative numbers and ranges, as they are before anything is
// deleted; a range at its end becomes a path for each position. Paths to nothing are dropped.
bool resolve(Context& context, const JsonValue& root, const JsonValue& path, std::vector<JsonValue>& out,
             std::string& error) {
  JsonValue at = root;
  Window window{0, at.size()};
  JsonValue resolved = JsonValue::empty_array();
  const auto keys = path.items();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const JsonValue& key = keys[i];
    const bool is_last = i + 1 == keys.size();
    if (at.is_null()) return true;
    if (at.is_array() && key.is_object()) {
      Bounds range;
      if (!bounds(key, window.count, range)) {
        error = kBadBounds;
        return false;
      }
      window = {window.first + range.from, range.to - range.from};
      if (!is_last) continue;
      if (!context.count_bytes(window.count * (kPathBytes + resolved.size() * sizeof(JsonValue))))
        return false;
      for (std::size_t n = 0; n < window.count; ++n) {
        out.push_back(resolved);
        out.back().push_back(window.first + n);
      }
      return true;
    }
    if (at.is_array() && key.is_number()) {
      std::size_t found = 0;
      if (!position(key.as_double(), window.count, found)) return true;
      resolved.push_back(window.first + found);
    } else if (at.is_object() && key.is_string()) {
      resolved.push_back(key);
    } else {
      return cannot_delete(at, key, error);
    }
    JsonValue inner;
    if (!get(context, at, resolved.items().back(), inner, error)) return false;
    if (is_last) break;
    at = std::move(inner);
    window = {0, at.size()};
  }
  out.push_back(std::move(resolved));
  return context.count_bytes(kPathBytes + out.back().size() * sizeof(JsonValue));
}

bool same_parent(Context& context, const JsonValue& a, const JsonValue& b) {
  if (a.size() != b.size() || !context.count_steps(a.size())) return false;
  for (std::size_t i = 0; i + 1 < a.size(); ++i)
    if (!equals(context, a.items()[i], b.items()[i]).value_or(false)) return false;
  return true;
}

// `keys` are the last keys of resolved paths, in falling order.
void erase(JsonValue& container, const std::vector<const JsonValue*>& keys) {
  if (container.is_object()) {
    for (const JsonValue* key : keys) container.erase(key->string());
    return;
  }
  if (keys.size() == 1) {
    const auto at = static_cast<std::size_t>(keys[0]->int64());
    if (at < container.size()) container.erase_items(at, at + 1);
    return;
  }
  JsonArrayBuilder kept(container.size());
  auto next = keys.rbegin();
  for (std::size_t i = 0; i < container.size(); ++i) {
    while (next != keys.rend() && static_cast<std::size_t>((*next)->int64()) < i) ++next;
    if (next == keys.rend() || static_cast<std::size_t>((*next)->int64()) != i)
      kept.add(container.items()[i]);
  }
  container = kept.build();
}

// What `last` says, out of the parent of a resolved path.
bool erase_at(Context& context, JsonValue& root, const JsonValue& path,
              const std::vector<const JsonValue*>& last, std::string& error) {
  std::vector<JsonValue> containers;
  if (!take_apart(context, std::move(root), path.items(), containers, error)) return false;
  JsonValue parent = std::move(containers.back());
  containers.pop_back();
  if (!context.count_change(parent) || !context.count_steps(parent.items().size() / 16 + last.size()))
    return false;
  erase(parent, last);
  return put_together(context, path.items(), std::move(containers), std::move(parent), root, error);
}

}  // namespace

// From the last to the first, so that no deletion moves what another path means.
bool delete_paths(Context& context, JsonValue& root, const JsonValue& paths, std::string& error) {
  if (!paths.is_array()) {
    error = "Paths must be specified as an array";
    return false;
  }
  std::vector<JsonValue> order;
  for (const JsonValue& path : paths.items()) {
    if (!check_path(context, path, error)) return false;
    if (path.empty()) {
      root = JsonValue();
      return true;
    }
    if (!resolve(context, root, path, order, error)) return false;
  }
  std::ranges::stable_sort(
      order, [&](const JsonValue& a, const JsonValue& b) { return compare(context, a, b).value_or(0) > 0; });
  for (std::size_t i = 0; i < order.size();) {
    std::vector<const JsonValue*> last;
    const JsonValue& first = order[i];
    for (; i < order.size() && same_parent(context, first, order[i]); ++i)
      last.push_back(&order[i].items().back());
    if (!erase_at(context, root, first, last, error)) return false;
  }
  return true;
}

}  // namespace linkspan::data::jq
