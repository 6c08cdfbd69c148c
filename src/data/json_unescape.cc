#include "data/json_unescape.h"

#include <cstdint>
#include <cstring>

#include "data/utf8.h"

namespace linkspan::data {

namespace {

constexpr char32_t kNone = 0xffffffff;

// The four hex digits at `at`; kNone if they are not there.
char32_t read_hex4(const char* at, const char* end) {
  if (end - at < 4) return kNone;
  char32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = at[i];
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      value = value << 4 | static_cast<char32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      value = value << 4 | static_cast<char32_t>(lower - 'a' + 10);
    } else {
      return kNone;
    }
  }
  return value;
}

char simple_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

// After "\u": appends the character and moves past its one or two groups of digits. Returns what is wrong.
const char* read_unicode(const char*& at, const char* end, char*& out) {
  char32_t code_point = read_hex4(at, end);
  if (code_point == kNone) return "\\u without four hex digits";
  at += 4;
  if (code_point >= 0xdc00 && code_point <= 0xdfff) return "low surrogate without a high one before it";
  if (code_point >= 0xd800 && code_point <= 0xdbff) {
    const char32_t low = end - at >= 6 && at[0] == '\\' && at[1] == 'u' ? read_hex4(at + 2, end) : kNone;
    if (low < 0xdc00 || low > 0xdfff) return "high surrogate without a low one after it";
    at += 6;
    code_point = 0x10000 + ((code_point - 0xd800) << 10) + (low - 0xdc00);
  }
  out = put_utf8(code_point, out);
  return nullptr;
}

}  // namespace

JsonUnescapeFault unescape_json(std::string_view text, std::string& out) {
  out.resize(text.size());  // no escape is shorter than what it stands for
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* at = begin;
  char* to = out.data();
  while (at != end) {
    const void* found = std::memchr(at, '\\', static_cast<std::size_t>(end - at));
    const char* const escape = found == nullptr ? end : static_cast<const char*>(found);
    std::memcpy(to, at, static_cast<std::size_t>(escape - at));
    to += escape - at;
    at = escape;
    if (at == end) break;
    const auto offset = static_cast<std::size_t>(at - begin);
    if (end - at < 2) return {offset, "unknown escape"};
    const char kind = at[1];
    at += 2;
    if (kind == 'u') {
      if (const char* message = read_unicode(at, end, to)) return {offset, message};
    } else if (const char c = simple_escape(kind)) {
      *to++ = c;
    } else {
      return {offset, "unknown escape"};
    }
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  return {};
}

}  // namespace linkspan::data
