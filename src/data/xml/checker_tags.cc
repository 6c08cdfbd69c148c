// Start and end tags: XML 1.0 section 3.1, Namespaces in XML 1.0 sections 2 to 6.
#include <algorithm>

#include "data/in_quotes.h"
#include "data/xml/characters.h"
#include "data/xml/checker.h"
#include "data/xml/unescape.h"

namespace linkspan::data::xml {

bool Checker::start_tag() {
  const std::size_t begin = at_;
  if (!count_node()) return false;
  if (open_.size() >= limits_.max_depth)
    return fail(at_, "nested deeper than max_depth, " + std::to_string(limits_.max_depth),
                errors::xml_too_large);
  ++at_;
  const std::string_view name = take_name(true);
  if (name.empty()) return expected("the name of an element (or \"&lt;\" for the character)");
  bool is_empty = false;
  if (!attributes(is_empty)) return false;
  namespaces_.open();
  if (!declare_namespaces() || !resolve_prefixes(name, begin + 1)) return false;
  if (is_empty) {
    namespaces_.close();
  } else {
    open_.push_back(name);
  }
  return true;
}

bool Checker::end_tag() {
  const std::size_t begin = at_;
  at_ += 2;
  const std::string_view name = take_name(true);
  if (name.empty()) return expected("the name of an element");
  if (name != open_.back())
    return fail(begin, "the element " + in_quotes(open_.back()) + " is closed by " + in_quotes(name));
  skip_blanks();
  if (peek() != '>') return expected("\">\"");
  ++at_;
  open_.pop_back();
  namespaces_.close();
  return true;
}

// Up to and with the end of the tag.
bool Checker::attributes(bool& is_empty) {
  attributes_.clear();
  while (true) {
    const bool separated = skip_blanks();
    if (peek() == '>') {
      ++at_;
      return true;
    }
    if (starts_with("/>")) {
      at_ += 2;
      is_empty = true;
      return true;
    }
    if (!separated) return expected("a blank, \">\" or \"/>\"");
    if (!attribute()) return false;
  }
}

bool Checker::attribute() {
  if (!count_node()) return false;
  if (attributes_.size() >= limits_.max_attributes)
    return fail(at_, "more attributes than max_attributes, " + std::to_string(limits_.max_attributes),
                errors::xml_too_large);
  const std::size_t begin = at_;
  const std::string_view name = take_name(true);
  if (name.empty()) return expected("the name of an attribute, \">\" or \"/>\"");
  skip_blanks();
  if (peek() != '=') return expected("\"=\"");
  ++at_;
  skip_blanks();
  const char quote = peek();
  if (quote != '"' && quote != '\'') return expected("a value in quotes");
  const std::size_t first = ++at_;
  const char stops[] = {quote, '<', '&'};
  while (true) {
    const std::size_t next = text_.find_first_of(std::string_view(stops, sizeof stops), at_);
    if (next == std::string_view::npos) {
      return fail(begin, "the value of " + in_quotes(name) + " has no closing quote");
    }
    at_ = next;
    if (text_[at_] == quote) break;
    if (text_[at_] == '<') return fail(at_, "\"<\" in the value of an attribute; write \"&lt;\"");
    if (!reference(at_)) return false;
  }
  attributes_.push_back({name, text_.substr(first, at_ - first), begin});
  ++at_;
  return true;
}

bool Checker::declare_namespaces() {
  for (const Attribute& attribute : attributes_) {
    const auto prefix = declared_prefix(attribute.name);
    if (!prefix) continue;
    unescape(attribute.value, unescaped_);
    if (const char* fault = declaration_fault(*prefix, unescaped_)) return fail(attribute.offset, fault);
    if (namespaces_.size() >= limits_.max_namespaces)
      return fail(attribute.offset,
                  "more namespaces in scope than max_namespaces, " + std::to_string(limits_.max_namespaces),
                  errors::xml_too_large);
    namespaces_.declare(*prefix, unescaped_);
  }
  return true;
}

// `offset` is where the element's name stands.
bool Checker::resolve_prefixes(std::string_view element, std::size_t offset) {
  const auto undeclared = [&](std::string_view prefix, std::size_t where) {
    return fail(where, "the prefix " + in_quotes(prefix) + " is not declared");
  };
  const std::string_view element_prefix = split_name(element).prefix;
  if (element_prefix == "xmlns" || !namespaces_.find(element_prefix))
    return undeclared(element_prefix, offset);
  resolved_.clear();
  for (const Attribute& attribute : attributes_) {
    const QualifiedName name = split_name(attribute.name);
    if (declared_prefix(attribute.name)) {
      resolved_.push_back({kXmlnsNamespace, name.local, attribute.offset});
    } else if (name.prefix.empty()) {
      resolved_.push_back({"", name.local, attribute.offset});  // the default namespace is for elements only
    } else if (const auto uri = namespaces_.find(name.prefix)) {
      resolved_.push_back({*uri, name.local, attribute.offset});
    } else {
      return undeclared(name.prefix, attribute.offset);
    }
  }
  return resolve_attributes();
}

// No two of the same name, by prefix or by what the prefixes stand for.
bool Checker::resolve_attributes() {
  if (resolved_.size() < 2) return true;
  const auto key = [](const ResolvedAttribute& a) { return std::pair(a.local, a.uri); };
  std::sort(resolved_.begin(), resolved_.end(), [&](const auto& a, const auto& b) {
    return key(a) != key(b) ? key(a) < key(b) : a.offset < b.offset;
  });
  const auto twice = std::adjacent_find(resolved_.begin(), resolved_.end(),
                                        [&](const auto& a, const auto& b) { return key(a) == key(b); });
  if (twice == resolved_.end()) return true;
  return fail((twice + 1)->offset, "the attribute " + in_quotes(twice->local) + " comes twice");
}

}  // namespace linkspan::data::xml
