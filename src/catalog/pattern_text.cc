#include "catalog/pattern_text.h"

#include <algorithm>
#include <vector>

#include "base/strings.h"
#include "data/utf8.h"

namespace linkspan::catalog {

namespace {

constexpr char32_t kLastCharacter = 0x10FFFF;

struct Range {
  char32_t first;
  char32_t last;
};
using Ranges = std::vector<Range>;

// Everything that is not in `ranges`, of what can be typed.
Ranges complement(Ranges ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
  Ranges result;
  char32_t at = 0x21;
  for (const Range& range : ranges) {
    if (range.first > at) result.push_back({at, range.first - 1});
    at = std::max<char32_t>(at, range.last + 1);
  }
  if (at <= 0x7E) {
    result.push_back({at, 0x7E});
  } else if (at <= 0xD7FF) {
    result.push_back({at, 0xD7FF});
  }
  return result;
}

// Reads the pattern and writes the text in one go: what a quantifier repeats is read again each time.
class Generator {
 public:
  Generator(std::string_view pattern, std::size_t extra, Random& random, const PatternTextLimits& limits)
      : pattern_(pattern), extra_(extra), random_(random), limits_(limits) {}

  std::optional<std::string> run() {
    if (!alternatives(true, 0) || at_ != pattern_.size()) return std::nullopt;
    return std::move(text_);
  }

 private:
  bool more() const { return at_ < pattern_.size(); }
  bool take(std::string_view text) {
    if (!pattern_.substr(at_).starts_with(text)) return false;
    at_ += text.size();
    return true;
  }

  // `writes` is false where the pattern is only passed over.
  bool alternatives(bool writes, std::size_t depth) {
    if (depth > limits_.max_depth) return false;
    const std::size_t start = at_;
    std::size_t count = 0;
    do {
      if (!sequence(false, depth)) return false;
      ++count;
    } while (take("|"));
    if (!writes) return true;
    const std::size_t end = at_;
    const std::size_t chosen = random_.below(count);
    at_ = start;
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) ++at_;
      if (!sequence(i == chosen, depth)) return false;
    }
    at_ = end;
    return true;
  }

  bool sequence(bool writes, std::size_t depth) {
    while (more() && pattern_[at_] != '|' && pattern_[at_] != ')')
      if (!term(writes, depth)) return false;
    return true;
  }

  bool term(bool writes, std::size_t depth) {
    if (take("^") || take("$") || take("\\b") || take("\\B")) return true;
    if (++steps_ > kMaxSteps) return false;
    const std::size_t start = at_;
    if (!atom(false, depth)) return false;
    const std::size_t end_of_atom = at_;
    std::size_t minimum = 1;
    std::size_t maximum = 1;
    if (!quantifier(minimum, maximum)) return false;
    const std::size_t end = at_;
    if (!writes) return true;
    std::size_t count = minimum;
    if (maximum > minimum) {
      const std::size_t room = maximum - minimum;
      count += maximum == kNoMaximum ? extra_ : std::min(room, extra_);
    }
    if (minimum == 0 && maximum == 1 && extra_ == 0) count = random_.below(2);
    for (std::size_t i = 0; i < count; ++i) {
      at_ = start;
      if (++steps_ > kMaxSteps || !atom(true, depth) || text_.size() > limits_.max_bytes) return false;
      if (at_ != end_of_atom) return false;
    }
    at_ = end;
    return true;
  }

  std::optional<std::size_t> number() {
    std::size_t value = 0;
    const std::size_t start = at_;
    while (more() && is_digit(pattern_[at_]) && value < 100'000)
      value = value * 10 + static_cast<std::size_t>(pattern_[at_++] - '0');
    if (at_ == start) return std::nullopt;
    return value;
  }

  bool quantifier(std::size_t& minimum, std::size_t& maximum) {
    if (take("*")) {
      minimum = 0;
      maximum = kNoMaximum;
    } else if (take("+")) {
      maximum = kNoMaximum;
    } else if (take("?")) {
      minimum = 0;
    } else if (more() && pattern_[at_] == '{') {
      ++at_;
      const auto low = number();
      if (!low) return false;
      minimum = maximum = *low;
      if (take(",")) {
        const auto high = number();
        maximum = high.value_or(kNoMaximum);
      }
      if (!take("}") || maximum < minimum) return false;
    } else {
      return true;
    }
    take("?");
    return true;
  }

  bool atom(bool writes, std::size_t depth) {
    if (!more()) return false;
    if (take("(")) {
      if (take("?=") || take("?!") || take("?<=") || take("?<!")) {
        writes = false;
      } else if (take("?<")) {
        const std::size_t end = pattern_.find('>', at_);
        if (end == std::string_view::npos) return false;
        at_ = end + 1;
      } else if (!take("?:") && pattern_.substr(at_).starts_with("?")) {
        return false;
      }
      return alternatives(writes, depth + 1) && take(")");
    }
    Ranges ranges;
    if (take("[")) {
      if (!character_class(ranges)) return false;
    } else if (take(".")) {
      ranges = {{'a', 'z'}};
    } else if (take("\\")) {
      if (!escape(ranges)) return false;
    } else if (std::string_view("*+?{").find(pattern_[at_]) != std::string_view::npos) {
      return false;
    } else {
      const char32_t character = next();
      ranges = {{character, character}};
    }
    return !writes || put(ranges);
  }

  char32_t next() {
    const char* from = pattern_.data() + at_;
    const char32_t character = data::next_code_point(from, pattern_.data() + pattern_.size());
    at_ = static_cast<std::size_t>(from - pattern_.data());
    return character;
  }

  bool put(const Ranges& ranges) {
    if (ranges.empty()) return false;
    // What people read: digits, then letters, where the class has them.
    Range chosen = ranges[random_.below(ranges.size())];
    const std::uint64_t size = std::uint64_t{chosen.last} - chosen.first + 1;
    char32_t character = chosen.first + static_cast<char32_t>(random_.below(size));
    if (character >= 0xD800 && character <= 0xDFFF) character = 0x20AC;
    char bytes[4];
    text_.append(bytes, static_cast<std::size_t>(data::put_utf8(character, bytes) - bytes));
    return true;
  }

  static bool named_class(char c, Ranges& ranges) {
    const Ranges digits{{'0', '9'}};
    const Ranges words{{'a', 'z'}, {'A', 'Z'}, {'0', '9'}, {'_', '_'}};
    const Ranges blanks{{' ', ' '}};
    Ranges found;
    switch (c) {
      case 'd':
        found = digits;
        break;
      case 'w':
        found = words;
        break;
      case 's':
        found = blanks;
        break;
      case 'D':
        found = complement(digits);
        break;
      case 'W':
        found = complement(words);
        break;
      case 'S':
        found = {{'a', 'z'}};
        break;
      default:
        return false;
    }
    ranges.insert(ranges.end(), found.begin(), found.end());
    return true;
  }

  // Behind a backslash.
  bool escape(Ranges& ranges) {
    if (!more()) return false;
    const char c = pattern_[at_];
    if (named_class(c, ranges)) return ++at_, true;
    char32_t character = 0;
    if (!escaped_character(character)) return false;
    ranges.push_back({character, character});
    return true;
  }

  bool escaped_character(char32_t& character) {
    const char c = pattern_[at_];
    const std::string_view from = "tnrfv0";
    const std::string_view to("\t\n\r\f\v\0", 6);
    if (const std::size_t index = from.find(c); index != std::string_view::npos) {
      character = static_cast<char32_t>(to[index]);
      ++at_;
      return true;
    }
    if (c == 'x' || c == 'u') {
      const std::size_t digits = c == 'x' ? 2 : 4;
      const auto code = parse_hex_u64(pattern_.substr(at_ + 1, digits));
      if (!code || pattern_.size() < at_ + 1 + digits || (*code >= 0xD800 && *code <= 0xDFFF)) return false;
      character = static_cast<char32_t>(*code);
      at_ += 1 + digits;
      return true;
    }
    // Backreferences, \p, \k and \c are not made.
    if (is_digit(c) || is_alpha(c)) return false;
    character = next();
    return true;
  }

  bool class_item(Ranges& ranges, char32_t& character, bool& is_single) {
    is_single = true;
    if (!take("\\")) {
      character = next();
      return true;
    }
    if (!more()) return false;
    if (named_class(pattern_[at_], ranges)) {
      ++at_;
      is_single = false;
      return true;
    }
    if (take("b")) {
      character = '\b';
      return true;
    }
    return escaped_character(character);
  }

  bool character_class(Ranges& ranges) {
    const bool is_negative = take("^");
    while (more() && pattern_[at_] != ']') {
      char32_t first = 0;
      bool is_single = true;
      if (!class_item(ranges, first, is_single)) return false;
      char32_t last = first;
      const bool is_range = is_single && pattern_.substr(at_).starts_with("-") && at_ + 1 < pattern_.size() &&
                            pattern_[at_ + 1] != ']';
      if (is_range) {
        ++at_;
        if (!class_item(ranges, last, is_single) || !is_single || last < first || last > kLastCharacter)
          return false;
      }
      if (is_single) ranges.push_back({first, last});
    }
    if (!take("]")) return false;
    if (is_negative) ranges = complement(std::move(ranges));
    return true;
  }

  static constexpr std::size_t kNoMaximum = SIZE_MAX;
  static constexpr std::size_t kMaxSteps = 100'000;

  std::string_view pattern_;
  std::size_t at_ = 0;
  std::size_t extra_;
  Random& random_;
  const PatternTextLimits& limits_;
  std::string text_;
  std::size_t steps_ = 0;
};

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::optional<std::string> text_of_pattern(std::string_view pattern, std::size_t min_characters,
                                           Random& random, const PatternTextLimits& limits) {
  if (data::valid_utf8_bytes(pattern) != pattern.size()) return std::nullopt;
  std::optional<std::string> best;
  for (std::size_t extra = 0; extra <= limits.max_bytes; extra = extra * 2 + 1) {
    std::optional<std::string> text = Generator(pattern, extra, random, limits).run();
    if (!text) return best;
    best = std::move(text);
    if (characters_of(*best) >= min_characters) return best;
    if (extra > min_characters) break;
  }
  return best;
}

}  // namespace linkspan::catalog
