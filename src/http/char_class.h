// Character classes of HTTP and URI grammar as one table of bits. Constant; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace linkspan::http {

enum CharClass : std::uint8_t {
  kTokenChar = 1,   // RFC 9110 section 5.6.2
  kValueChar = 2,   // RFC 9110 section 5.5: HTAB, SP, visible, obs-text
  kTargetChar = 4,  // what browsers and clients put into a request target: see kTargetChar below
  kPathChar = 8,    // pchar (RFC 3986 section 3.3), '/', and [ ] | which browsers leave as they are; not '%'
  kUnreservedChar = 16,  // RFC 3986 section 2.3
  kHostChar = 32,        // letters, digits, '-', '.', '_'
  kHexDigit = 64,
  kSubDelimChar = 128,  // RFC 3986 section 2.2
};

namespace detail {

consteval std::array<std::uint8_t, 256> make_char_classes() {
  std::array<std::uint8_t, 256> table{};
  auto add = [&table](std::string_view chars, std::uint8_t bits) {
    for (char c : chars) table[static_cast<unsigned char>(c)] |= bits;
  };
  for (unsigned c = 0x20; c < 0x100; ++c) {
    if (c != 0x7f) table[c] |= kValueChar;
  }
  add("\t", kValueChar);
  // Everything visible but '"', '<', '>' and '#': clients send { } | ^ ` [ ] and \ unencoded in queries, and
  // they are harmless there. Paths are held to kPathChar when they are normalised.
  for (unsigned c = 0x21; c < 0x7f; ++c) {
    if (c != '"' && c != '<' && c != '>' && c != '#') table[c] |= kTargetChar;
  }
  constexpr std::string_view alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  add(alphanumeric, kTokenChar | kPathChar | kUnreservedChar | kHostChar);
  add("!#$%&'*+-.^_`|~", kTokenChar);
  add("-._~", kUnreservedChar | kPathChar);
  add("!$&'()*+,;=", kSubDelimChar | kPathChar);
  add(":@/[]|", kPathChar);
  add("-._", kHostChar);
  add("0123456789abcdefABCDEF", kHexDigit);
  return table;
}

inline constexpr std::array<std::uint8_t, 256> kCharClasses = make_char_classes();

}  // namespace detail

constexpr bool is_char(char c, std::uint8_t classes) {
  return (detail::kCharClasses[static_cast<unsigned char>(c)] & classes) != 0;
}

constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace linkspan::http
