#include "data/xml/characters.h"

#include <algorithm>
#include <iterator>

#include "data/utf8.h"

namespace linkspan::data::xml {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Section 2.3, NameStartChar, without the colon.
constexpr Range kNameStart[] = {{'A', 'Z'},       {'_', '_'},       {'a', 'z'},        {0xc0, 0xd6},
                                {0xd8, 0xf6},     {0xf8, 0x2ff},    {0x370, 0x37d},    {0x37f, 0x1fff},
                                {0x200c, 0x200d}, {0x2070, 0x218f}, {0x2c00, 0x2fef},  {0x3001, 0xd7ff},
                                {0xf900, 0xfdcf}, {0xfdf0, 0xfffd}, {0x10000, 0xeffff}};
// NameChar has these besides.
constexpr Range kNameMore[] = {{'-', '.'}, {'0', '9'}, {0xb7, 0xb7}, {0x300, 0x36f}, {0x203f, 0x2040}};

constexpr bool is_ascii_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

constexpr bool is_ascii_name_character(char c) {
  return is_ascii_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

template <std::size_t N>
bool is_in(const Range (&ranges)[N], char32_t c) {
  const auto* range = std::lower_bound(std::begin(ranges), std::end(ranges), c,
                                       [](const Range& r, char32_t value) { return r.last < value; });
  return range != std::end(ranges) && c >= range->first;
}

}  // namespace

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_blank(c); });
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::size_t character_bytes(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    const char* const start = at;
    if (static_cast<unsigned char>(*at) >= 0x20 && static_cast<unsigned char>(*at) < 0xef) {
      ++at;
      continue;
    }
    if (!is_character(next_code_point(at, end))) return static_cast<std::size_t>(start - text.data());
  }
  return text.size();
}

std::size_t name_bytes(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    if (at == text.data() ? is_ascii_name_start(*at) : is_ascii_name_character(*at)) {
      ++at;
      continue;
    }
    const char* const start = at;
    const char32_t c = next_code_point(at, end);
    if (is_in(kNameStart, c) || (start != text.data() && is_in(kNameMore, c))) continue;
    return static_cast<std::size_t>(start - text.data());
  }
  return text.size();
}

bool is_name(std::string_view text) {
  return !text.empty() && name_bytes(text) == text.size();
}

bool is_qualified_name(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return is_name(text);
  return is_name(text.substr(0, colon)) && is_name(text.substr(colon + 1));
}

}  // namespace linkspan::data::xml
