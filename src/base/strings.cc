#include "base/strings.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <vector>

namespace linkspan {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x80 * kOnes;

std::uint64_t load_word(const char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// Lower case for eight bytes at once; bytes above 0x7f stay. Additions cannot carry since bit 7 is masked
// off.
std::uint64_t lower_word(std::uint64_t word) {
  const std::uint64_t low_bits = word & (0x7f * kOnes);
  const std::uint64_t from_a = low_bits + (0x80 - 'A') * kOnes;
  const std::uint64_t past_z = low_bits + (0x7f - 'Z') * kOnes;
  const std::uint64_t is_upper = (from_a ^ past_z) & ~word & kHighBits;
  return word | (is_upper >> 2);
}

bool same_ignoring_case(const char* a, const char* b, std::size_t size) {
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    if (lower_word(load_word(a + i)) != lower_word(load_word(b + i))) return false;
  }
  for (; i < size; ++i) {
    if (to_lower_ascii(a[i]) != to_lower_ascii(b[i])) return false;
  }
  return true;
}

}  // namespace

std::string to_lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = to_lower_ascii(c);
  return lower;
}

bool equals_ignore_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && same_ignoring_case(a.data(), b.data(), a.size());
}

bool starts_with_ignore_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && same_ignoring_case(text.data(), prefix.data(), prefix.size());
}

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::pair<std::string_view, std::optional<std::string_view>> split_once(std::string_view text,
                                                                        char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return {text, std::nullopt};
  return {text.substr(0, at), text.substr(at + 1)};
}

Split::Iterator::Iterator(std::string_view text, char separator, std::size_t start)
    : text_(text), separator_(separator), start_(start), size_(0) {
  if (start_ != std::string_view::npos)
    size_ = std::min(text_.find(separator_, start_), text_.size()) - start_;
}

Split::Iterator& Split::Iterator::operator++() {
  const std::size_t end = start_ + size_;
  *this = Iterator(text_, separator_, end == text_.size() ? std::string_view::npos : end + 1);
  return *this;
}

std::optional<std::uint64_t> parse_u64(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (__builtin_mul_overflow(value, std::uint64_t{10}, &value)) return std::nullopt;
    if (__builtin_add_overflow(value, digit, &value)) return std::nullopt;
  }
  return value;
}

std::size_t format_u64(std::uint64_t value, char* out) {
  const auto digit = [](std::uint64_t of) { return static_cast<char>('0' + of % 10); };
  if (value < 10) {
    *out = digit(value);
    return 1;
  }
  if (value < 1000) {  // statuses, milliseconds: what requests bring most
    const std::size_t size = value < 100 ? 2 : 3;
    if (size == 3) *out++ = digit(value / 100);
    out[0] = digit(value / 10);
    out[1] = digit(value);
    return size;
  }
  return static_cast<std::size_t>(std::to_chars(out, out + kMaxU64Digits, value).ptr - out);
}

void append_u64(std::string& text, std::uint64_t value) {
  char digits[kMaxU64Digits];
  text.append(digits, format_u64(value, digits));
}

void append_i64(std::string& text, std::int64_t value) {
  if (value >= 0) return append_u64(text, static_cast<std::uint64_t>(value));
  text += '-';
  append_u64(text, 0 - static_cast<std::uint64_t>(value));
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Rows of the table of optimal string alignment: two back, one back, and the current one.
  std::vector<std::size_t> older(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], older[j - 2] + 1);
      }
    }
    std::swap(older, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

std::string_view nearest_name(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr std::size_t kLongestWord = 80;
  if (word.empty() || word.size() > kLongestWord) return {};
  const std::string lower_word_text = to_lower_ascii(word);
  const std::size_t farthest = std::max<std::size_t>(1, word.size() / 3);
  std::string_view nearest;
  std::size_t nearest_distance = farthest + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t length_gap =
        candidate.size() > word.size() ? candidate.size() - word.size() : word.size() - candidate.size();
    if (length_gap >= nearest_distance) continue;
    const std::size_t distance = edit_distance(lower_word_text, to_lower_ascii(candidate));
    // A one-letter word is not near another one just because a single change would do.
    if (distance < nearest_distance && distance < std::max(word.size(), candidate.size())) {
      nearest = candidate;
      nearest_distance = distance;
    }
  }
  return nearest;
}

}  // namespace linkspan
