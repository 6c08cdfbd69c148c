#include "data/json_text_output.h"

#include <array>
#include <cstdint>

#include "data/utf8.h"

namespace linkspan::data {

namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighs = 0x8080808080808080;

// Sets the high bit of some byte if any of the eight is below 0x20, a quote or a backslash. May do so for a
// byte after such a one, never without one.
std::uint64_t marks_escapes(std::uint64_t word) {
  const auto has_zero = [](std::uint64_t w) { return (w - kOnes) & ~w; };
  const std::uint64_t control = (word - kOnes * 0x20) & ~word;
  return (control | has_zero(word ^ (kOnes * '"')) | has_zero(word ^ (kOnes * '\\'))) & kHighs;
}

// Whether the byte is printable ASCII that stands for itself in every format.
constexpr auto kAlwaysPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x7f; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

bool needs_escape(char c, bool ascii, bool escape_delete) {
  const auto byte = static_cast<unsigned char>(c);
  if (kAlwaysPlain[byte]) [[likely]]
    return false;
  return byte < 0x20 || byte == '"' || byte == '\\' || (byte == 0x7f && escape_delete) ||
         (byte >= 0x80 && ascii);
}

// The first byte in [at, end) that cannot stand as it is.
const char* find_escape(const char* at, const char* end, bool ascii, bool escape_delete) {
  if (!ascii && !escape_delete) {
    for (; end - at >= 8; at += 8) {
      std::uint64_t word;
      std::memcpy(&word, at, 8);
      if (marks_escapes(word) != 0) break;
    }
  }
  while (at != end && !needs_escape(*at, ascii, escape_delete)) ++at;
  return at;
}

}  // namespace

void JsonTextOutput::flush() {
  bytes_ += used_;
  if (target_ != nullptr) target_->append(buffer_, used_);
  used_ = 0;
}

void JsonTextOutput::put_long(std::string_view text) {
  flush();
  bytes_ += text.size();
  if (target_ != nullptr) target_->append(text);
}

void JsonTextOutput::put_string(std::string_view text, bool ascii, bool escape_delete) {
  put('"');
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    const char* const escape = find_escape(at, end, ascii, escape_delete);
    put(std::string_view(at, escape));
    at = escape;
    if (at == end) break;
    if (static_cast<unsigned char>(*at) < 0x80) {
      put_escape(*at++);
      continue;
    }
    const char32_t code_point = next_code_point(at, end);
    if (code_point >= 0x10000) put_unicode_escape(0xd800 + ((code_point - 0x10000) >> 10));
    put_unicode_escape(code_point < 0x10000 ? code_point : 0xdc00 + (code_point & 0x3ff));
  }
  put('"');
}

void JsonTextOutput::put_escape(char c) {
  switch (c) {
    case '"':
      return put("\\\"");
    case '\\':
      return put("\\\\");
    case '\b':
      return put("\\b");
    case '\f':
      return put("\\f");
    case '\n':
      return put("\\n");
    case '\r':
      return put("\\r");
    case '\t':
      return put("\\t");
    default:
      put_unicode_escape(static_cast<unsigned char>(c));
  }
}

void JsonTextOutput::put_unicode_escape(char32_t unit) {
  static constexpr char kHex[] = "0123456789abcdef";
  put("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) put(kHex[unit >> shift & 0xf]);
}

}  // namespace linkspan::data
