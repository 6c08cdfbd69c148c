#include "data/xml/unescape.h"

#include "base/strings.h"
#include "data/utf8.h"
#include "data/xml/characters.h"

namespace linkspan::data::xml {

namespace {

void append_reference(std::string_view name, std::string& out) {
  if (name == "amp")
    out += '&';
  else if (name == "lt")
    out += '<';
  else if (name == "gt")
    out += '>';
  else if (name == "quot")
    out += '"';
  else if (name == "apos")
    out += '\'';
  else {
    const bool is_hex = name.starts_with("#x");
    std::string_view digits = name.substr(is_hex ? 2 : 1);
    digits.remove_prefix(digits.find_first_not_of('0'));
    const auto value = is_hex ? parse_hex_u64(digits) : parse_u64(digits);
    char bytes[4];
    out.append(bytes, put_utf8(static_cast<char32_t>(*value), bytes));
  }
}

}  // namespace

void unescape(std::string_view raw, std::string& out) {
  out.clear();
  while (!raw.empty()) {
    const char c = raw.front();
    if (c == '&') {
      const std::size_t end = raw.find(';');
      append_reference(raw.substr(1, end - 1), out);
      raw.remove_prefix(end + 1);
      continue;
    }
    if (!raw.starts_with("\r\n")) out += is_blank(c) ? ' ' : c;
    raw.remove_prefix(1);
  }
}

}  // namespace linkspan::data::xml
