#include "data/xml/encoding.h"

#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/utf8.h"

namespace linkspan::data::xml {

namespace {

void append_code_point(std::string& out, char32_t code_point) {
  char bytes[4];
  out.append(bytes, put_utf8(code_point, bytes));
}

// Appends what is valid; bytes of `units` read.
std::size_t decode_utf16(std::string_view units, bool little, std::string& out) {
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(units[at]);
    const auto second = static_cast<unsigned char>(units[at + 1]);
    return static_cast<char32_t>(little ? second << 8 | first : first << 8 | second);
  };
  std::size_t at = 0;
  while (units.size() - at >= 2) {
    const char32_t high = unit(at);
    if (high < 0xd800 || high > 0xdfff) {
      append_code_point(out, high);
      at += 2;
      continue;
    }
    if (high > 0xdbff || units.size() - at < 4) break;
    const char32_t low = unit(at + 2);
    if (low < 0xdc00 || low > 0xdfff) break;
    append_code_point(out, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
    at += 4;
  }
  return at;
}

// The byte, in the text as it came, of what stands at `offset` of the decoded text.
std::size_t source_byte(const Text& text, std::size_t offset) {
  if (text.encoding == Encoding::utf8) return text.mark_bytes + offset;
  std::size_t bytes = text.mark_bytes;
  for (const char c : std::string_view(text.utf8).substr(0, offset)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0xf0)
      bytes += 4;
    else if (byte < 0x80 || byte >= 0xc0)
      bytes += 2;
  }
  return bytes;
}

Encoding detect(std::string_view bytes, std::size_t& mark_bytes) {
  using namespace std::string_view_literals;
  mark_bytes = bytes.starts_with("\xef\xbb\xbf"sv) ? 3 : 0;
  if (mark_bytes > 0) return Encoding::utf8;
  mark_bytes = bytes.starts_with("\xff\xfe"sv) || bytes.starts_with("\xfe\xff"sv) ? 2 : 0;
  if (bytes.starts_with("\xff\xfe"sv) || bytes.starts_with("<\0"sv)) return Encoding::utf16_little;
  if (bytes.starts_with("\xfe\xff"sv) || bytes.starts_with("\0<"sv)) return Encoding::utf16_big;
  return Encoding::utf8;
}

}  // namespace

Result<Text> decode(std::string_view bytes, const XmlLimits& limits) {
  if (bytes.size() > limits.max_bytes) {
    return Error(errors::xml_too_large,
                 "the text is longer than max_bytes, " + std::to_string(limits.max_bytes));
  }
  Text text;
  text.encoding = detect(bytes, text.mark_bytes);
  const std::string_view content = bytes.substr(text.mark_bytes);
  if (text.encoding == Encoding::utf8) {
    const std::size_t valid = valid_utf8_bytes(content);
    text.utf8 = content.substr(0, valid);
    if (valid < content.size()) return error_at(errors::xml_invalid, text, valid, "invalid UTF-8");
    return text;
  }
  text.utf8.reserve(content.size());
  if (decode_utf16(content, text.encoding == Encoding::utf16_little, text.utf8) < content.size())
    return error_at(errors::xml_invalid, text, text.utf8.size(), "invalid UTF-16");
  return text;
}

Error error_at(const ErrorKind& kind, const Text& text, std::size_t offset, std::string_view message) {
  std::size_t line = 1;
  std::size_t column = 1;
  for (const char c : std::string_view(text.utf8).substr(0, offset)) {
    if (c == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
      ++column;
    }
  }
  std::string detail = "line ";
  append_u64(detail, line);
  detail += ", column ";
  append_u64(detail, column);
  detail += ", byte ";
  append_u64(detail, source_byte(text, offset));
  detail += ": ";
  detail += message;
  return Error(kind, std::move(detail));
}

}  // namespace linkspan::data::xml
