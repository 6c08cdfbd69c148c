#include "data/schema/idn.h"

#include <algorithm>
#include <cstdint>

#include "base/strings.h"

namespace linkspan::data::schema {

namespace {

constexpr std::size_t kMaxLabel = 59;  // characters that leave room for "xn--" in 63 bytes

bool is_mark(char32_t c) {
  return (c >= 0x300 && c <= 0x36f) || (c >= 0x488 && c <= 0x489) || c == 0x903 || c == 0x93b ||
         c == 0x1dc0 || (c >= 0x20d0 && c <= 0x20ff);
}

bool is_disallowed(char32_t c) {
  return c < 0x2d || c == '.' || c == '/' || (c >= ':' && c <= '`' && !(c >= 'A' && c <= 'Z')) ||
         (c >= '{' && c < 0xb7) || (c >= 0x2000 && c <= 0x200b) || (c >= 0x200e && c <= 0x2b5f) ||
         (c >= 0x3001 && c <= 0x3004) || (c >= 0x302e && c <= 0x302f) || c == 0x640 || c == 0x7fa ||
         c == 0x303b || (c >= 0x3031 && c <= 0x3035) || (c >= 0xe000 && c <= 0xf8ff);
}

bool is_greek(char32_t c) {
  return (c >= 0x370 && c <= 0x3ff) || (c >= 0x1f00 && c <= 0x1fff);
}
bool is_hebrew(char32_t c) {
  return c >= 0x590 && c <= 0x5ff;
}
bool is_kana_or_han(char32_t c) {
  return (c >= 0x3040 && c <= 0x30ff && c != 0x30fb) || (c >= 0x3400 && c <= 0x9fff) || c == 0x3005 ||
         c == 0x3007;
}
bool is_virama(char32_t c) {
  return c == 0x94d || c == 0x9cd || c == 0xa4d || c == 0xacd || c == 0xb4d || c == 0xbcd || c == 0xc4d ||
         c == 0xccd || c == 0xd4d || c == 0xdca;
}

// The contextual rules of RFC 5892 appendix A for one character.
bool fits_neighbours(char32_t before, char32_t c, char32_t after) {
  switch (c) {
    case 0xb7:
      return before == 'l' && after == 'l';
    case 0x375:
      return is_greek(after);
    case 0x5f3:
    case 0x5f4:
      return is_hebrew(before);
    case 0x200d:
      return is_virama(before);
    default:
      return true;
  }
}

}  // namespace

bool is_u_label(std::u32string_view label) {
  if (label.empty() || label.size() > kMaxLabel || label.front() == '-' || label.back() == '-') return false;
  if (label.size() >= 4 && label[2] == '-' && label[3] == '-') return false;
  if (is_mark(label.front())) return false;
  for (std::size_t i = 0; i < label.size(); ++i) {
    const char32_t before = i == 0 ? 0 : label[i - 1];
    const char32_t after = i + 1 == label.size() ? 0 : label[i + 1];
    if (is_disallowed(label[i]) || !fits_neighbours(before, label[i], after)) return false;
  }
  const auto has = [&](auto is) { return std::any_of(label.begin(), label.end(), is); };
  if (has([](char32_t c) { return c == 0x30fb; }) && !has(is_kana_or_han)) return false;
  const bool arabic_digits = has([](char32_t c) { return c >= 0x660 && c <= 0x669; });
  const bool extended_digits = has([](char32_t c) { return c >= 0x6f0 && c <= 0x6f9; });
  return !(arabic_digits && extended_digits) && has([](char32_t c) { return c >= 128; });
}

std::optional<std::u32string> decode_punycode(std::string_view text) {
  constexpr std::uint64_t kBase = 36, kLowest = 1, kHighest = 26, kSkew = 38, kDamp = 700;
  std::u32string out;
  if (const std::size_t hyphen = text.rfind('-'); hyphen != std::string_view::npos) {
    for (const char c : text.substr(0, hyphen)) out += static_cast<char32_t>(static_cast<unsigned char>(c));
    text.remove_prefix(hyphen + 1);
  }
  std::uint64_t code_point = 128, bias = 72, index = 0;
  while (!text.empty()) {
    const std::uint64_t before = index;
    std::uint64_t weight = 1;
    for (std::uint64_t k = kBase;; k += kBase) {
      if (text.empty()) return std::nullopt;
      const char c = to_lower_ascii(text.front());
      text.remove_prefix(1);
      if (!is_digit(c) && !is_alpha(c)) return std::nullopt;
      const auto digit = static_cast<std::uint64_t>(is_digit(c) ? c - '0' + 26 : c - 'a');
      index += digit * weight;
      const std::uint64_t threshold = k <= bias ? kLowest : k >= bias + kHighest ? kHighest : k - bias;
      if (digit < threshold) break;
      weight *= kBase - threshold;
      if (weight > 0xffffffff || index > 0xffffffff) return std::nullopt;
    }
    const std::uint64_t size = out.size() + 1;
    std::uint64_t delta = before == 0 ? (index - before) / kDamp : (index - before) / 2;
    delta += delta / size;
    std::uint64_t k = 0;
    for (; delta > (kBase - kLowest) * kHighest / 2; k += kBase) delta /= kBase - kLowest;
    bias = k + (kBase - kLowest + 1) * delta / (delta + kSkew);
    code_point += index / size;
    index %= size;
    if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point < 0xe000)) return std::nullopt;
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(index), static_cast<char32_t>(code_point));
    ++index;
  }
  return out;
}

}  // namespace linkspan::data::schema
