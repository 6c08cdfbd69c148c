#include "http/protocol_error.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/strings.h"

namespace linkspan::http {

namespace {

constexpr std::size_t kMaxEchoBytes = 40;
constexpr char kHexDigits[] = "0123456789abcdef";

}  // namespace

void ProtocolError::append(std::string_view text) {
  const std::size_t bytes = std::min(text.size(), text_.size() - size_);
  std::memcpy(text_.data() + size_, text.data(), bytes);
  size_ += static_cast<std::uint32_t>(bytes);
}

void ProtocolError::append_escaped(std::string_view text) {
  for (char c : text.substr(0, kMaxEchoBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\') {
      const char escaped[] = {'\\', 'x', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
      append({escaped, sizeof escaped});
    } else {
      append({&c, 1});
    }
  }
  if (text.size() > kMaxEchoBytes) append("...");
}

void ProtocolError::append_place(std::size_t offset) {
  char digits[kMaxU64Digits];
  append(", at byte ");
  append({digits, format_u64(offset, digits)});
}

void ProtocolError::set(const ErrorKind& kind, std::size_t offset, std::string_view what,
                        std::string_view echo) {
  kind_ = &kind;
  offset_ = offset;
  size_ = 0;
  append(what);
  if (!echo.empty()) {
    append(" \"");
    append_escaped(echo);
    append("\"");
  }
  append_place(offset);
}

void ProtocolError::set_byte(const ErrorKind& kind, std::size_t offset, char byte, std::string_view where) {
  const auto value = static_cast<unsigned char>(byte);
  const char hex[] = {kHexDigits[value >> 4], kHexDigits[value & 15]};
  kind_ = &kind;
  offset_ = offset;
  size_ = 0;
  append("byte 0x");
  append({hex, sizeof hex});
  append(" is not allowed in ");
  append(where);
  append_place(offset);
}

Error ProtocolError::to_error() const {
  return Error(*kind_, std::string(detail()));
}

}  // namespace linkspan::http
