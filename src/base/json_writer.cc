#include "base/json_writer.h"

#include <charconv>
#include <cmath>

#include "base/json_text.h"

namespace linkspan {

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
char* BasicJsonWriter<Output>::add_string(std::string_view text, std::size_t bytes_after) {
  if (!is_plain_json_text(text)) {
    char* out = place(json_string_bytes(text) + bytes_after, depth_);
    return out == nullptr ? nullptr : put_json_string(text, out);
  }
  char* out = place(text.size() + 2 + bytes_after, depth_);
  if (out == nullptr) return nullptr;
  *out++ = '"';
  out += text.copy(out, text.size());
  *out++ = '"';
  return out;
}

template <typename Output>
void BasicJsonWriter<Output>::key(std::string_view name) {
  const std::size_t start = output_.size();
  char* out = add_string(name, 1);
  if (out == nullptr) return;
  *out = ':';
  member_start_ = start;
  after_key_ = true;
}

template <typename Output>
void BasicJsonWriter<Output>::value(std::string_view text) {
  add_string(text, 0);
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
