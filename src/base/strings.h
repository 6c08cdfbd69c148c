// Text primitives of protocol code. ASCII only, independent of locale, no allocation unless a std::string is
// returned. Pure functions: any thread, inputs are views that need to live for the call (and as long as views
// cut out of them).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace linkspan {

constexpr char to_lower_ascii(char c) {
  return (c >= 'A' && c <= 'Z') ? static_cast<char>(c | 0x20) : c;
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
std::string to_lower_ascii(std::string_view text);

// ASCII case-insensitive; bytes above 0x7f compare as they are.
bool equals_ignore_case(std::string_view a, std::string_view b);
bool starts_with_ignore_case(std::string_view text, std::string_view prefix);

// Without leading and trailing SP and HTAB (OWS of RFC 9110 section 5.6.3).
std::string_view trim(std::string_view text);

// Before and after the first `separator`; the second is nullopt where there is none.
std::pair<std::string_view, std::optional<std::string_view>> split_once(std::string_view text,
                                                                        char separator);

// The parts of `text` between separators, as views, untrimmed; "a,,b" has three parts and "" has one.
//   for (std::string_view part : split(value, ',')) ...
class Split {
 public:
  class Iterator {
   public:
    std::string_view operator*() const { return text_.substr(start_, size_); }
    Iterator& operator++();
    bool operator==(const Iterator& other) const { return start_ == other.start_; }

   private:
    friend class Split;
    Iterator(std::string_view text, char separator, std::size_t start);

    std::string_view text_;
    char separator_;
    std::size_t start_;  // npos past the last part
    std::size_t size_;
  };

  Split(std::string_view text, char separator) : text_(text), separator_(separator) {}
  Iterator begin() const { return {text_, separator_, 0}; }
  Iterator end() const { return {text_, separator_, std::string_view::npos}; }

 private:
  std::string_view text_;
  char separator_;
};
inline Split split(std::string_view text, char separator) {
  return {text, separator};
}

// Digits only (no sign, no space, not empty), overflow refused.
std::optional<std::uint64_t> parse_u64(std::string_view text);
// The same in hexadecimal, either case, no "0x".
std::optional<std::uint64_t> parse_hex_u64(std::string_view text);

inline constexpr std::size_t kMaxU64Digits = 20;
// Writes decimal digits to `out`, which has room for kMaxU64Digits; returns how many.
std::size_t format_u64(std::uint64_t value, char* out);
void append_u64(std::string& text, std::uint64_t value);
void append_i64(std::string& text, std::int64_t value);

// Lower-case hex; `out` has room for 2 * bytes.size().
void encode_hex(std::span<const std::uint8_t> bytes, char* out);
std::string encode_hex(std::span<const std::uint8_t> bytes);
// Either case. False if `text` is not exactly 2 * out.size() hex digits; then `out` is unspecified.
bool decode_hex(std::string_view text, std::span<std::uint8_t> out);

enum class Base64Alphabet : unsigned char { standard, url };  // RFC 4648 sections 4 and 5
// Padded for standard, unpadded for url (as JOSE and PKCE want it).
std::string encode_base64(std::span<const std::uint8_t> bytes,
                          Base64Alphabet alphabet = Base64Alphabet::standard);
// With or without its padding, nothing else besides (no line ends): nullopt for everything that encode_base64
// would not write, up to the padding.
std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text,
                                                       Base64Alphabet alphabet = Base64Alphabet::standard);

inline std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Number of insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);
// The candidate that a person most likely meant, for "did you mean"; empty if none is near enough to suggest.
std::string_view nearest_name(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace linkspan
