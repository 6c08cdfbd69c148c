#include "base/json_writer.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace linkspan {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x80 * kOnes;
constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

constexpr bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

// How many leading bytes stand for themselves. Eight at a time: a borrow out of a byte that is already too
// small can only mark a higher byte wrongly, and then the bytewise loop decides.
std::size_t plain_prefix(std::string_view text) {
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, sizeof word);
    const std::uint64_t quote = word ^ ('"' * kOnes);
    const std::uint64_t backslash = word ^ ('\\' * kOnes);
    const std::uint64_t special = (word - 0x20 * kOnes) | word | (quote - kOnes) | (backslash - kOnes);
    if ((special & kHighBits) != 0) break;
  }
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

std::size_t escaped_size(std::string_view text) {
  std::size_t size = 0;
  escape(text, [&size](std::string_view piece) { size += piece.size(); });
  return size;
}

// Writes the string in quotes; returns past its end.
char* put_string(std::string_view text, char* out) {
  *out++ = '"';
  escape(text, [&out](std::string_view piece) {
    std::memcpy(out, piece.data(), piece.size());
    out += piece.size();
  });
  *out++ = '"';
  return out;
}

}  // namespace

template <typename Output>
char* BasicJsonWriter<Output>::place(std::size_t bytes, std::size_t owed) {
  if (truncated_) return nullptr;
  const std::uint64_t depth_bit = depth_ == 0 ? 0 : std::uint64_t{1} << (depth_ - 1);
  const bool comma = !after_key_ && (has_members_ & depth_bit) != 0;
  char* out = output_.extend(bytes + (comma ? 1 : 0), owed);
  if (out == nullptr) {
    truncate();
    return nullptr;
  }
  if (comma) *out++ = ',';
  has_members_ |= depth_bit;
  after_key_ = false;
  return out;
}

template <typename Output>
void BasicJsonWriter<Output>::truncate() {
  if (after_key_) output_.shrink(member_start_);
  after_key_ = false;
  truncated_ = true;
}

template <typename Output>
void BasicJsonWriter<Output>::begin(char opener) {
  if (depth_ == kMaxDepth) truncate();
  if (char* out = place(1, depth_ + 1)) {
    *out = opener;
    ++depth_;
    has_members_ &= ~(std::uint64_t{1} << (depth_ - 1));
  } else {
    ++skipped_depth_;
  }
}

template <typename Output>
void BasicJsonWriter<Output>::end(char closer) {
  if (skipped_depth_ > 0) {
    --skipped_depth_;
    return;
  }
  if (depth_ == 0) return;
  --depth_;
  if (char* out = output_.extend(1, depth_)) *out = closer;  // its place was kept
}

template <typename Output>
void BasicJsonWriter<Output>::key(std::string_view name) {
  const std::size_t start = output_.size();
  char* out = place(escaped_size(name) + 3, depth_);
  if (out == nullptr) return;
  *put_string(name, out) = ':';
  member_start_ = start;
  after_key_ = true;
}

template <typename Output>
void BasicJsonWriter<Output>::value(std::string_view text) {
  if (char* out = place(escaped_size(text) + 2, depth_)) put_string(text, out);
}

template <typename Output>
void BasicJsonWriter<Output>::add_value(std::string_view json) {
  if (char* out = place(json.size(), depth_)) json.copy(out, json.size());
}

template <typename Output>
void BasicJsonWriter<Output>::value(std::int64_t number) {
  char digits[24];
  add_value({digits, std::to_chars(digits, digits + sizeof digits, number).ptr});
}

template <typename Output>
void BasicJsonWriter<Output>::value(std::uint64_t number) {
  char digits[24];
  add_value({digits, std::to_chars(digits, digits + sizeof digits, number).ptr});
}

template <typename Output>
void BasicJsonWriter<Output>::value(double number) {
  char digits[32];
  if (!std::isfinite(number)) return null();
  add_value({digits, std::to_chars(digits, digits + sizeof digits, number).ptr});
}

template <typename Output>
void BasicJsonWriter<Output>::value(bool truth) {
  add_value(truth ? "true" : "false");
}

template <typename Output>
void BasicJsonWriter<Output>::null() {
  add_value("null");
}

template <typename Output>
void BasicJsonWriter<Output>::raw(std::string_view json) {
  add_value(json);
}

template class BasicJsonWriter<FixedJsonOutput>;
template class BasicJsonWriter<StringJsonOutput>;

}  // namespace linkspan
