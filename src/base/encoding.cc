// Hexadecimal and base64 of strings.h.
#include <array>
#include <limits>

#include "base/strings.h"

namespace linkspan {
namespace {

constexpr std::uint8_t kNone = 0xff;
constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using ReverseTable = std::array<std::uint8_t, 256>;

constexpr ReverseTable reverse_hex() {
  ReverseTable table;
  table.fill(kNone);
  for (std::uint8_t i = 0; i < 10; ++i) table[static_cast<std::uint8_t>('0' + i)] = i;
  for (std::uint8_t i = 0; i < 6; ++i) {
    table[static_cast<std::uint8_t>('a' + i)] = table[static_cast<std::uint8_t>('A' + i)] =
        static_cast<std::uint8_t>(10 + i);
  }
  return table;
}

constexpr ReverseTable kFromHex = reverse_hex();

constexpr ReverseTable reverse_base64(std::string_view digits) {
  ReverseTable table;
  table.fill(kNone);
  for (std::uint8_t i = 0; i < 64; ++i) table[static_cast<std::uint8_t>(digits[i])] = i;
  return table;
}

constexpr ReverseTable kFromStandard = reverse_base64(kStandard);
constexpr ReverseTable kFromUrl = reverse_base64(kUrl);

std::uint8_t hex_digit(char c) {
  return kFromHex[static_cast<std::uint8_t>(c)];
}

}  // namespace

std::optional<std::uint64_t> parse_hex_u64(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    const std::uint8_t digit = hex_digit(c);
    if (digit == kNone || value > (std::numeric_limits<std::uint64_t>::max() >> 4)) return std::nullopt;
    value = (value << 4) | digit;
  }
  return value;
}

void encode_hex(std::span<const std::uint8_t> bytes, char* out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (const std::uint8_t byte : bytes) {
    *out++ = kDigits[byte >> 4];
    *out++ = kDigits[byte & 0xf];
  }
}

std::string encode_hex(std::span<const std::uint8_t> bytes) {
  std::string text(2 * bytes.size(), '\0');
  encode_hex(bytes, text.data());
  return text;
}

bool decode_hex(std::string_view text, std::span<std::uint8_t> out) {
  if (text.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint8_t high = hex_digit(text[2 * i]);
    const std::uint8_t low = hex_digit(text[2 * i + 1]);
    if (high == kNone || low == kNone) return false;
    out[i] = static_cast<std::uint8_t>((high << 4) | low);
  }
  return true;
}

std::string encode_base64(std::span<const std::uint8_t> bytes, Base64Alphabet alphabet) {
  const std::string_view digits = alphabet == Base64Alphabet::standard ? kStandard : kUrl;
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t group = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = static_cast<std::uint32_t>(bytes[i]) << 16;
    if (group > 1) bits |= static_cast<std::uint32_t>(bytes[i + 1]) << 8;
    if (group > 2) bits |= bytes[i + 2];
    for (std::size_t j = 0; j <= group; ++j) text += digits[(bits >> (18 - 6 * j)) & 0x3f];
    if (alphabet == Base64Alphabet::standard) text.append(3 - group, '=');
  }
  return text;
}

std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text, Base64Alphabet alphabet) {
  const ReverseTable& table = alphabet == Base64Alphabet::standard ? kFromStandard : kFromUrl;
  if (text.ends_with('=')) {
    if (text.size() % 4 != 0) return std::nullopt;
    text.remove_suffix(text.ends_with("==") ? 2 : 1);
  }
  if (text.size() % 4 == 1) return std::nullopt;
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned held = 0;  // bits of `bits` that are not yet written
  for (const char c : text) {
    const std::uint8_t digit = table[static_cast<std::uint8_t>(c)];
    if (digit == kNone) return std::nullopt;
    bits = (bits << 6 | digit) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<std::uint8_t>(bits >> held));
  }
  // RFC 4648 section 3.5: bits that stand for nothing are zero.
  if ((bits & ((1U << held) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace linkspan
