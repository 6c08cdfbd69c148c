// Writing without a schema: the mapping itself.
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "data/in_quotes.h"
#include "data/json_write.h"
#include "data/utf8.h"
#include "data/xml/characters.h"
#include "data/xml/escape.h"
#include "data/xml/pointer_scope.h"
#include "data/xml/writer.h"

namespace linkspan::data::xml {

namespace {

bool is_element_key(std::string_view key) {
  return !key.starts_with('@') && !key.starts_with('#') && !key.starts_with('?');
}

}  // namespace

bool Writer::element(std::string_view name, const JsonValue& value) {
  return enter(value) && plain_element(std::string(name), value);
}

// Of an element that has been entered.
bool Writer::plain_element(const std::string& name, const JsonValue& value) {
  if (value.is_array()) return fail("an array within an array has no XML form");
  if (!check_name(name, false)) return false;
  out_ += '<';
  out_ += name;
  if (value.is_null()) nil_attributes();
  if (!attributes(value)) return false;
  out_ += '>';
  const std::size_t tag_end = out_.size();
  return content(value) && leave(name, tag_end);
}

void Writer::nil_attributes() {
  if (namespaces_.find("xsi") != kInstanceNamespace) attribute("xmlns:xsi", kInstanceNamespace);
  attribute("xsi:nil", "true");
}

// The members of an object whose keys begin with "@".
bool Writer::attributes(const JsonValue& object) {
  WrittenAttributes written;
  for (const JsonMember& member : object.members())
    if (member.key.string().starts_with('@') && !attribute_member(member, written)) return false;
  return no_attribute_twice(written);
}

bool Writer::attribute_member(const JsonMember& member, WrittenAttributes& written) {
  PointerScope at(pointer_, member.key.string());
  const std::string_view name = member.key.string().substr(1);
  if (!check_name(name, true) || !attribute(name, member.value)) return false;
  const QualifiedName parts = split_name(name);
  if (declared_prefix(name)) return true;
  written.emplace_back(parts.local, parts.prefix.empty() ? "" : *namespaces_.find(parts.prefix));
  return true;
}

bool Writer::no_attribute_twice(WrittenAttributes& written) {
  std::sort(written.begin(), written.end());
  const auto twice = std::adjacent_find(written.begin(), written.end());
  return twice == written.end() || fail("the attribute " + in_quotes(twice->first) + " comes twice");
}

bool Writer::attribute(std::string_view name, const JsonValue& value) {
  std::string text;
  if (!scalar(value, text)) return false;
  out_ += ' ';
  out_ += name;
  out_ += "=\"";
  append_attribute_value(out_, text);
  out_ += '"';
  return true;
}

bool Writer::content(const JsonValue& value) {
  if (value.is_object()) return members(value);
  return value.is_null() || text(value);
}

bool Writer::members(const JsonValue& object) {
  bool has_text = false;
  bool has_elements = false;
  std::size_t others = 0;
  for (const JsonMember& member : object.members()) {
    const std::string_view key = member.key.string();
    has_text = has_text || key == "#text" || key == "#cdata";
    has_elements = has_elements || is_element_key(key);
    if (!key.starts_with('@')) ++others;
  }
  if (has_text && has_elements) return fail("text beside elements is written in \"#content\"");
  if (others > 1 && object.contains("#content")) return fail("\"#content\" stands beside attributes only");
  for (const JsonMember& member : object.members()) {
    if (member.key.string().starts_with('@')) continue;
    PointerScope at(pointer_, member.key.string());
    if (!this->member(member.key.string(), member.value)) return false;
  }
  return true;
}

bool Writer::member(std::string_view key, const JsonValue& value) {
  if (key == "#content") return listed(value);
  if (key == "#text") return text(value);
  if (!value.is_array()) return named(key, value);
  for (std::size_t i = 0; i < value.size(); ++i) {
    PointerScope at(pointer_, i);
    if (!named(key, value.items()[i])) return false;
  }
  return true;
}

bool Writer::named(std::string_view key, const JsonValue& value) {
  return is_element_key(key) ? element(key, value) : marked(key, value);
}

bool Writer::listed(const JsonValue& list) {
  if (!list.is_array()) return fail("\"#content\" is an array");
  for (std::size_t i = 0; i < list.size(); ++i) {
    PointerScope at(pointer_, i);
    const JsonValue& item = list.items()[i];
    if (!item.is_object()) {
      if (!text(item)) return false;
      continue;
    }
    if (item.size() != 1) return fail("an object in \"#content\" has one member");
    const JsonMember& member = *item.members().begin();
    PointerScope inside(pointer_, member.key.string());
    if (!named(member.key.string(), member.value)) return false;
  }
  return true;
}

// What is neither element nor text.
bool Writer::marked(std::string_view key, const JsonValue& value) {
  if (key != "#cdata" && key != "#comment" && !key.starts_with('?'))
    return fail("the key " + in_quotes(key) + " does not belong here");
  if (!value.is_string()) return fail("expected a string");
  const std::string_view text = value.string();
  if (!check_characters(text)) return false;
  if (text.find('\r') != std::string_view::npos) return fail("a carriage return cannot be written here");
  if (key == "#cdata") return cdata(text);
  return key == "#comment" ? comment(text) : instruction(key.substr(1), text);
}

bool Writer::comment(std::string_view text) {
  if (text.find("--") != std::string_view::npos || text.ends_with('-'))
    return fail("a comment cannot hold \"--\" or end in \"-\"");
  out_ += "<!--";
  out_ += text;
  out_ += "-->";
  return true;
}

// "]]>" ends a section, so it is put into two.
bool Writer::cdata(std::string_view text) {
  if (depth_ == 0) return fail("text outside of the root element");
  while (true) {
    const std::size_t end = text.find("]]>");
    out_ += "<![CDATA[";
    out_ += text.substr(0, end == std::string_view::npos ? end : end + 2);
    out_ += "]]>";
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 2);
  }
}

bool Writer::instruction(std::string_view target, std::string_view text) {
  if (!is_name(target) || equals_ignore_case(target, "xml"))
    return fail(in_quotes(target) + " is no name for a processing instruction");
  if (text.find("?>") != std::string_view::npos || (!text.empty() && is_blank(text[0])))
    return fail("a processing instruction cannot hold \"?>\" or begin with a blank");
  out_ += "<?";
  out_ += target;
  if (!text.empty()) out_ += ' ';
  out_ += text;
  out_ += "?>";
  return true;
}

bool Writer::text(const JsonValue& value) {
  if (depth_ == 0) return fail("text outside of the root element");
  std::string text;
  if (!scalar(value, text)) return false;
  append_text(out_, text);
  return true;
}

bool Writer::scalar(const JsonValue& value, std::string& text) {
  switch (value.type()) {
    case JsonType::string:
      text = value.string();
      return check_characters(text);
    case JsonType::number:
      if (value.is_real() && !std::isfinite(value.real())) return fail("not a finite number");
      append_json_number(text, value);
      return true;
    case JsonType::boolean:
      text = value.boolean() ? "true" : "false";
      return true;
    default:
      return fail("expected a string, number or boolean, not " + std::string(to_string(value.type())));
  }
}

bool Writer::check_characters(std::string_view text) {
  if (valid_utf8_bytes(text) == text.size() && character_bytes(text) == text.size()) return true;
  return fail("a character that XML does not allow");
}

}  // namespace linkspan::data::xml
