// A regular expression of ECMA-262 as `pattern` and `patternProperties` have it: found anywhere in the text.
//
// By our own matcher where the pattern is simple, else by RE2, in time that grows with the text alone,
// wherever RE2 can say the same. What it cannot (looking ahead or behind, references to groups, properties
// that it does not know, repeats beyond 1000) goes to Oniguruma, which tries alternatives one after the
// other: that work is counted, and given up past a limit.
//
// Immutable; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace linkspan::data::schema {

class Pattern {
 public:
  // errors::schema_invalid, in words about the pattern alone.
  static Result<Pattern> compile(std::string_view source);
  Pattern(Pattern&&) noexcept;
  ~Pattern();

  enum class Found : unsigned char { no, yes, given_up };
  // Takes what the search costs from `steps`; given_up if there are not enough of them, or the text is too
  // long for a pattern that needs Oniguruma (16 KiB) or is very large itself.
  Found search(std::string_view text, std::uint64_t& steps) const;

  const std::string& source() const { return source_; }

 private:
  struct Engines;
  Pattern(std::string source, std::unique_ptr<Engines> engines);

  std::string source_;
  std::unique_ptr<Engines> engines_;
};

// Whether it is a pattern, taking what it costs to find out from `steps`.
bool is_pattern(std::string_view source, std::uint64_t& steps);

}  // namespace linkspan::data::schema
