// Where JSON text goes while it is written: a small buffer, emptied into a string, or only counted. One per
// text; flush() at the end.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace linkspan::data {

class JsonTextOutput {
 public:
  // Appends to `target`; only counts where that is nullptr.
  explicit JsonTextOutput(std::string* target) : target_(target) {}
  JsonTextOutput(const JsonTextOutput&) = delete;
  JsonTextOutput& operator=(const JsonTextOutput&) = delete;

  void put(char c) {
    if (used_ == sizeof buffer_) [[unlikely]]
      flush();
    buffer_[used_++] = c;
  }
  void put(std::string_view text) {
    if (text.empty()) return;
    if (text.size() > sizeof buffer_ - used_) [[unlikely]]
      return put_long(text);
    std::memcpy(buffer_ + used_, text.data(), text.size());
    used_ += text.size();
  }
  void put(const char* text) { put(std::string_view(text)); }
  void fill(char c, std::size_t count) {
    while (count-- > 0) put(c);
  }
  // In quotes, escaped by RFC 8259 section 7: only what has to be, in the short form where there is one.
  void put_string(std::string_view text, bool ascii, bool escape_delete);

  void flush();
  std::size_t bytes() const { return bytes_; }

 private:
  void put_long(std::string_view text);
  void put_escape(char c);
  void put_unicode_escape(char32_t unit);

  std::string* target_;
  std::size_t used_ = 0;
  std::size_t bytes_ = 0;
  char buffer_[2048];
};

}  // namespace linkspan::data
