// From pugixml's tree to values, by the mapping of docs/xml.md. Internal; one Reader per walk over a tree.
// Recurses to the depth of the tree, which the checker has bounded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/json.h"
#include "data/xml/namespaces.h"
#include "data/xml/shape.h"
#include "data/xml/tree.h"

namespace linkspan::data::xml {

class Reader {
 public:
  Reader(const XmlReadOptions& options, const ShapeSet* shapes)
      : keep_{options.keep_layout, options.keep_comments, options.keep_cdata}, shapes_(shapes) {}

  // {"name": value of the root}, with comments and instructions beside it.
  JsonValue document(const pugi::xml_node& document);

  // The value of an element where it stands in the tree.
  JsonValue element(const pugi::xml_node& element);
  // Of an element that is taken out of the tree: with the declarations that it needs and that are not in
  // scope where it goes.
  JsonValue detached_element(const pugi::xml_node& element);
  JsonValue shaped_element(const pugi::xml_node& element, const Shape& shape);
  // The attributes and content of an element that has been entered as the members of an object, its elements
  // detached; null if there are none.
  JsonValue detached_content(const pugi::xml_node& element);

  // Enters an element without reading it: its declarations come into scope until leave().
  void enter(const pugi::xml_node& element);
  void leave();
  std::string_view namespace_of(std::string_view prefix) const {
    return namespaces_.find(prefix).value_or("");
  }

  // What will be in scope where detached and shaped elements go.
  Namespaces& target() { return target_; }

 private:
  JsonValue content_value(const pugi::xml_node& element, bool listed);
  void add_content(std::vector<Child>&& children, JsonValue& object, bool listed, bool detached);
  JsonValue child_value(const Child& child, bool detached);
  bool is_nil(const pugi::xml_node& element) const;

  // reader_detached.cc
  std::vector<std::string_view> missing_prefixes(const pugi::xml_node& element) const;
  JsonValue with_declarations(JsonValue value, const std::vector<std::string_view>& prefixes) const;
  // In the form that a shape can never be mistaken for.
  JsonValue listed_element(const pugi::xml_node& element);

  // reader_shaped.cc
  JsonValue shaped_value(const pugi::xml_node& element, const Shape& shape);
  JsonValue shaped_object(const pugi::xml_node& element, const Shape& shape);
  JsonValue shaped_array(const pugi::xml_node& element, const Shape& shape);
  JsonValue shaped_scalar(const pugi::xml_node& element, const Shape& shape);
  bool object_fits(const pugi::xml_node& element, const Shape& shape,
                   const std::vector<Child>& children) const;
  void add_attributes(const pugi::xml_node& element, const Shape& shape, JsonValue& object) const;
  void add_child(const Child& child, const Shape& shape, JsonValue& object);
  const ShapeProperty* property_of(const Shape& shape, const pugi::xml_node& element) const;
  const ShapeProperty* find_property(const Shape& shape, std::string_view local, std::string_view uri,
                                     ShapeNode node) const;
  bool is_shaped_nil(const pugi::xml_node& element) const;
  bool has_own_attributes(const pugi::xml_node& element) const;

  Keep keep_;
  const ShapeSet* shapes_;
  Namespaces namespaces_;
  Namespaces target_;
  std::vector<bool> preserve_;  // whether layout is kept, by open element
};

}  // namespace linkspan::data::xml
