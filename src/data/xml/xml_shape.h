// What a JSON Schema with OpenAPI `xml` objects (OpenAPI 3.0 to 3.2: name, namespace, prefix, attribute,
// wrapped, nodeType) says about the XML form of its values, compiled once and then used for any number of
// documents:
//
//   auto shape = XmlShape::compile({.schema = schema, .name = "Order", .resolve = look_up});
//   Result<JsonValue> order = parse_xml(body, {.shape = &*shape});
//
// Immutable, cheap to copy, shared by threads. Schemas may refer to themselves.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "data/json.h"

namespace linkspan::data {

namespace xml {
struct ShapeSet;
}

struct XmlSchema {
  JsonValue schema;
  std::string name;  // of the root element where the schema's `xml` does not name it: the component's
  // The target of a schema that has a "$ref", nullptr if there is none. Its result lives as long as compile()
  // runs. Without it, references are errors.
  std::function<const JsonValue*(const JsonValue& schema)> resolve;
};

class XmlShape {
 public:
  // errors::xml_schema_invalid with a JSON Pointer: an unknown reference, names that XML does not allow, an
  // attribute that is an object or array, prefixItems, nodeType "none" of what is no array, more than 100,000
  // schemas.
  static Result<XmlShape> compile(const XmlSchema& schema);

  const xml::ShapeSet& shapes() const { return *shapes_; }

 private:
  explicit XmlShape(std::shared_ptr<const xml::ShapeSet> shapes) : shapes_(std::move(shapes)) {}

  std::shared_ptr<const xml::ShapeSet> shapes_;
};

}  // namespace linkspan::data
