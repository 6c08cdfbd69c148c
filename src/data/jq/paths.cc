#include "data/jq/paths.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "data/jq/context.h"
#include "data/jq/order.h"
#include "data/jq/path_steps.h"
#include "data/jq/value_text.h"

namespace linkspan::data::jq {

namespace {

constexpr std::int64_t kMaxIndex = 536'870'911;

std::size_t clamp_bound(double bound, std::size_t size, bool round_up) {
  if (bound < 0) bound += static_cast<double>(size);
  if (!(bound > 0)) return 0;
  bound = round_up ? std::ceil(bound) : std::floor(bound);
  return bound >= static_cast<double>(size) ? size : static_cast<std::size_t>(bound);
}

}  // namespace

bool bounds(const JsonValue& key, std::size_t size, Bounds& out) {
  const JsonValue* from = key.find("start");
  const JsonValue* to = key.find("end");
  const auto fits = [](const JsonValue* bound) {
    return bound == nullptr || bound->is_null() || bound->is_number();
  };
  if (!fits(from) || !fits(to)) return false;
  out = {0, size};
  if (from != nullptr && from->is_number()) out.from = clamp_bound(from->as_double(), size, false);
  if (to != nullptr && to->is_number() && !std::isnan(to->as_double()))
    out.to = clamp_bound(to->as_double(), size, true);
  out.to = std::max(out.to, out.from);
  return true;
}

namespace {

// The byte at which a character begins.
std::size_t byte_of(std::string_view text, std::size_t character) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) continue;
    if (character-- == 0) return at;
  }
  return at;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool cannot_index(const JsonValue& container, const JsonValue& key, std::string& error) {
  error = "Cannot index " + std::string(type_name(container)) + " with ";
  error += key.is_string() || key.is_number() ? described(key) : std::string(type_name(key));
  return false;
}

bool get_slice(Context& context, const JsonValue& container, const JsonValue& key, JsonValue& out,
               std::string& error) {
  if (container.is_null()) return true;
  if (container.is_string() && !context.count_text(container.size())) return false;
  const std::size_t size = container.is_array() ? container.size() : characters(container.string());
  Bounds range;
  if (!bounds(key, size, range)) {
    error = kBadBounds;
    return false;
  }
  if (container.is_string()) {
    const std::string_view text = container.string();
    const std::size_t begin = byte_of(text, range.from);
    const std::size_t end = begin + byte_of(text.substr(begin), range.to - range.from);
    if (!context.count_bytes(end - begin)) return false;
    out = text.substr(begin, end - begin);
    return true;
  }
  if (range.from == 0 && range.to == size) {
    out = container;
    return true;
  }
  if (!context.count_bytes((range.to - range.from) * sizeof(JsonValue))) return false;
  JsonArrayBuilder items(range.to - range.from);
  for (std::size_t i = range.from; i < range.to; ++i) items.add(container.items()[i]);
  out = items.build();
  return true;
}

}  // namespace

bool position(double number, std::size_t size, std::size_t& out) {
  number = std::floor(number);
  if (number < 0) number += static_cast<double>(size);
  if (!(number >= 0 && number < static_cast<double>(size))) return false;
  out = static_cast<std::size_t>(number);
  return true;
}

namespace {

// The positions of `part` in `items`; null for those of nothing.
bool indices(Context& context, std::span<const JsonValue> items, std::span<const JsonValue> part,
             JsonValue& out) {
  if (part.empty()) return true;
  JsonArrayBuilder found;
  for (std::size_t at = 0; at + part.size() <= items.size(); ++at) {
    std::size_t same = 0;
    while (same < part.size() && equals(context, items[at + same], part[same]).value_or(false)) ++same;
    if (!context.count_steps(1 + same / 4)) return false;
    if (same == part.size()) found.add(static_cast<std::int64_t>(at));
  }
  out = found.build();
  return context.count_bytes(out.node_bytes());
}

}  // namespace

bool get(Context& context, const JsonValue& container, const JsonValue& key, JsonValue& out,
         std::string& error) {
  out = JsonValue();
  if (key.is_string() && (container.is_object() || container.is_null())) {
    if (const JsonValue* member = container.find(key.string())) out = *member;
    return true;
  }
  if (key.is_number() && (container.is_array() || container.is_null())) {
    std::size_t at = 0;
    if (position(key.as_double(), container.size(), at)) out = container.items()[at];
    return true;
  }
  if (key.is_object() && (container.is_array() || container.is_string() || container.is_null()))
    return get_slice(context, container, key, out, error);
  if (key.is_array() && container.is_array()) return indices(context, container.items(), key.items(), out);
  if (key.is_null() && container.is_null()) return true;
  return cannot_index(container, key, error);
}

bool check_path(Context& context, const JsonValue& path, std::string& error) {
  if (!path.is_array()) {
    error = "Path must be specified as an array";
    return false;
  }
  if (path.size() > kMaxNesting) {
    error = "Path too deep";
    return false;
  }
  return context.count_steps(1 + path.size());
}

bool get_path(Context& context, const JsonValue& root, const JsonValue& path, JsonValue& out,
              std::string& error) {
  if (!check_path(context, path, error)) return false;
  out = root;
  for (const JsonValue& key : path.items()) {
    if (out.is_null()) return true;
    JsonValue inner;
    if (!get(context, out, key, inner, error)) return false;
    out = std::move(inner);
  }
  return true;
}

namespace {

bool array_position(const JsonValue& container, const JsonValue& key, std::size_t& at, std::string& error) {
  double number = key.as_double();
  if (std::isnan(number)) {
    error = "Cannot set array element at NaN index";
    return false;
  }
  number = std::floor(number);
  if (number < 0) number += static_cast<double>(container.size());
  if (number < 0) {
    error = "Out of bounds negative array index";
    return false;
  }
  if (number > static_cast<double>(kMaxIndex)) {
    error = "Array index too large";
    return false;
  }
  at = static_cast<std::size_t>(number);
  return true;
}

}  // namespace

bool take(Context& context, JsonValue& container, const JsonValue& key, JsonValue& out, std::string& error) {
  if (key.is_string() && container.is_object()) {
    out = container.take(key.string());
    return true;
  }
  std::size_t at = 0;
  if (key.is_number() && container.is_array() && position(key.as_double(), container.size(), at)) {
    out = container.take_item(at);
    return true;
  }
  if (key.is_array() && container.is_array()) {
    error = "Cannot update field at array index of array";
    return false;
  }
  return get(context, container, key, out, error);
}

namespace {

bool put_slice(Context& context, JsonValue& container, const JsonValue& key, const JsonValue& value,
               std::string& error) {
  Bounds range;
  if (!bounds(key, container.size(), range)) {
    error = kBadBounds;
    return false;
  }
  if (!value.is_array()) {
    error = "A slice of an array can only be assigned another array";
    return false;
  }
  if (!context.count_bytes((container.size() + value.size()) * sizeof(JsonValue))) return false;
  JsonArrayBuilder items(container.size() + value.size());
  for (std::size_t i = 0; i < range.from; ++i) items.add(container.items()[i]);
  for (const JsonValue& item : value.items()) items.add(item);
  for (std::size_t i = range.to; i < container.size(); ++i) items.add(container.items()[i]);
  container = items.build();
  return true;
}

}  // namespace

bool put(Context& context, JsonValue& container, const JsonValue& key, JsonValue value, std::string& error) {
  if (!context.count_change(container)) return false;
  if (key.is_string() && (container.is_object() || container.is_null())) {
    if (!context.count_bytes(container.contains(key.string()) ? 0 : sizeof(JsonMember))) return false;
    container.set(key, std::move(value));
    return true;
  }
  if (key.is_number() && (container.is_array() || container.is_null())) {
    std::size_t at = 0;
    if (!array_position(container, key, at, error)) return false;
    if (at >= container.size()) {
      if (!context.count_bytes((at - container.size() + 1) * sizeof(JsonValue))) return false;
      if (container.is_null()) container = JsonValue::empty_array();
      while (container.size() <= at) container.push_back(JsonValue());
    }
    container.set_item(at, std::move(value));
    return true;
  }
  if (key.is_object() && (container.is_array() || container.is_null()))
    return put_slice(context, container, key, value, error);
  if (key.is_object() && container.is_string()) {
    error = "Cannot update string slices";
    return false;
  }
  if (key.is_array() && container.is_array()) {
    error = "Cannot update field at array index of array";
    return false;
  }
  if (key.is_object()) {
    error = "Cannot update field at object index of " + std::string(type_name(container));
    return false;
  }
  return cannot_index(container, key, error);
}

bool take_apart(Context& context, JsonValue root, std::span<const JsonValue> keys,
                std::vector<JsonValue>& containers, std::string& error) {
  containers.push_back(std::move(root));
  for (std::size_t i = 0; i + 1 < keys.size(); ++i) {
    JsonValue inner;
    if (!take(context, containers.back(), keys[i], inner, error)) return false;
    containers.push_back(std::move(inner));
  }
  return true;
}

bool put_together(Context& context, std::span<const JsonValue> keys, std::vector<JsonValue> containers,
                  JsonValue value, JsonValue& root, std::string& error) {
  for (std::size_t i = containers.size(); i-- > 0;) {
    if (!put(context, containers[i], keys[i], std::move(value), error)) return false;
    value = std::move(containers[i]);
    containers.pop_back();
  }
  root = std::move(value);
  return true;
}

bool set_path(Context& context, JsonValue& root, const JsonValue& path, JsonValue value, std::string& error) {
  if (!check_path(context, path, error)) return false;
  const auto keys = path.items();
  if (keys.empty()) {
    root = std::move(value);
    return true;
  }
  std::vector<JsonValue> containers;
  return take_apart(context, std::move(root), keys, containers, error) &&
         put_together(context, keys, std::move(containers), std::move(value), root, error);
}

bool has(const JsonValue& container, const JsonValue& key, bool& out, std::string& error) {
  if (container.is_object() && key.is_string()) {
    out = container.contains(key.string());
    return true;
  }
  if (container.is_array() && key.is_number()) {
    const double at = key.as_double();
    out = at >= 0 && at < static_cast<double>(container.size());
    return true;
  }
  if (container.is_null()) {
    out = false;
    return true;
  }
  error = "Cannot check whether " + std::string(type_name(container)) + " has a " +
          (key.is_string() ? "string" : std::string(type_name(key))) + " key";
  return false;
}

}  // namespace linkspan::data::jq
