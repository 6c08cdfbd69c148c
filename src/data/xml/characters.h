// Which characters XML 1.0 (fifth edition) and Namespaces in XML 1.0 allow where. Pure functions on UTF-8.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace linkspan::data::xml {

// Section 2.3, S.
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
bool is_blank(std::string_view text);
std::string_view trim_blanks(std::string_view text);

// Section 2.2, Char.
constexpr bool is_character(char32_t c) {
  return c >= 0x20 ? c <= 0x10ffff && c != 0xfffe && c != 0xffff && (c < 0xd800 || c > 0xdfff)
                   : c == '\t' || c == '\n' || c == '\r';
}

// Bytes at the start of valid UTF-8 that are characters which XML allows.
std::size_t character_bytes(std::string_view text);

// Bytes at the start of valid UTF-8 that are a name without colon (NCName); 0 if none begins there.
std::size_t name_bytes(std::string_view text);
bool is_name(std::string_view text);
// A name with at most one colon, names on both sides of it.
bool is_qualified_name(std::string_view text);

struct QualifiedName {
  std::string_view prefix;  // empty if none
  std::string_view local;
};
constexpr QualifiedName split_name(std::string_view name) {
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return {{}, name};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

}  // namespace linkspan::data::xml
