// What a codec found wrong, without allocation: a kind of the catalogue, where in the input, and a line for a
// person. Details name the place and the rule. They echo input escaped and clipped, and never the value of a
// field.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace linkspan::http {

class ProtocolError {
 public:
  ProtocolError() = default;

  // The text is `what`, then if given `echo` in quotes (escaped, clipped), then the place.
  // Cold: the compiler moves what leads here out of the way of what goes well.
  [[gnu::cold]] void set(const ErrorKind& kind, std::size_t offset, std::string_view what,
                         std::string_view echo = {});

  // "byte 0x0b is not allowed in WHERE", then the place.
  [[gnu::cold]] void set_byte(const ErrorKind& kind, std::size_t offset, char byte, std::string_view where);

  bool is_set() const { return kind_ != nullptr; }
  void clear() { kind_ = nullptr; }
  const ErrorKind& kind() const { return *kind_; }  // only if is_set()
  std::size_t offset() const {
    return offset_;
  }  // bytes from the start of the message (chunked: of the body)
  std::string_view detail() const { return {text_.data(), size_}; }

  // The allocating form, for paths that carry Result<T>.
  Error to_error() const;

 private:
  void append(std::string_view text);
  void append_escaped(std::string_view text);
  void append_place(std::size_t offset);

  const ErrorKind* kind_ = nullptr;
  std::size_t offset_ = 0;
  std::uint32_t size_ = 0;
  std::array<char, 220> text_;
};

}  // namespace linkspan::http
