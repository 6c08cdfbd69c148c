// Writing by a schema.
#include <algorithm>

#include "data/in_quotes.h"
#include "data/xml/characters.h"
#include "data/xml/escape.h"
#include "data/xml/pointer_scope.h"
#include "data/xml/writer.h"

namespace linkspan::data::xml {

namespace {

// Whether an object is one that the reader made of what the shape did not foresee.
bool is_plain(const JsonValue& value) {
  for (const JsonMember& member : value.members())
    if (member.key.string().starts_with('#') || member.key.string().starts_with('?')) return true;
  return !value.is_object();
}

bool is_described(const JsonValue& value, const Shape& shape) {
  if (value.is_array()) return shape.allows(ShapeTypes::kArray);
  return shape.allows(ShapeTypes::kObject) && !is_plain(value);
}

}  // namespace

bool Writer::shaped_element(std::string_view local, const JsonValue& value, const Shape& shape) {
  if (!enter(value)) return false;
  std::string declarations;
  const std::string name = shaped_name(local, shape, false, declarations);
  if (!is_described(value, shape) && declarations.empty()) return plain_element(name, value);
  if (value.is_array() && !is_described(value, shape))
    return fail("an array within an array has no XML form");
  if (!check_name(name, false)) return false;
  out_ += '<';
  out_ += name;
  out_ += declarations;
  if (value.is_null()) nil_attributes();
  const bool good = is_described(value, shape) ? shaped_attributes(value, shape) : attributes(value);
  if (!good) return false;
  out_ += '>';
  const std::size_t tag_end = out_.size();
  return (is_described(value, shape) ? shaped_content(value, shape, local) : content(value)) &&
         leave(name, tag_end);
}

// With the prefix that the shape's namespace has, or gets in the open element: `declarations` is then the
// markup for that.
std::string Writer::shaped_name(std::string_view local, const Shape& shape, bool is_attribute,
                                std::string& declarations) {
  std::string_view prefix = shape.prefix;
  const std::string& uri = shape.namespace_uri;
  const bool needs_prefix = is_attribute && prefix.empty() && !uri.empty();
  if (!uri.empty() && (needs_prefix || namespaces_.find(prefix) != uri)) {
    // What an attribute needs must not hide what other parts of the element use.
    const bool is_taken = needs_prefix || (is_attribute ? namespaces_.find(prefix).has_value()
                                                        : namespaces_.is_declared_here(prefix));
    if (is_taken) {
      std::size_t number = made_prefixes_.size();
      do {
        prefix = made_prefixes_.emplace_back("ns" + std::to_string(++number));
      } while (namespaces_.find(prefix));
    }
    namespaces_.declare(prefix, uri);
    declarations += prefix.empty() ? " xmlns" : " xmlns:" + std::string(prefix);
    declarations += "=\"";
    append_attribute_value(declarations, uri);
    declarations += '"';
  }
  std::string name(prefix);
  if (!name.empty()) name += ':';
  return name.append(local);
}

bool Writer::shaped_attributes(const JsonValue& object, const Shape& shape) {
  WrittenAttributes written;
  for (const ShapeProperty& property : shape.properties) {
    const JsonValue* value = object.find(property.key.string());
    if (property.node != ShapeNode::attribute || value == nullptr || value->is_null()) continue;
    PointerScope at(pointer_, property.key.string());
    const Shape& described = shapes_->at(property.shape);
    std::string declarations;
    const std::string name = shaped_name(property.name, described, true, declarations);
    if (!check_name(name, true)) return false;
    out_ += declarations;
    if (!attribute(name, *value)) return false;
    const std::string_view prefix = split_name(name).prefix;
    written.emplace_back(property.name, prefix.empty() ? "" : *namespaces_.find(prefix));
  }
  for (const JsonMember& member : object.members()) {
    const std::string_view key = member.key.string();
    if (!key.starts_with('@') || shape.find_key(key) != nullptr) continue;
    if (!attribute_member(member, written)) return false;
  }
  return no_attribute_twice(written);
}

bool Writer::shaped_content(const JsonValue& value, const Shape& shape, std::string_view local) {
  if (value.is_array()) {
    const Shape& items = shapes_->at(shape.items);
    for (std::size_t i = 0; i < value.size(); ++i) {
      PointerScope at(pointer_, i);
      if (!shaped_element(items.name.empty() ? local : std::string_view(items.name), value.items()[i], items))
        return false;
    }
    return true;
  }
  for (const ShapeProperty& property : shape.properties) {
    const JsonValue* part = value.find(property.key.string());
    if (part == nullptr || property.node == ShapeNode::attribute) continue;
    PointerScope at(pointer_, property.key.string());
    if (!shaped_member(property, property.name, *part)) return false;
  }
  for (const JsonMember& member : value.members()) {
    const std::string_view key = member.key.string();
    if (key.starts_with('@') || shape.find_key(key) != nullptr) continue;
    PointerScope at(pointer_, key);
    const bool is_plain_name = key.find(':') == std::string_view::npos;
    if (!shaped_member(is_plain_name ? shape.additional : shapes_->at(0).additional, key, member.value))
      return false;
  }
  return true;
}

bool Writer::shaped_member(const ShapeProperty& property, std::string_view name, const JsonValue& value) {
  if (property.node != ShapeNode::element) {
    if (value.is_null()) return true;
    std::string characters;
    if (property.node == ShapeNode::text) return text(value);
    return scalar(value, characters) && cdata(characters);
  }
  const Shape& shape = shapes_->at(property.element_shape);
  if (!value.is_array() || (property.is_array && !property.is_repeated))
    return shaped_element(name, value, shape);
  for (std::size_t i = 0; i < value.size(); ++i) {
    PointerScope at(pointer_, i);
    if (!shaped_element(name, value.items()[i], shape)) return false;
  }
  return true;
}

}  // namespace linkspan::data::xml
