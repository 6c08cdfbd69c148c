// Canonical XML 1.0 (https://www.w3.org/TR/xml-c14n), with comments, of a whole document.
#include <algorithm>
#include <utility>

#include <pugixml.hpp>

#include "data/xml/characters.h"
#include "data/xml/escape.h"
#include "data/xml/namespaces.h"
#include "data/xml/tree.h"
#include "data/xml/xml.h"

namespace linkspan::data {

namespace xml {
namespace {

class Canonical {
 public:
  explicit Canonical(const XmlReadOptions& options)
      : keep_{options.keep_layout, options.keep_comments, false} {}

  std::string document(const pugi::xml_node& document);

 private:
  void element(const pugi::xml_node& element, bool preserve);
  void attributes(const pugi::xml_node& element);
  void attribute(std::string_view name, std::string_view value);
  void other(const Child& child);

  Keep keep_;
  Namespaces namespaces_;
  std::string out_;
};

// Comments and instructions beside the root stand on lines of their own.
std::string Canonical::document(const pugi::xml_node& document) {
  bool is_first = true;
  for (const Child& child : children_of(document, keep_)) {
    if (!is_first) out_ += '\n';
    is_first = false;
    if (child.kind == ChildKind::element)
      element(pugi::xml_node(child.node), false);
    else
      other(child);
  }
  return std::move(out_);
}

void Canonical::element(const pugi::xml_node& element, bool preserve) {
  namespaces_.open();
  preserve = preserves_space(element, preserve);
  out_ += '<';
  out_ += element.name();
  attributes(element);
  out_ += '>';
  for (const Child& child : children_of(element, {keep_.layout || preserve, keep_.comments, keep_.cdata})) {
    if (child.kind == ChildKind::element)
      this->element(pugi::xml_node(child.node), preserve);
    else
      other(child);
  }
  out_ += "</";
  out_ += element.name();
  out_ += '>';
  namespaces_.close();
}

// Declarations that say something new, by prefix; then attributes by namespace and name.
void Canonical::attributes(const pugi::xml_node& element) {
  std::vector<std::pair<std::string_view, std::string_view>> declarations;
  for (const pugi::xml_attribute attribute : element.attributes()) {
    const auto prefix = declared_prefix(attribute.name());
    if (prefix && namespaces_.find(*prefix) != std::string_view(attribute.value()))
      declarations.emplace_back(*prefix, attribute.value());
  }
  std::sort(declarations.begin(), declarations.end());
  for (const auto& [prefix, uri] : declarations) {
    namespaces_.declare(prefix, uri);
    attribute(prefix.empty() ? "xmlns" : "xmlns:" + std::string(prefix), uri);
  }
  std::vector<std::pair<std::pair<std::string, std::string_view>, pugi::xml_attribute>> sorted;
  for (const pugi::xml_attribute attribute : element.attributes()) {
    const QualifiedName name = split_name(attribute.name());
    if (declared_prefix(attribute.name())) continue;
    const std::string_view uri = name.prefix.empty() ? "" : namespaces_.find(name.prefix).value_or("");
    sorted.push_back({{std::string(uri), name.local}, attribute});
  }
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& entry : sorted) attribute(entry.second.name(), entry.second.value());
}

void Canonical::attribute(std::string_view name, std::string_view value) {
  out_ += ' ';
  out_ += name;
  out_ += "=\"";
  append_attribute_value(out_, value);
  out_ += '"';
}

void Canonical::other(const Child& child) {
  if (child.kind == ChildKind::text) {
    append_text(out_, child.text);
  } else if (child.kind == ChildKind::comment) {
    out_ += "<!--" + child.text + "-->";
  } else {
    out_ += "<?" + std::string(child.name) + (child.text.empty() ? "" : " ") + child.text + "?>";
  }
}

}  // namespace
}  // namespace xml

Result<std::string> canonical_xml(std::string_view text, const XmlReadOptions& options) {
  auto tree = xml::Tree::load(text, options.limits);
  if (!tree) return std::move(tree).error();
  return xml::Canonical(options).document(tree->document());
}

}  // namespace linkspan::data
