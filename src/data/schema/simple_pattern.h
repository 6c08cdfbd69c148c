// The patterns that most schemas have: "^" and then a row of characters and classes, each so and so often,
// such as
// ^[A-Z]{2}-\d{5}$ or ^[^@]+@[^@]+$. Where what may come next always decides, they are matched in one pass
// over the text, many times quicker than a general engine. Immutable; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace linkspan::data::schema {

class SimplePattern {
 public:
  // nullopt for whatever is not of this form: groups, alternatives, escapes of other than punctuation and \d,
  // \w, a class that repeats before one that it overlaps, characters beyond ASCII but for a class that
  // excludes some. A pattern that is none of ECMA-262's is nullopt too.
  static std::optional<SimplePattern> parse(std::string_view source);

  bool matches(std::string_view text) const;

 private:
  struct Part {
    std::array<std::uint64_t, 2> ascii{};
    bool beyond_ascii = false;  // all characters from U+0080 on, or none
    std::size_t min = 1;
    std::size_t max = 1;

    bool has(unsigned char byte) const {
      return byte < 128 ? (ascii[byte >> 6] >> (byte & 63) & 1) != 0 : beyond_ascii;
    }
    void add(unsigned char first, unsigned char last);
    bool overlaps(const Part& other) const;
  };
  class Parser;

  bool is_decided() const;

  std::vector<Part> parts_;
  bool to_end_ = false;
};

}  // namespace linkspan::data::schema
