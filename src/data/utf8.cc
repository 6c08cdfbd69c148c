#include "data/utf8.h"

#include <cstdint>
#include <cstring>

namespace linkspan::data {

namespace {

// Bytes of the character with which [at, end) starts; 0 if it is not valid.
std::size_t character_bytes(const unsigned char* at, const unsigned char* end) {
  const unsigned char lead = *at;
  if (lead < 0x80) return 1;
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || static_cast<std::size_t>(end - at) < bytes) return 0;
  // The second byte tells overlong forms, surrogates and what is above U+10FFFF.
  const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (at[1] < low || at[1] > high) return 0;
  for (std::size_t i = 2; i < bytes; ++i)
    if ((at[i] & 0xc0) != 0x80) return 0;
  return bytes;
}

}  // namespace

std::size_t valid_utf8_bytes(std::string_view text) {
  const auto* const begin = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = begin + text.size();
  const auto* at = begin;
  while (at != end) {
    while (end - at >= 8) {
      std::uint64_t word;
      std::memcpy(&word, at, 8);
      if ((word & 0x8080808080808080) != 0) break;
      at += 8;
    }
    if (at == end) break;
    const std::size_t bytes = character_bytes(at, end);
    if (bytes == 0) break;
    at += bytes;
  }
  return static_cast<std::size_t>(at - begin);
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t valid = valid_utf8_bytes(text);
    out += text.substr(0, valid);
    if (valid == text.size()) return out;
    out += "\xef\xbf\xbd";
    text.remove_prefix(valid + 1);
    while (!text.empty() && (static_cast<unsigned char>(text[0]) & 0xc0) == 0x80) text.remove_prefix(1);
  }
}

char* put_utf8(char32_t code_point, char* out) {
  const auto put = [&](char32_t byte) { *out++ = static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xc0 | code_point >> 6);
    put(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    put(0xe0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3f));
    put(0x80 | (code_point & 0x3f));
  } else {
    put(0xf0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3f));
    put(0x80 | (code_point >> 6 & 0x3f));
    put(0x80 | (code_point & 0x3f));
  }
  return out;
}

char32_t next_code_point(const char*& at, const char* end) {
  const auto next = [&] { return static_cast<char32_t>(static_cast<unsigned char>(*at++)); };
  const char32_t lead = next();
  if (lead < 0x80) return lead;
  char32_t code_point = lead < 0xe0 ? lead & 0x1f : lead < 0xf0 ? lead & 0x0f : lead & 0x07;
  for (int more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3; more > 0 && at != end; --more)
    code_point = code_point << 6 | (next() & 0x3f);
  return code_point;
}

}  // namespace linkspan::data
