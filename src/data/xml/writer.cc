#include "data/xml/writer.h"

#include <algorithm>

#include "base/error_kinds.h"
#include "data/in_quotes.h"
#include "data/json_pointer.h"
#include "data/xml/characters.h"
#include "data/xml/pointer_scope.h"

namespace linkspan::data::xml {

Writer::Writer(const XmlLimits& limits, const ShapeSet* shapes) : limits_(limits), shapes_(shapes) {
  limits_.max_depth = std::min(limits_.max_depth, XmlLimits::kMostDepth);
}

bool Writer::fail(std::string_view message) {
  error_.emplace(errors::xml_unwritable, in_quotes(pointer_) + ": " + std::string(message));
  return false;
}

bool Writer::document(const JsonValue& value) {
  if (!value.is_object()) return fail("expected an object with the root element as its member");
  for (const JsonMember& member : value.members())
    if (member.key.string().starts_with('@')) return fail("a document has no attributes");
  if (!members(value)) return false;
  return roots_ == 1 || fail("there is no root element");
}

// Into an element with this value: what it declares comes into scope.
bool Writer::enter(const JsonValue& value) {
  if (depth_ == 0 && ++roots_ > 1) return fail("a second root element");
  if (++depth_ > limits_.max_depth)
    return fail("nested deeper than max_depth, " + std::to_string(limits_.max_depth));
  namespaces_.open();
  for (const JsonMember& member : value.members()) {
    if (!member.key.string().starts_with("@xmlns")) continue;
    const auto prefix = declared_prefix(member.key.string().substr(1));
    if (!prefix) continue;
    PointerScope at(pointer_, member.key.string());
    if (!prefix->empty() && !is_name(*prefix)) return fail("the prefix is no name that XML allows");
    if (!member.value.is_string()) return fail("a namespace is a string");
    if (const char* fault = declaration_fault(*prefix, member.value.string())) return fail(fault);
    if (namespaces_.size() >= limits_.max_namespaces)
      return fail("more namespaces in scope than max_namespaces, " + std::to_string(limits_.max_namespaces));
    namespaces_.declare(*prefix, member.value.string());
  }
  return true;
}

// Closes the element whose start tag ends at `tag_end`.
bool Writer::leave(std::string_view name, std::size_t tag_end) {
  if (out_.size() == tag_end) {
    out_.back() = '/';
    out_ += '>';
  } else {
    out_ += "</";
    out_ += name;
    out_ += '>';
  }
  namespaces_.close();
  --depth_;
  return out_.size() <= limits_.max_bytes ||
         fail("the text is longer than max_bytes, " + std::to_string(limits_.max_bytes));
}

bool Writer::check_name(std::string_view name, bool is_attribute) {
  if (!is_qualified_name(name)) return fail(in_quotes(name) + " is no name that XML allows");
  const std::string_view prefix = split_name(name).prefix;
  const bool is_known = prefix != "xmlns" && namespaces_.find(prefix).has_value();
  if (is_known || (is_attribute && declared_prefix(name))) return true;
  return fail("the prefix " + in_quotes(prefix) + " is not declared");
}

bool Writer::start(std::string_view name, const JsonValue& attributes_of) {
  if (!enter(attributes_of) || !check_name(name, false)) return false;
  out_ += '<';
  out_ += name;
  if (!attributes(attributes_of)) return false;
  out_ += '>';
  return true;
}

bool Writer::end(std::string_view name) {
  return leave(name, std::string::npos);
}

}  // namespace linkspan::data::xml
