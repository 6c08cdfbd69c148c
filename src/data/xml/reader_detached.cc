// Elements that are taken out of their document: the namespace declarations of what stood around them come
// along where they are needed.
#include <algorithm>

#include <pugixml.hpp>

#include "data/xml/characters.h"
#include "data/xml/reader.h"

namespace linkspan::data::xml {

namespace {

constexpr std::string_view kNotInNames = " \t\r\n\"'/@()[]{}<>=,;|*+!&$%";

// Which of some prefixes an element and all within it use: in names, and before a colon in values, where
// qualified names stand too (xsi:type="xs:string"). The prefix "" is used by elements without one.
class UsedPrefixes {
 public:
  // Sorted, each once.
  explicit UsedPrefixes(std::vector<std::string_view> candidates)
      : candidates_(std::move(candidates)), used_(candidates_.size()) {}

  void add_tree(const pugi::xml_node& root) {
    pugi::xml_node node = root;
    while (true) {
      add_node(node);
      if (node.first_child()) {
        node = node.first_child();
        continue;
      }
      while (node != root && !node.next_sibling()) node = node.parent();
      if (node == root) break;
      node = node.next_sibling();
    }
  }
  std::vector<std::string_view> take() const {
    std::vector<std::string_view> taken;
    for (std::size_t i = 0; i < candidates_.size(); ++i)
      if (used_[i]) taken.push_back(candidates_[i]);
    return taken;
  }

 private:
  void add(std::string_view prefix) {
    const auto found = std::lower_bound(candidates_.begin(), candidates_.end(), prefix);
    if (found != candidates_.end() && *found == prefix)
      used_[static_cast<std::size_t>(found - candidates_.begin())] = true;
  }

  void add_node(const pugi::xml_node& node) {
    if (node.type() == pugi::node_element)
      add(split_name(node.name()).prefix);
    else if (node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata)
      add_value(node.value());
    for (const pugi::xml_attribute attribute : node.attributes()) {
      const std::string_view prefix = split_name(attribute.name()).prefix;
      if (declared_prefix(attribute.name())) continue;
      if (!prefix.empty()) add(prefix);
      add_value(attribute.value());
    }
  }

  void add_value(std::string_view value) {
    std::size_t from = 0;
    for (std::size_t colon = value.find(':'); colon != std::string_view::npos;
         colon = value.find(':', from)) {
      std::size_t begin = colon;
      while (begin > from && kNotInNames.find(value[begin - 1]) == std::string_view::npos) --begin;
      if (begin < colon) add(value.substr(begin, colon - begin));
      from = colon + 1;
    }
  }

  std::vector<std::string_view> candidates_;
  std::vector<bool> used_;
};

}  // namespace

// Prefixes that the element uses, does not declare itself, and that mean something else where it goes.
std::vector<std::string_view> Reader::missing_prefixes(const pugi::xml_node& element) const {
  std::vector<std::string_view> candidates = namespaces_.prefixes();
  for (const std::string_view prefix : target_.prefixes())
    if (prefix.empty()) candidates.push_back(prefix);  // a default namespace that is none here
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  std::erase_if(candidates, [&](std::string_view prefix) {
    const std::string declaration = prefix.empty() ? "xmlns" : "xmlns:" + std::string(prefix);
    return element.attribute(declaration.c_str()) || namespaces_.find(prefix) == target_.find(prefix);
  });
  if (candidates.empty()) return candidates;
  UsedPrefixes used(std::move(candidates));
  used.add_tree(element);
  return used.take();
}

JsonValue Reader::with_declarations(JsonValue value, const std::vector<std::string_view>& prefixes) const {
  if (prefixes.empty()) return value;
  JsonValue object = JsonValue::empty_object();
  for (const std::string_view prefix : prefixes)
    object.set(prefix.empty() ? std::string("@xmlns") : "@xmlns:" + std::string(prefix),
               *namespaces_.find(prefix));
  if (value.is_object()) {
    for (const JsonMember& member : value.members()) object.set(member.key, member.value);
  } else if (!value.is_string() || !value.empty()) {
    object.set("#text", std::move(value));
  }
  return object;
}

JsonValue Reader::detached_element(const pugi::xml_node& element) {
  std::vector<std::string_view> prefixes = missing_prefixes(element);
  JsonValue value = this->element(element);
  // null brings the declaration of "xsi" itself, but only where nothing else is to be said.
  if (!value.is_null()) return with_declarations(std::move(value), prefixes);
  if (prefixes.empty() || (prefixes.size() == 1 && prefixes[0] == "xsi")) return value;
  enter(element);
  value = content_value(element, false);
  leave();
  return with_declarations(std::move(value), prefixes);
}

JsonValue Reader::listed_element(const pugi::xml_node& element) {
  const std::vector<std::string_view> prefixes = missing_prefixes(element);
  enter(element);
  JsonValue value = content_value(element, true);
  leave();
  return with_declarations(std::move(value), prefixes);
}

JsonValue Reader::detached_content(const pugi::xml_node& element) {
  Keep keep = keep_;
  keep.layout = keep.layout || preserve_.back();
  std::vector<Child> children = children_of(element, keep);
  JsonValue object = JsonValue::empty_object();
  for (const pugi::xml_attribute attribute : element.attributes()) {
    const std::string_view prefix = split_name(attribute.name()).prefix;
    if (declared_prefix(attribute.name())) continue;
    if (!prefix.empty() && prefix != "xml")
      object.set("@xmlns:" + std::string(prefix), *namespaces_.find(prefix));
    object.set("@" + std::string(attribute.name()), attribute.value());
  }
  if (children.empty() && object.empty()) return {};
  add_content(std::move(children), object, false, true);
  return object;
}

}  // namespace linkspan::data::xml
