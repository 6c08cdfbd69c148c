// XML (1.0, with namespaces) to JsonValue and back, by one mapping that loses nothing; docs/xml.md describes
// it with examples.
//
//   <order id="7"><item>a</item><item>b</item></order>
//   {"order": {"@id": "7", "item": ["a", "b"]}}
//
//   Result<JsonValue> order = parse_xml(body);
//   if (!order) return std::move(order).error();    // "xml-invalid: line 3, column 14, byte 57: ..."
//   Result<std::string> text = write_xml(*order);
//
// With an XmlShape (xml_shape.h), made from a JSON Schema and its OpenAPI `xml` objects, values have the
// types and the places that the schema says.
//
// Refused with errors::xml_invalid, at a line, column (counted in characters, both from 1) and byte: whatever
// XML 1.0 and Namespaces in XML 1.0 forbid, any document type declaration (so no entities but the five that
// are predefined), XML 1.1, encodings other than UTF-8 and UTF-16. Past a limit it is errors::xml_too_large.
//
// Pure functions; any thread. Recursion is bounded by XmlLimits::kMostDepth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "data/json.h"
#include "data/xml/xml_shape.h"

namespace linkspan::data {

struct XmlLimits {
  static constexpr std::uint32_t kMostDepth = 1024;  // whatever is given

  std::size_t max_bytes = 64 * 1024 * 1024;  // of the text read, or of the text written
  std::uint32_t max_depth = 256;             // of elements: <a><b/></a> has 2
  std::uint32_t max_nodes = 1'000'000;       // elements, attributes, texts, comments and instructions
  std::uint32_t max_attributes = 256;        // of one element
  std::uint32_t max_namespaces = 256;        // declarations in scope at one place
};

struct XmlReadOptions {
  XmlLimits limits{};
  // Blanks between elements, where there is no other text and no xml:space="preserve".
  bool keep_layout = false;
  bool keep_comments = true;  // and processing instructions
  bool keep_cdata = true;     // as such; otherwise it is text
  // With a shape, the root's value is the result, without the root's name around it; comments, instructions,
  // CDATA and layout are not kept where the shape describes the content.
  const XmlShape* shape = nullptr;
};

// errors::xml_mismatch: the root is not the one that the shape describes.
Result<JsonValue> parse_xml(std::string_view text, const XmlReadOptions& options = {});

struct XmlWriteOptions {
  XmlLimits limits{};
  bool declaration = false;  // <?xml version="1.0" encoding="UTF-8"?> in front
  // Refuses what parse_xml with the same shape would read back as another value: without a shape numbers,
  // booleans, arrays of fewer than two items. Costs reading the text again.
  bool exact = false;
  const XmlShape* shape = nullptr;  // `value` is then the root's value, without the root's name around it
};

// Never writes what is not well formed. errors::xml_unwritable, with a JSON Pointer to the place, for what
// has no XML form: names that XML does not allow, control characters, arrays within arrays, two roots,
// undeclared prefixes, and what passes a limit.
Result<std::string> write_xml(const JsonValue& value, const XmlWriteOptions& options = {});

// Two documents say the same if their canonical forms are equal: Canonical XML 1.0 with comments (attributes
// and namespace declarations in order, one way of quoting, CDATA as text, no XML declaration). What `options`
// does not keep is left out; the shape is not looked at.
Result<std::string> canonical_xml(std::string_view text,
                                  const XmlReadOptions& options = {.keep_layout = true});

}  // namespace linkspan::data
