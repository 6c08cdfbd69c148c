// What XmlShape::compile() makes of a schema. Internal, immutable.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/json.h"
#include "data/xml/xml_shape.h"

namespace linkspan::data::xml {

enum class ShapeNode : unsigned char { element, attribute, text, cdata };

// The types that a schema allows, as bits; none if it does not say.
struct ShapeTypes {
  static constexpr unsigned kNull = 1;
  static constexpr unsigned kBoolean = 2;
  static constexpr unsigned kInteger = 4;
  static constexpr unsigned kNumber = 8;
  static constexpr unsigned kString = 16;
  static constexpr unsigned kArray = 32;
  static constexpr unsigned kObject = 64;
  static constexpr unsigned kScalars = kBoolean | kInteger | kNumber | kString;
};

struct ShapeProperty {
  JsonValue key;
  std::string name;  // of its elements or attribute, without prefix; empty for what is not described
  std::uint32_t shape = 0;
  std::uint32_t element_shape = 0;  // of each element: that of the items if it is repeated
  ShapeNode node = ShapeNode::element;
  bool is_repeated = false;  // an array that is not wrapped
  bool is_array = false;     // wrapped or not
  bool is_required = false;
};

struct Shape {
  unsigned types = 0;
  ShapeNode node = ShapeNode::element;
  bool is_wrapped = false;    // of an array
  std::string name;           // empty if the place names it: the property, the array, the component
  std::string namespace_uri;  // empty if any
  std::string prefix;
  std::vector<ShapeProperty> properties;      // in the schema's order
  std::vector<const ShapeProperty*> by_name;  // but for those without a name of their own (text)
  std::vector<const ShapeProperty*> by_key;
  const ShapeProperty* text = nullptr;  // the property that is the element's text
  ShapeProperty additional;             // members that are not described
  std::uint32_t items = 0;

  bool allows(unsigned type) const { return (types & type) != 0; }
  const ShapeProperty* find_key(std::string_view key) const;
};

struct ShapeSet {
  std::vector<Shape> shapes;  // the first describes nothing, the second is the root
  std::string root_name;      // empty if any

  const Shape& at(std::uint32_t index) const { return shapes[index]; }
  const Shape& root() const { return shapes[1]; }
};

}  // namespace linkspan::data::xml
