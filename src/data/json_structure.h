// The first pass over JSON text, by simdjson: checks UTF-8 and that strings end, and finds where brackets,
// commas, colons, strings and other tokens start. One object per thread; keeps its memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace linkspan::data {

class JsonStructure {
 public:
  struct Fault {
    std::size_t offset;
    const char* message;  // nullptr where all is well
  };

  JsonStructure();
  ~JsonStructure();
  JsonStructure(const JsonStructure&) = delete;
  JsonStructure& operator=(const JsonStructure&) = delete;

  // `text` of at most 4 GiB - 1 bytes; it needs no padding.
  Fault scan(std::string_view text);
  // Offsets in ascending order, then the text's size. Between two of them, a token and blanks after it.
  std::span<const std::uint32_t> starts() const { return starts_; }

 private:
  struct Scanner;
  std::unique_ptr<Scanner> scanner_;
  std::span<const std::uint32_t> starts_;
};

}  // namespace linkspan::data
