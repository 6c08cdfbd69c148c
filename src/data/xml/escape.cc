#include "data/xml/escape.h"

#include <algorithm>

namespace linkspan::data::xml {

namespace {

std::string_view reference(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\t':
      return "&#x9;";
    case '\n':
      return "&#xA;";
    default:
      return "&#xD;";
  }
}

void append_escaped(std::string& out, std::string_view text, std::string_view special) {
  while (true) {
    const std::size_t plain = std::min(text.find_first_of(special), text.size());
    out += text.substr(0, plain);
    if (plain == text.size()) return;
    out += reference(text[plain]);
    text.remove_prefix(plain + 1);
  }
}

}  // namespace

void append_text(std::string& out, std::string_view text) {
  append_escaped(out, text, "&<>\r");
}

void append_attribute_value(std::string& out, std::string_view text) {
  append_escaped(out, text, "&<\"\t\n\r");
}

}  // namespace linkspan::data::xml
