#include "data/xml/xml.h"

#include <pugixml.hpp>

#include "base/error_kinds.h"
#include "data/in_quotes.h"
#include "data/json_pointer.h"
#include "data/xml/characters.h"
#include "data/xml/reader.h"
#include "data/xml/tree.h"
#include "data/xml/writer.h"

namespace linkspan::data {

namespace {

Result<void> check_root(const pugi::xml_node& root, const xml::ShapeSet& shapes, const xml::Reader& reader) {
  const xml::QualifiedName name = xml::split_name(root.name());
  if (!shapes.root_name.empty() && name.local != shapes.root_name)
    return Error(errors::xml_mismatch, "the root element is " + in_quotes(name.local) + ", not " +
                                           in_quotes(shapes.root_name) + " as the schema says");
  const std::string_view uri = reader.namespace_of(name.prefix);
  const std::string& expected = shapes.root().namespace_uri;
  if (!expected.empty() && uri != expected)
    return Error(errors::xml_mismatch, "the root element is in the namespace " + in_quotes(uri) +
                                           ", not in " + in_quotes(expected) + " as the schema says");
  return {};
}

struct Difference {
  const JsonValue* left = nullptr;   // null if the values differ as such, not in a part
  const JsonValue* right = nullptr;  // null if the part is not there
};

// The first part in which two values differ, its token added to the pointer.
Difference differing_part(const JsonValue& left, const JsonValue& right, std::string& pointer) {
  if (left.is_array() && right.is_array() && left.size() == right.size()) {
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (left.items()[i] == right.items()[i]) continue;
      append_pointer_token(pointer, i);
      return {&left.items()[i], &right.items()[i]};
    }
  }
  for (const JsonMember& member : left.members()) {
    const JsonValue* other = right.find(member.key.string());
    if (other != nullptr && *other == member.value) continue;
    append_pointer_token(pointer, member.key.string());
    return {&member.value, other};
  }
  return {};
}

// The JSON Pointer of the first place where two values, which differ, do so.
std::string first_difference(const JsonValue& a, const JsonValue& b) {
  std::string pointer;
  Difference at{&a, &b};
  while (at.right != nullptr) at = differing_part(*at.left, *at.right, pointer);
  return pointer;
}

Result<void> check_reads_back(const JsonValue& value, std::string_view text, const XmlWriteOptions& options) {
  const auto again = parse_xml(text, {.limits = options.limits, .shape = options.shape});
  if (!again) return Error(errors::xml_unwritable, "would not be read back: " + again.error().detail());
  if (*again == value) return {};
  return Error(errors::xml_unwritable,
               in_quotes(first_difference(value, *again)) + ": would be read back as another value");
}

}  // namespace

Result<JsonValue> parse_xml(std::string_view text, const XmlReadOptions& options) {
  auto tree = xml::Tree::load(text, options.limits);
  if (!tree) return std::move(tree).error();
  if (options.shape == nullptr) return xml::Reader(options, nullptr).document(tree->document());
  const xml::ShapeSet& shapes = options.shape->shapes();
  xml::Reader reader(options, &shapes);
  const pugi::xml_node root = tree->root();
  reader.enter(root);
  if (auto good = check_root(root, shapes, reader); !good) return std::move(good).error();
  reader.leave();
  return reader.shaped_element(root, shapes.root());
}

Result<std::string> write_xml(const JsonValue& value, const XmlWriteOptions& options) {
  const xml::ShapeSet* shapes = options.shape == nullptr ? nullptr : &options.shape->shapes();
  if (shapes != nullptr && shapes->root_name.empty())
    return Error(errors::xml_unwritable, "\"\": the schema does not name the root element");
  xml::Writer writer(options.limits, shapes);
  if (options.declaration) writer.append_raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  const bool good = shapes == nullptr ? writer.document(value)
                                      : writer.shaped_element(shapes->root_name, value, shapes->root());
  if (!good) return writer.take_error();
  std::string text = writer.take_text();
  if (options.exact)
    if (auto back = check_reads_back(value, text, options); !back) return std::move(back).error();
  return text;
}

}  // namespace linkspan::data
