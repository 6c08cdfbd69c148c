#include "base/json_text.h"

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace linkspan {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x80 * kOnes;
constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

constexpr bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

// Nonzero in the high bit of some byte if one of the eight needs attention: below 0x20, above 0x7f, a quote
// or a backslash. A borrow out of a byte that is marked already may mark its neighbour wrongly, which changes
// nothing.
std::uint64_t special_bytes(std::uint64_t word) {
  const std::uint64_t quote = word ^ ('"' * kOnes);
  const std::uint64_t backslash = word ^ ('\\' * kOnes);
  return ((word - 0x20 * kOnes) | word | (quote - kOnes) | (backslash - kOnes)) & kHighBits;
}

template <typename Word>
std::uint64_t load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

#if defined(__SSE2__)
// The same of sixteen bytes; any bit set means yes. Compared as signed, bytes above 0x7f are below 0x20.
__m128i special_bytes(__m128i bytes) {
  const __m128i odd = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  return _mm_or_si128(odd, _mm_or_si128(quote, backslash));
}
#endif

// Copies a text of at least sizeof(Word) bytes word by word, the last overlapping the one before, and tells
// whether every byte stands for itself.
template <typename Word>
bool copy_words(std::string_view text, char* out) {
  Word seen{};
  const auto step = [&](std::size_t at) {
    Word word;
    std::memcpy(&word, text.data() + at, sizeof word);
    std::memcpy(out + at, &word, sizeof word);
    seen |= special_bytes(word);
  };
  const std::size_t last = text.size() - sizeof(Word);
  for (std::size_t at = 0; at < last; at += sizeof(Word)) step(at);
  step(last);
#if defined(__SSE2__)
  if constexpr (sizeof(Word) == 16) return _mm_movemask_epi8(seen) == 0;
#endif
  if constexpr (sizeof(Word) == 8) return seen == 0;
}

// Copies the text as it is; false if some byte needs an escape, and then `out` is to be written anew.
bool copy_plain(std::string_view text, char* out) {
#if defined(__SSE2__)
  if (text.size() >= 16) return copy_words<__m128i>(text, out);
#endif
  if (text.size() >= 8) return copy_words<std::uint64_t>(text, out);
  if (text.size() >= 4) {
    const char* const last = text.data() + text.size() - 4;
    const std::uint64_t both = load<std::uint32_t>(text.data()) | load<std::uint32_t>(last) << 32;
    std::memcpy(out, text.data(), 4);
    std::memcpy(out + text.size() - 4, last, 4);
    return special_bytes(both) == 0;
  }
  bool plain = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out[i] = text[i];
    plain = plain && is_plain(text[i]);
  }
  return plain;
}

// How many leading bytes stand for themselves.
std::size_t plain_prefix(std::string_view text) {
  std::size_t i = 0;
  while (i + 8 <= text.size() && special_bytes(load<std::uint64_t>(text.data() + i)) == 0) i += 8;
  while (i < text.size() && is_plain(text[i])) ++i;
  return i;
}

struct Utf8Step {
  std::size_t size;  // bytes to go on by
  bool valid;
};

// The sequence at the start of `text`, by table 3-7 of the Unicode standard; of a broken one, the part that
// could have been a beginning, so that it gives one U+FFFD as in browsers.
Utf8Step utf8_step(std::string_view text) {
  const auto byte_at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte_at(0);
  if (lead < 0x80) return {1, true};
  if (lead < 0xc2 || lead > 0xf4) return {1, false};
  const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
  if (lead == 0xe0) low = 0xa0;
  if (lead == 0xed) high = 0x9f;
  if (lead == 0xf0) low = 0x90;
  if (lead == 0xf4) high = 0x8f;
  for (std::size_t i = 1; i < size; ++i) {
    if (i >= text.size() || byte_at(i) < low || byte_at(i) > high) return {i, false};
    low = 0x80;
    high = 0xbf;
  }
  return {size, true};
}

// The escape sequence of an ASCII character that needs one; returns its size.
std::size_t escape_ascii(char c, char (&out)[6]) {
  static constexpr std::string_view kShort = "\"\\\b\f\n\r\t";
  static constexpr std::string_view kLetters = "\"\\bfnrt";
  static constexpr char kDigits[] = "0123456789abcdef";
  out[0] = '\\';
  const std::size_t at = kShort.find(c);
  if (at != std::string_view::npos) {
    out[1] = kLetters[at];
    return 2;
  }
  const auto byte = static_cast<unsigned char>(c);
  const char escaped[] = {'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 0xf]};
  std::memcpy(out + 1, escaped, sizeof escaped);
  return 6;
}

// Calls `put` with each piece of the escaped text in turn.
template <typename Put>
void escape(std::string_view text, Put put) {
  while (!text.empty()) {
    const std::size_t plain = plain_prefix(text);
    if (plain > 0) put(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) return;
    if (static_cast<unsigned char>(text.front()) < 0x80) {
      char escaped[6];
      put(std::string_view(escaped, escape_ascii(text.front(), escaped)));
      text.remove_prefix(1);
    } else {
      const Utf8Step step = utf8_step(text);
      put(step.valid ? text.substr(0, step.size) : kReplacement);
      text.remove_prefix(step.size);
    }
  }
}

}  // namespace

bool is_plain_json_text(std::string_view text) {
  const std::size_t size = text.size();
  const char* const data = text.data();
  if (size >= 8) {
    for (std::size_t i = 0; i + 8 < size; i += 8) {
      if (special_bytes(load<std::uint64_t>(data + i)) != 0) return false;
    }
    return special_bytes(load<std::uint64_t>(data + size - 8)) == 0;  // overlaps what was seen
  }
  if (size >= 4) {
    return special_bytes(load<std::uint32_t>(data) | load<std::uint32_t>(data + size - 4) << 32) == 0;
  }
  for (const char c : text) {
    if (!is_plain(c)) return false;
  }
  return true;
}

std::size_t json_string_bytes(std::string_view text) {
  if (is_plain_json_text(text)) return text.size() + 2;
  std::size_t size = 2;
  escape(text, [&size](std::string_view piece) { size += piece.size(); });
  return size;
}

char* put_json_string(std::string_view text, char* out) {
  *out++ = '"';
  if (copy_plain(text, out)) {
    out += text.size();
  } else {
    escape(text, [&out](std::string_view piece) { out += piece.copy(out, piece.size()); });
  }
  *out++ = '"';
  return out;
}

}  // namespace linkspan
