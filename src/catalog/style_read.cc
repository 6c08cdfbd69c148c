#include <algorithm>

#include "base/strings.h"
#include "catalog/style.h"
#include "catalog/uri.h"
#include "data/utf8.h"

namespace linkspan::catalog {

using data::JsonValue;

namespace {

// What may stand for a list or an object in text.
enum class Shape : unsigned char { scalar, list, object };

Shape shape_of(const SchemaView& view, const Node& schema, bool looks_like_list) {
  if (schema.value == nullptr) return Shape::scalar;
  const TypeMask types = view.types(schema);
  const bool may_be_scalar = (types & ~(kArray | kObject)) != 0;
  // A schema that says nothing means text.
  if (types == kAnyType) return Shape::scalar;
  if ((types & kArray) != 0 && (!may_be_scalar || looks_like_list)) return Shape::list;
  if ((types & kObject) != 0 && !may_be_scalar) return Shape::object;
  return Shape::scalar;
}

std::string decoded(std::string_view text, bool is_encoded, bool is_form) {
  return data::replace_invalid_utf8(is_encoded ? percent_decode(text, is_form) : std::string(text));
}

std::vector<std::string_view> parts_of(std::string_view text, std::string_view delimiter) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(delimiter);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + delimiter.size());
  }
}

// Reads text whose delimiters are known, percent-encoded or not.
class PartReader {
 public:
  PartReader(const SchemaView& view, const Node& schema, bool is_encoded, bool is_form)
      : view_(view), schema_(schema), is_encoded_(is_encoded), is_form_(is_form) {}

  JsonValue scalar(std::string_view text) const {
    return typed_value(view_, nodes(), decoded(text, is_encoded_, is_form_));
  }
  JsonValue list(const std::vector<std::string_view>& parts) const {
    const std::vector<Node> items = view_.items(schema_);
    JsonValue value = JsonValue::empty_array();
    if (parts.size() == 1 && parts[0].empty()) return value;
    for (std::string_view part : parts)
      value.push_back(typed_value(view_, items, decoded(part, is_encoded_, is_form_)));
    return value;
  }
  // "k=v" each, or names and values in turn.
  JsonValue object(const std::vector<std::string_view>& parts, bool is_assigned) const {
    JsonValue value = JsonValue::empty_object();
    if (parts.size() == 1 && parts[0].empty()) return value;
    for (std::size_t i = 0; i < parts.size(); i += is_assigned ? 1 : 2) {
      if (is_assigned) {
        const auto [name, text] = split_once(parts[i], '=');
        add(value, name, text.value_or(""));
      } else {
        add(value, parts[i], i + 1 < parts.size() ? parts[i + 1] : "");
      }
    }
    return value;
  }
  void add(JsonValue& object, std::string_view name, std::string_view text) const {
    std::string key = decoded(name, is_encoded_, is_form_);
    JsonValue value = typed_value(view_, view_.property(schema_, key), decoded(text, is_encoded_, is_form_));
    object.set(std::move(key), std::move(value));
  }
  JsonValue delimited(std::string_view text, std::string_view delimiter, bool is_assigned) const {
    switch (shape_of(view_, schema_, text.find(delimiter) != std::string_view::npos)) {
      case Shape::list:
        return list(parts_of(text, delimiter));
      case Shape::object:
        return object(parts_of(text, delimiter), is_assigned);
      case Shape::scalar:
        break;
    }
    return scalar(text);
  }

 private:
  std::vector<Node> nodes() const {
    return schema_.value == nullptr ? std::vector<Node>{} : std::vector<Node>{schema_};
  }

  const SchemaView& view_;
  const Node& schema_;
  bool is_encoded_;
  bool is_form_;
};

// ";name=a;name=b" or ";k=v;k=v" or ";name=a,b".
JsonValue read_matrix(const Spelling& spelling, const SchemaView& view, const Node& schema,
                      std::string_view text, const PartReader& read) {
  if (text.starts_with(';')) text.remove_prefix(1);
  const std::string name = percent_encode(spelling.name);
  const auto without_name = [&](std::string_view part) {
    if (part == name) return std::string_view();
    if (part.starts_with(name + "=")) part.remove_prefix(name.size() + 1);
    return part;
  };
  const Shape shape = shape_of(view, schema, text.find_first_of(",;") != std::string_view::npos);
  if (!spelling.explode || shape == Shape::scalar) return read.delimited(without_name(text), ",", false);
  std::vector<std::string_view> parts = parts_of(text, ";");
  if (shape == Shape::object) return read.object(parts, true);
  if (text.empty()) return JsonValue::empty_array();
  JsonValue value = JsonValue::empty_array();
  const std::vector<Node> items = view.items(schema);
  for (std::string_view part : parts)
    value.push_back(typed_value(view, items, decoded(without_name(part), true, false)));
  return value;
}

std::vector<std::string_view> delimited_parts(std::string_view text, Style style) {
  if (style == Style::form || style == Style::cookie || style == Style::deep_object)
    return parts_of(text, ",");
  // As it should be encoded, as many write it, and for blanks as forms do.
  std::vector<std::string_view> spellings;
  if (style == Style::space_delimited) spellings = {"%20", "+", " "};
  if (style == Style::pipe_delimited) spellings = {"%7C", "%7c", "|"};
  if (style == Style::tab_delimited) spellings = {"%09", "\t"};
  for (std::string_view spelling : spellings)
    if (text.find(spelling) != std::string_view::npos) return parts_of(text, spelling);
  return {text};
}

// "name[a][b]" is a and b; false if it is something else.
bool deep_path(std::string_view name, std::string_view key, std::vector<std::string>& path) {
  if (!key.starts_with(name)) return false;
  key.remove_prefix(name.size());
  path.clear();
  while (key.starts_with('[')) {
    const std::size_t end = key.find(']');
    if (end == std::string_view::npos) return false;
    path.emplace_back(key.substr(1, end - 1));
    key.remove_prefix(end + 1);
  }
  constexpr std::size_t kMaxDepth = 32;
  return key.empty() && !path.empty() && path.size() <= kMaxDepth;
}

void set_deep(const SchemaView& view, const std::vector<Node>& schemas, std::span<const std::string> path,
              const std::string& text, JsonValue& object) {
  if (!object.is_object()) object = JsonValue::empty_object();
  std::vector<Node> inner;
  for (const Node& schema : schemas)
    for (Node& node : view.property(schema, path[0])) inner.push_back(std::move(node));
  if (path.size() > 1) {
    JsonValue child = object.take(path[0]);
    set_deep(view, inner, path.subspan(1), text, child);
    object.set(path[0], std::move(child));
    return;
  }
  const TypeMask types = view.types(inner);
  const bool is_list = !inner.empty() && types != kAnyType && (types & kArray) != 0;
  if (!is_list) {
    object.set(path[0], typed_value(view, inner, text));
    return;
  }
  std::vector<Node> items;
  for (const Node& node : inner)
    for (Node& item : view.items(node)) items.push_back(std::move(item));
  JsonValue list = object.take(path[0]);
  if (!list.is_array()) list = JsonValue::empty_array();
  list.push_back(typed_value(view, items, text));
  object.set(path[0], std::move(list));
}

std::optional<JsonValue> read_deep(const Spelling& spelling, const SchemaView& view, const Node& schema,
                                   const EncodedPairs& pairs, std::vector<bool>& used) {
  std::optional<JsonValue> value;
  std::vector<std::string> path;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (!deep_path(spelling.name, decoded(pairs[i].first, true, true), path)) continue;
    used[i] = true;
    if (!value) value = JsonValue::empty_object();
    set_deep(view, {schema}, path, decoded(pairs[i].second, true, true), *value);
  }
  return value;
}

// An exploded object: its properties are names of their own.
std::optional<JsonValue> read_spread(const SchemaView& view, const Node& schema, const EncodedPairs& pairs,
                                     std::vector<bool>& used, const PartReader& read) {
  std::optional<JsonValue> value;
  const std::vector<std::string_view> names = view.property_names(schema);
  const bool takes_all = names.empty() && view.is_open(schema);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (used[i]) continue;
    const std::string name = decoded(pairs[i].first, true, true);
    if (!takes_all && std::find(names.begin(), names.end(), name) == names.end()) continue;
    used[i] = true;
    if (!value) value = JsonValue::empty_object();
    read.add(*value, pairs[i].first, pairs[i].second);
  }
  return value;
}

}  // namespace

EncodedPairs split_pairs(std::string_view query) {
  EncodedPairs pairs;
  for (std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    const auto [name, value] = split_once(part, '=');
    pairs.emplace_back(name, value.value_or(""));
  }
  return pairs;
}

JsonValue typed_value(const SchemaView& view, const std::vector<Node>& schemas, std::string_view text) {
  const TypeMask types = view.types(schemas);
  if (types == kAnyType) return text;
  if ((types & kNumber) != 0) {
    if (auto number = JsonValue::number(text))
      if ((types & kFraction) != 0 || number->to_int64() || (types & kString) == 0) return *std::move(number);
  }
  if ((types & kBoolean) != 0 && (text == "true" || text == "false")) return text == "true";
  if ((types & kNull) != 0 && (types & kString) == 0 && (text.empty() || text == "null")) return nullptr;
  return text;
}

JsonValue read_path_value(const Spelling& spelling, const SchemaView& view, const Node& schema,
                          std::string_view text) {
  const PartReader read(view, schema, true, false);
  if (spelling.style == Style::matrix) return read_matrix(spelling, view, schema, text, read);
  if (spelling.style == Style::label) {
    if (text.starts_with('.')) text.remove_prefix(1);
    return read.delimited(text, spelling.explode ? "." : ",", spelling.explode);
  }
  if (spelling.style == Style::simple) return read.delimited(text, ",", spelling.explode);
  if (shape_of(view, schema, true) == Shape::list) return read.list(delimited_parts(text, spelling.style));
  return read.scalar(text);
}

JsonValue read_header_value(const Spelling& spelling, const SchemaView& view, const Node& schema,
                            std::string_view text) {
  const PartReader read(view, schema, false, false);
  const Shape shape = shape_of(view, schema, text.find(',') != std::string_view::npos);
  if (shape == Shape::scalar) return read.scalar(text);
  std::vector<std::string_view> parts =
      spelling.style == Style::simple ? parts_of(text, ",") : delimited_parts(text, spelling.style);
  for (std::string_view& part : parts) part = trim(part);
  return shape == Shape::list ? read.list(parts) : read.object(parts, spelling.explode);
}

std::optional<JsonValue> read_query_value(const Spelling& spelling, const SchemaView& view,
                                          const Node& schema, const EncodedPairs& pairs,
                                          std::vector<bool>& used) {
  if (spelling.style == Style::deep_object)
    if (auto value = read_deep(spelling, view, schema, pairs, used)) return value;
  const PartReader read(view, schema, spelling.style != Style::cookie, spelling.style != Style::cookie);
  std::vector<std::string_view> texts;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (decoded(pairs[i].first, true, true) != spelling.name) continue;
    used[i] = true;
    texts.push_back(pairs[i].second);
  }
  const Shape shape = shape_of(view, schema, texts.size() > 1);
  if (shape == Shape::object && spelling.explode && texts.empty())
    return read_spread(view, schema, pairs, used, read);
  if (texts.empty()) return std::nullopt;
  if (shape == Shape::list && spelling.explode) {
    JsonValue value = JsonValue::empty_array();
    const std::vector<Node> items = view.items(schema);
    for (std::string_view text : texts) value.push_back(typed_value(view, items, decoded(text, true, true)));
    return value;
  }
  if (shape == Shape::scalar && (schema.value == nullptr || shape_of(view, schema, true) == Shape::scalar))
    return read.scalar(texts.back());
  const std::vector<std::string_view> parts = delimited_parts(texts.back(), spelling.style);
  if (shape_of(view, schema, parts.size() > 1) == Shape::list) return read.list(parts);
  return shape == Shape::object ? read.object(parts, false) : read.scalar(texts.back());
}

}  // namespace linkspan::catalog
