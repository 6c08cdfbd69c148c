// Writes JSON text forwards, straight into the place where it is wanted: access-log lines, problem details,
// /status.
//
// JsonWriter writes into a buffer of fixed size and never past it. What does not fit is left out at the
// boundary of a value, together with its key and all that would follow, and the text is still closed
// properly: always valid JSON, `truncated()` tells. JsonStringWriter appends to a std::string and never
// truncates.
//
//   JsonWriter json(buffer);
//   json.begin_object();
//   json.member("status", 502);
//   json.key("tries"); json.begin_array(); json.value("a"); json.end_array();
//   json.end_object();
//   send(json.text());
//
// The caller keeps the order right (a key before each value of an object, one end for each begin); nesting is
// limited to 64. Strings are escaped by RFC 8259 section 7, invalid UTF-8 becomes U+FFFD. NaN and infinity
// become null. Not shared between threads; no allocation in JsonWriter.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace linkspan {

// Where the text goes. extend() makes the text longer by `bytes`, to be filled in, and returns their place;
// or returns nullptr if they and the `owed` closing brackets would not fit.
class FixedJsonOutput {
 public:
  explicit FixedJsonOutput(std::span<char> buffer) : data_(buffer.data()), capacity_(buffer.size()) {}
  char* extend(std::size_t bytes, std::size_t owed) {
    if (capacity_ - size_ < bytes + owed) return nullptr;
    size_ += bytes;
    return data_ + size_ - bytes;
  }
  void shrink(std::size_t size) { size_ = size; }
  std::size_t size() const { return size_; }
  std::string_view text() const { return {data_, size_}; }

 private:
  char* data_;
  std::size_t capacity_;
  std::size_t size_ = 0;
};

class StringJsonOutput {
 public:
  explicit StringJsonOutput(std::string& target) : target_(target), start_(target.size()) {}
  char* extend(std::size_t bytes, std::size_t /*owed*/) {
    target_.resize(target_.size() + bytes);
    return target_.data() + target_.size() - bytes;
  }
  void shrink(std::size_t size) { target_.resize(start_ + size); }
  std::size_t size() const { return target_.size() - start_; }
  std::string_view text() const { return std::string_view(target_).substr(start_); }

 private:
  std::string& target_;
  std::size_t start_;
};

template <typename Output>
class BasicJsonWriter {
 public:
  // JsonWriter takes a std::span<char>, JsonStringWriter a std::string& to append to (complete once the
  // writer ends).
  template <typename Target>
  explicit BasicJsonWriter(Target&& target) : output_(target) {}

  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }

  void key(std::string_view name);

  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(std::int64_t number);
  void value(std::uint64_t number);
  void value(double number);
  void value(bool truth);
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  void value(T number) {
    if constexpr (std::is_signed_v<T>) {
      value(static_cast<std::int64_t>(number));
    } else {
      value(static_cast<std::uint64_t>(number));
    }
  }
  void null();
  // Text that is JSON already; it is not checked.
  void raw(std::string_view json);

  template <typename T>
  void member(std::string_view name, const T& content) {
    key(name);
    value(content);
  }

  bool truncated() const { return truncated_; }
  std::size_t size() const { return output_.size(); }
  std::string_view text() const { return output_.text(); }

 private:
  static constexpr unsigned kMaxDepth = 64;

  void begin(char opener);
  void end(char closer);
  // Makes place for a comma if one is due and `bytes` of a key or value; nullptr (and truncated) if they do
  // not fit.
  char* place(std::size_t bytes, std::size_t owed);
  // Adds a string and room for `bytes_after` more; returns where those go, or nullptr.
  char* add_string(std::string_view text, std::size_t bytes_after);
  void add_value(std::string_view json);
  void truncate();

  Output output_;
  std::uint64_t has_members_ = 0;  // bit per depth: a comma is due before the next member
  std::size_t member_start_ = 0;   // where to cut if the value of the pending key does not fit
  unsigned depth_ = 0;
  unsigned skipped_depth_ = 0;  // begins left out since truncation, whose ends are left out too
  bool after_key_ = false;
  bool truncated_ = false;
};

extern template class BasicJsonWriter<FixedJsonOutput>;
extern template class BasicJsonWriter<StringJsonOutput>;

using JsonWriter = BasicJsonWriter<FixedJsonOutput>;
using JsonStringWriter = BasicJsonWriter<StringJsonOutput>;

}  // namespace linkspan
