#include "data/xml/reader.h"

#include <algorithm>
#include <utility>

#include <pugixml.hpp>

namespace linkspan::data::xml {

namespace {

// The key of a child in an object. Elements have names, which cannot begin with "#" or "?".
std::string key_of(const Child& child) {
  switch (child.kind) {
    case ChildKind::text:
      return "#text";
    case ChildKind::cdata:
      return "#cdata";
    case ChildKind::comment:
      return "#comment";
    case ChildKind::instruction:
      return "?" + std::string(child.name);
    default:
      return std::string(child.name);
  }
}

bool same_key(const Child& a, const Child& b) {
  return a.kind == b.kind && a.name == b.name;
}

// Whether an object can hold the children in their order: those of one key stand together, and no text stands
// beside elements.
bool fits_object(const std::vector<Child>& children) {
  std::vector<std::pair<ChildKind, std::string_view>> runs;
  for (std::size_t i = 0; i < children.size(); ++i)
    if (i == 0 || !same_key(children[i - 1], children[i]))
      runs.emplace_back(children[i].kind, children[i].name);
  const auto has = [&](ChildKind kind) {
    return std::any_of(runs.begin(), runs.end(), [&](const auto& run) { return run.first == kind; });
  };
  if (has(ChildKind::element) && (has(ChildKind::text) || has(ChildKind::cdata))) return false;
  std::sort(runs.begin(), runs.end());
  return std::adjacent_find(runs.begin(), runs.end()) == runs.end();
}

}  // namespace

JsonValue Reader::document(const pugi::xml_node& document) {
  JsonValue object = JsonValue::empty_object();
  Keep keep = keep_;
  keep.layout = false;
  add_content(children_of(document, keep), object, false, false);
  return object;
}

void Reader::enter(const pugi::xml_node& element) {
  namespaces_.open();
  for (const pugi::xml_attribute attribute : element.attributes())
    if (const auto prefix = declared_prefix(attribute.name()))
      namespaces_.declare(*prefix, attribute.value());
  preserve_.push_back(preserves_space(element, !preserve_.empty() && preserve_.back()));
}

void Reader::leave() {
  namespaces_.close();
  preserve_.pop_back();
}

JsonValue Reader::element(const pugi::xml_node& element) {
  if (is_nil(element)) return {};
  const pugi::xml_node first = element.first_child();
  if (!element.first_attribute() && (!first || (first.type() == pugi::node_pcdata && !first.next_sibling())))
    return first ? first.value() : "";
  enter(element);
  JsonValue value = content_value(element, false);
  leave();
  return value;
}

// <a xsi:nil="true"/>, with the declaration of that prefix if, and only if, it is not in scope already: as
// the writer writes null.
bool Reader::is_nil(const pugi::xml_node& element) const {
  if (element.first_child()) return false;
  const bool is_declared = namespaces_.find("xsi") == kInstanceNamespace;
  bool nil = false;
  bool declares = false;
  for (const pugi::xml_attribute attribute : element.attributes()) {
    const std::string_view name = attribute.name();
    const std::string_view value = attribute.value();
    if (name == "xsi:nil" && value == "true")
      nil = true;
    else if (name == "xmlns:xsi" && value == kInstanceNamespace)
      declares = true;
    else
      return false;
  }
  return nil && declares != is_declared;
}

// Of an element that has been entered. `listed`: with "#content" also where it could do without.
JsonValue Reader::content_value(const pugi::xml_node& element, bool listed) {
  Keep keep = keep_;
  keep.layout = keep.layout || preserve_.back();
  std::vector<Child> children = children_of(element, keep);
  const bool has_attributes = !element.attributes().empty();
  if (!listed && !has_attributes && children.empty()) return "";
  if (!listed && !has_attributes && children.size() == 1 && children[0].kind == ChildKind::text)
    return children[0].text;
  JsonValue object = JsonValue::empty_object();
  for (const pugi::xml_attribute attribute : element.attributes())
    object.set("@" + std::string(attribute.name()), attribute.value());
  add_content(std::move(children), object, listed, false);
  return object;
}

void Reader::add_content(std::vector<Child>&& children, JsonValue& object, bool listed, bool detached) {
  if (!listed && fits_object(children)) {
    for (std::size_t i = 0; i < children.size();) {
      std::size_t end = i + 1;
      while (end < children.size() && same_key(children[i], children[end])) ++end;
      if (end == i + 1) {
        object.set(key_of(children[i]), child_value(children[i], detached));
      } else {
        JsonArrayBuilder items(end - i);
        for (std::size_t item = i; item < end; ++item) items.add(child_value(children[item], detached));
        object.set(key_of(children[i]), items.build());
      }
      i = end;
    }
    return;
  }
  JsonArrayBuilder items(children.size());
  for (const Child& child : children) {
    if (child.kind == ChildKind::text)
      items.add(child.text);
    else
      items.add(JsonValue::object({{key_of(child), child_value(child, detached)}}));
  }
  object.set("#content", items.build());
}

JsonValue Reader::child_value(const Child& child, bool detached) {
  if (child.kind != ChildKind::element) return child.text;
  const pugi::xml_node node(child.node);
  return detached ? detached_element(node) : element(node);
}

}  // namespace linkspan::data::xml
