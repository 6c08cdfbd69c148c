// Reading by a schema. What a shape does not foresee is read as without one, in a form that the writer tells
// from what the shape foresees, so that nothing is lost.
#include <algorithm>

#include <pugixml.hpp>

#include "data/xml/characters.h"
#include "data/xml/reader.h"
#include "data/xml/scalars.h"

namespace linkspan::data::xml {

namespace {

constexpr Keep kContentOnly{.layout = false, .comments = false, .cdata = false};

bool has_elements(const pugi::xml_node& element) {
  return std::any_of(element.begin(), element.end(),
                     [](const pugi::xml_node& child) { return child.type() == pugi::node_element; });
}

void add_value(JsonValue& object, const JsonValue& key, JsonValue value, bool is_repeated) {
  const bool is_first = !object.contains(key.string());
  if (is_first && !is_repeated) {
    object.set(key, std::move(value));
    return;
  }
  JsonValue items = object.take(key.string());
  if (is_first)
    items = JsonValue::empty_array();
  else if (!items.is_array())
    items = JsonValue::array({std::move(items)});
  items.push_back(std::move(value));
  object.set(key, std::move(items));
}

}  // namespace

JsonValue Reader::shaped_element(const pugi::xml_node& element, const Shape& shape) {
  if (shape.types == 0) return detached_element(element);
  enter(element);
  target_.open();
  if (!shape.namespace_uri.empty()) target_.declare(shape.prefix, shape.namespace_uri);
  JsonValue value = shaped_value(element, shape);
  target_.close();
  leave();
  return value;
}

// xsi:nil on an element that says nothing else.
bool Reader::is_shaped_nil(const pugi::xml_node& element) const {
  if (element.first_child() || has_own_attributes(element)) return false;
  const auto attributes = element.attributes();
  return std::any_of(attributes.begin(), attributes.end(), [&](const pugi::xml_attribute& attribute) {
    const QualifiedName name = split_name(attribute.name());
    const std::string_view value = attribute.value();
    return name.local == "nil" && namespace_of(name.prefix) == kInstanceNamespace &&
           (value == "true" || value == "1");
  });
}

JsonValue Reader::shaped_value(const pugi::xml_node& element, const Shape& shape) {
  if (is_shaped_nil(element)) return {};
  const bool has_parts = has_elements(element) || has_own_attributes(element);
  const bool is_simple = shape.allows(ShapeTypes::kScalars) && !has_parts;
  if (shape.allows(ShapeTypes::kObject) && !is_simple) return shaped_object(element, shape);
  if (shape.allows(ShapeTypes::kArray) && !is_simple) return shaped_array(element, shape);
  return shaped_scalar(element, shape);
}

// Attributes but declarations of namespaces and those of XML Schema instances (xsi:type and its kin).
bool Reader::has_own_attributes(const pugi::xml_node& element) const {
  const auto attributes = element.attributes();
  return std::any_of(attributes.begin(), attributes.end(), [&](const pugi::xml_attribute& attribute) {
    const std::string_view prefix = split_name(attribute.name()).prefix;
    return !declared_prefix(attribute.name()) &&
           (prefix.empty() || namespace_of(prefix) != kInstanceNamespace);
  });
}

JsonValue Reader::shaped_scalar(const pugi::xml_node& element, const Shape& shape) {
  if (has_elements(element) || has_own_attributes(element)) return detached_element(element);
  const std::vector<Child> children = children_of(element, kContentOnly);
  return read_scalar(children.empty() ? std::string_view() : children[0].text, shape.types);
}

// Of a wrapped array: its elements, all of the name that items have.
JsonValue Reader::shaped_array(const pugi::xml_node& element, const Shape& shape) {
  const std::vector<Child> children = children_of(element, kContentOnly);
  const Shape& items = shapes_->at(shape.items);
  const std::string_view name =
      items.name.empty() ? split_name(element.name()).local : std::string_view(items.name);
  const bool fits =
      !has_own_attributes(element) && std::all_of(children.begin(), children.end(), [&](const Child& child) {
        return child.kind == ChildKind::element ? split_name(child.name).local == name : is_blank(child.text);
      });
  if (!fits) return detached_element(element);
  JsonValue array = JsonValue::empty_array();
  for (const Child& child : children)
    if (child.kind == ChildKind::element) array.push_back(shaped_element(pugi::xml_node(child.node), items));
  return array;
}

JsonValue Reader::shaped_object(const pugi::xml_node& element, const Shape& shape) {
  const std::vector<Child> children = children_of(element, kContentOnly);
  if (!object_fits(element, shape, children)) return listed_element(element);
  JsonValue object = JsonValue::empty_object();
  add_attributes(element, shape, object);
  for (const Child& child : children) {
    if (child.kind == ChildKind::element)
      add_child(child, shape, object);
    else if (shape.text != nullptr)
      object.set(shape.text->key, read_scalar(child.text, shapes_->at(shape.text->shape).types));
  }
  for (const ShapeProperty& property : shape.properties)
    if (property.is_required && property.is_repeated && !object.contains(property.key.string()))
      object.set(property.key, JsonValue::empty_array());
  if (shape.text != nullptr && shape.text->is_required && !object.contains(shape.text->key.string()))
    object.set(shape.text->key, read_scalar("", shapes_->at(shape.text->shape).types));
  return object;
}

// Whether an object by the shape can hold all that the element holds.
bool Reader::object_fits(const pugi::xml_node& element, const Shape& shape,
                         const std::vector<Child>& children) const {
  for (const pugi::xml_attribute attribute : element.attributes())
    if (shape.find_key("@" + std::string(attribute.name())) != nullptr) return false;
  std::size_t texts = 0;
  std::vector<const ShapeProperty*> arrays;  // wrapped, met already
  for (const Child& child : children) {
    if (child.kind != ChildKind::element) {
      if (shape.text == nullptr ? !is_blank(child.text) : ++texts > 1) return false;
      continue;
    }
    const ShapeProperty* property = property_of(shape, pugi::xml_node(child.node));
    if (property == nullptr) {
      if (shape.find_key(child.name) != nullptr) return false;
    } else if (property->is_array && !property->is_repeated) {
      if (std::find(arrays.begin(), arrays.end(), property) != arrays.end()) return false;
      arrays.push_back(property);
    }
  }
  return true;
}

void Reader::add_attributes(const pugi::xml_node& element, const Shape& shape, JsonValue& object) const {
  for (const pugi::xml_attribute attribute : element.attributes()) {
    const std::string_view name = attribute.name();
    const QualifiedName parts = split_name(name);
    const std::string_view uri = parts.prefix.empty() ? "" : namespace_of(parts.prefix);
    if (declared_prefix(name) || uri == kInstanceNamespace) continue;
    if (const ShapeProperty* property = find_property(shape, parts.local, uri, ShapeNode::attribute)) {
      object.set(property->key, read_scalar(attribute.value(), shapes_->at(property->shape).types));
      continue;
    }
    if (!parts.prefix.empty() && target_.find(parts.prefix) != uri)
      object.set("@xmlns:" + std::string(parts.prefix), uri);
    object.set("@" + std::string(name), attribute.value());
  }
}

void Reader::add_child(const Child& child, const Shape& shape, JsonValue& object) {
  const pugi::xml_node node(child.node);
  if (const ShapeProperty* property = property_of(shape, node)) {
    add_value(object, property->key, shaped_element(node, shapes_->at(property->element_shape)),
              property->is_repeated);
    return;
  }
  // The declaration of a prefix needs a value that can hold it.
  const bool is_plain = child.name.find(':') == std::string_view::npos;
  const ShapeProperty& additional = shape.additional;
  if (is_plain && shapes_->at(additional.element_shape).types != 0) {
    const Shape& item = shapes_->at(additional.element_shape);
    add_value(object, child.name, shaped_element(node, item), additional.is_repeated);
  } else {
    add_value(object, child.name, detached_element(node), false);
  }
}

const ShapeProperty* Reader::property_of(const Shape& shape, const pugi::xml_node& element) const {
  const QualifiedName name = split_name(element.name());
  const std::string declaration = name.prefix.empty() ? "xmlns" : "xmlns:" + std::string(name.prefix);
  const pugi::xml_attribute own = element.attribute(declaration.c_str());
  return find_property(shape, name.local, own ? std::string_view(own.value()) : namespace_of(name.prefix),
                       ShapeNode::element);
}

// The one in that namespace, else the one for which the schema names no namespace.
const ShapeProperty* Reader::find_property(const Shape& shape, std::string_view local, std::string_view uri,
                                           ShapeNode node) const {
  const ShapeProperty* any = nullptr;
  auto at = std::lower_bound(shape.by_name.begin(), shape.by_name.end(), local,
                             [](const ShapeProperty* p, std::string_view n) { return p->name < n; });
  for (; at != shape.by_name.end() && (*at)->name == local; ++at) {
    if ((*at)->node != node) continue;
    const std::string& expected = shapes_->at((*at)->element_shape).namespace_uri;
    if (expected == uri) return *at;
    if (expected.empty() && any == nullptr) any = *at;
  }
  return any;
}

}  // namespace linkspan::data::xml
