#include "data/schema/ecma_regex.h"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/schema/unicode_names.h"
#include "data/utf8.h"

namespace linkspan::data::schema {

namespace {

using CodePoint = std::uint32_t;
using Range = std::pair<CodePoint, CodePoint>;
constexpr CodePoint kLast = 0x10ffff;
constexpr CodePoint kNone = 0xffffffff;

constexpr Range kDigits[] = {{'0', '9'}};
constexpr Range kWords[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
// WhiteSpace and LineTerminator of ECMA-262.
constexpr Range kSpaces[] = {{9, 13},          {' ', ' '},       {0xa0, 0xa0},     {0x1680, 0x1680},
                             {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f},
                             {0x3000, 0x3000}, {0xfeff, 0xfeff}};
constexpr Range kLineTerminators[] = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};

void append_hex(std::string& out, CodePoint c) {
  constexpr char kHex[] = "0123456789abcdef";
  out += "\\x{";
  int shift = 20;
  while (shift > 0 && (c >> shift) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) out += kHex[(c >> shift) & 15];
  out += '}';
}

void append_character(std::string& out, CodePoint c) {
  if (c < 128 && (is_alpha(static_cast<char>(c)) || is_digit(static_cast<char>(c)))) {
    out += static_cast<char>(c);
  } else if (c >= 128) {
    char text[4];
    out.append(text, put_utf8(static_cast<char32_t>(c), text));
  } else {
    append_hex(out, c);
  }
}

void append_range(std::string& out, CodePoint first, CodePoint last) {
  append_hex(out, first);
  if (first == last) return;
  out += '-';
  append_hex(out, last);
}

void append_ranges(std::string& out, std::span<const Range> ranges, bool negated) {
  CodePoint from = 0;
  for (const auto& [first, last] : ranges) {
    if (!negated) append_range(out, first, last);
    if (negated && first > from) append_range(out, from, first - 1);
    from = last + 1;
  }
  if (negated) append_range(out, from, kLast);
}

class Translator {
 public:
  explicit Translator(std::string_view pattern)
      : begin_(pattern.data()), at_(pattern.data()), end_(pattern.data() + pattern.size()) {}

  Result<TranslatedRegex> run() {
    find_groups();
    while (at_ != end_ && problem_.empty()) step();
    if (problem_.empty() && !open_.empty()) fail("a group is not closed");
    if (!problem_.empty()) return Error(errors::schema_invalid, std::move(problem_));
    return std::move(out_);
  }

 private:
  // What a quantifier may follow.
  enum class Before : unsigned char { nothing, atom, assertion };

  void fail(std::string_view what) {
    if (!problem_.empty()) return;
    problem_ = std::string(what) + " (at character " + std::to_string(characters_before(at_) + 1) + ")";
    at_ = end_;
  }
  std::size_t characters_before(const char* place) const {
    std::size_t count = 0;
    for (const char* c = begin_; c != place; ++c) count += (static_cast<unsigned char>(*c) & 0xc0) != 0x80;
    return count;
  }
  bool take(std::string_view text) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(text)) return false;
    at_ += text.size();
    return true;
  }

  // Counts groups that capture and their names, which references may precede.
  void find_groups() {
    bool in_class = false;
    for (const char* c = begin_; c != end_; ++c) {
      if (*c == '\\') {
        if (++c == end_) break;
      } else if (in_class || *c == '[') {
        in_class = *c != ']';
      } else if (*c == '(') {
        const std::string_view rest(c + 1, static_cast<std::size_t>(end_ - c - 1));
        const bool named = rest.starts_with("?<") && !rest.starts_with("?<=") && !rest.starts_with("?<!");
        if (rest.starts_with('?') && !named) continue;
        groups_.push_back(named ? rest.substr(2, rest.find('>') - 2) : std::string_view());
      }
    }
  }

  void step() {
    const char c = *at_;
    switch (c) {
      case '\\':
        ++at_;
        return escape();
      case '[':
        ++at_;
        return character_class();
      case '(':
        ++at_;
        return open_group();
      case ')':
        ++at_;
        if (open_.empty()) return fail("there is no group to close");
        out_.text += ')';
        before_ = open_.back();
        open_.pop_back();
        return;
      case '|':
        ++at_;
        out_.text += '|';
        before_ = Before::nothing;
        return;
      case '^':
      case '$':
        ++at_;
        out_.text += c == '^' ? "\\A" : "\\z";
        before_ = Before::assertion;
        return;
      case '.':
        ++at_;
        out_.text += "[";
        append_ranges(out_.text, kLineTerminators, true);
        out_.text += "]";
        before_ = Before::atom;
        return;
      case '*':
      case '+':
      case '?':
        ++at_;
        return quantifier(std::string_view(&c, 1));
      case '{':
        return braces();
      default:
        append_character(out_.text, next_code_point(at_, end_));
        before_ = Before::atom;
    }
  }

  void quantifier(std::string_view text) {
    if (before_ != Before::atom) return fail("there is nothing to repeat");
    out_.text += text;
    if (take("?")) out_.text += '?';
    before_ = Before::nothing;
  }

  // {n}, {n,} and {n,m}; any other brace stands for itself, as in browsers.
  void braces() {
    const char* c = at_ + 1;
    const auto digits = [&] {
      const char* const first = c;
      while (c != end_ && is_digit(*c)) ++c;
      return std::string_view(first, static_cast<std::size_t>(c - first));
    };
    const std::string_view low = digits();
    std::string_view high = low;
    const bool comma = c != end_ && *c == ',';
    if (comma) {
      ++c;
      high = digits();
    }
    if (low.empty() || c == end_ || *c != '}') {
      ++at_;
      append_character(out_.text, '{');
      before_ = Before::atom;
      return;
    }
    const auto from = parse_u64(low);
    const auto to = high.empty() ? from : parse_u64(high);
    if (!from || !to || *from > 100'000 || *to > 100'000) return fail("a repeat of more than 100000");
    if (*to < *from) return fail("a repeat from more to less");
    // As numbers: RE2 takes {09} for text.
    const std::string most = !comma ? "" : high.empty() ? "," : "," + std::to_string(*to);
    const std::string text = "{" + std::to_string(*from) + most + "}";
    at_ = c + 1;
    quantifier(text);
  }

  void open_group() {
    Before after = Before::atom;
    if (take("?:")) {
      out_.text += "(?:";
    } else if (take("?=") || take("?!") || take("?<=") || take("?<!")) {
      out_.text += '(';
      const char* const mark = at_[-2] == '<' ? at_ - 3 : at_ - 2;
      out_.text.append(mark, at_);
      out_.needs_backtracking = true;
      after = Before::assertion;
    } else if (take("?<")) {
      while (at_ != end_ && *at_ != '>') ++at_;
      if (at_ == end_) return fail("the name of a group is not closed");
      ++at_;
      out_.text += '(';
    } else if (at_ != end_ && *at_ == '?') {
      return fail("a kind of group that ECMA-262 does not have");
    } else {
      out_.text += '(';
    }
    open_.push_back(after);
    before_ = Before::nothing;
    if (open_.size() > 200) fail("groups are nested too deep");
  }

  void escape() {
    if (at_ == end_) return fail("it ends in a backslash");
    const char c = *at_;
    if (c == 'b' || c == 'B') {
      ++at_;
      out_.text += c == 'b' ? "\\b" : "\\B";
      before_ = Before::assertion;
      return;
    }
    before_ = Before::atom;
    if (c >= '1' && c <= '9') return numbered_reference();
    if (c == 'k') return named_reference();
    if (std::string set; class_escape(set)) {
      out_.text += "[" + set + "]";
      return;
    }
    const CodePoint code_point = character_escape(false);
    if (code_point != kNone) append_character(out_.text, code_point);
  }

  void refer_to(std::size_t group) {
    if (group == 0 || group > groups_.size()) return fail("a reference to a group that is not there");
    out_.text += "(?:\\" + std::to_string(group) + ")";  // a digit may follow
    out_.needs_backtracking = true;
  }

  void numbered_reference() {
    std::size_t group = 0;
    while (at_ != end_ && is_digit(*at_) && group <= groups_.size())
      group = group * 10 + static_cast<std::size_t>(*at_++ - '0');
    refer_to(group);
  }

  void named_reference() {
    ++at_;
    const char* const first = at_ + 1;
    if (!take("<")) return fail("\\k needs the name of a group");
    while (at_ != end_ && *at_ != '>') ++at_;
    if (at_ == end_) return fail("the name of a group is not closed");
    const std::string_view name(first, static_cast<std::size_t>(at_ - first));
    ++at_;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      if (!name.empty() && groups_[i] == name) return refer_to(i + 1);
    }
    fail("a reference to a group that is not there");
  }

  // \d and its kin, for within brackets. False if it is none of them.
  bool class_escape(std::string& out) {
    const char c = *at_;
    switch (c) {
      case 'd':
      case 'D':
        append_ranges(out, kDigits, c == 'D');
        break;
      case 'w':
      case 'W':
        append_ranges(out, kWords, c == 'W');
        break;
      case 's':
      case 'S':
        append_ranges(out, kSpaces, c == 'S');
        break;
      case 'p':
      case 'P':
        return property(out), true;
      default:
        return false;
    }
    ++at_;
    return true;
  }

  void property(std::string& out) {
    const char c = *at_++;
    const char* const first = at_ + 1;
    if (!take("{")) return fail("a property needs a name in braces");
    while (at_ != end_ && *at_ != '}') ++at_;
    if (at_ == end_) return fail("the name of a property is not closed");
    const auto name = property_name({first, static_cast<std::size_t>(at_ - first)});
    if (!name) return fail("there is no such Unicode property");
    ++at_;
    out += std::string("\\") + c + "{" + *name + "}";
  }

  std::optional<CodePoint> hex(std::size_t digits) {
    if (static_cast<std::size_t>(end_ - at_) < digits) return std::nullopt;
    const auto value = parse_hex_u64({at_, digits});
    if (!value) return std::nullopt;
    at_ += digits;
    return static_cast<CodePoint>(*value);
  }

  CodePoint unicode_escape() {
    if (take("{")) {
      const char* const first = at_;
      while (at_ != end_ && *at_ != '}') ++at_;
      const auto value = parse_hex_u64({first, static_cast<std::size_t>(at_ - first)});
      if (at_ == end_ || !value || *value > kLast) return fail("\\u{...} names no character"), kNone;
      ++at_;
      return scalar(static_cast<CodePoint>(*value));
    }
    const auto unit = hex(4);
    if (!unit) return fail("\\u needs four hexadecimal digits"), kNone;
    const char* const behind = at_;
    if (*unit >= 0xd800 && *unit < 0xdc00 && take("\\u")) {
      const auto low = hex(4);
      if (low && *low >= 0xdc00 && *low < 0xe000) return 0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00);
      at_ = behind;
    }
    return scalar(*unit);
  }
  CodePoint scalar(CodePoint c) {
    if (c >= 0xd800 && c < 0xe000) return fail("half of a surrogate pair stands for no character"), kNone;
    return c;
  }

  // kNone after fail().
  CodePoint character_escape(bool in_class) {
    const CodePoint c = next_code_point(at_, end_);
    switch (c) {
      case 't':
        return '\t';
      case 'n':
        return '\n';
      case 'v':
        return '\v';
      case 'f':
        return '\f';
      case 'r':
        return '\r';
      case 'b':
        if (in_class) return '\b';
        break;
      case '0':
        if (at_ != end_ && is_digit(*at_)) return fail("an octal escape"), kNone;
        return 0;
      case 'c':
        if (at_ == end_ || !is_alpha(*at_)) return fail("\\c needs a letter"), kNone;
        return static_cast<CodePoint>(*at_++ & 31);
      case 'x': {
        const auto value = hex(2);
        if (!value) return fail("\\x needs two hexadecimal digits"), kNone;
        return *value;
      }
      case 'u':
        return unicode_escape();
      default:
        break;
    }
    const bool letter_or_digit =
        c < 128 && (is_alpha(static_cast<char>(c)) || is_digit(static_cast<char>(c)));
    if (letter_or_digit) {
      fail(std::string("\\") + static_cast<char>(c) + " is no escape of ECMA-262");
      return kNone;
    }
    return c;
  }

  // A character of a class, or a set of them (then kNone) in `set`.
  CodePoint class_atom(std::string& set) {
    if (*at_ != '\\') return next_code_point(at_, end_);
    ++at_;
    if (at_ == end_) return fail("a class is not closed"), kNone;
    if (class_escape(set)) return kNone;
    return character_escape(true);
  }

  void character_class() {
    const bool negated = take("^");
    std::string set;
    while (at_ != end_ && *at_ != ']') {
      const CodePoint first = class_atom(set);
      if (first == kNone) continue;
      if (at_ == end_ || *at_ != '-' || at_ + 1 == end_ || at_[1] == ']') {
        append_range(set, first, first);
        continue;
      }
      ++at_;
      std::string last_set;
      const CodePoint last = class_atom(last_set);
      if (last == kNone) {  // [a-\d]: three things
        append_range(set, first, first);
        append_range(set, '-', '-');
        set += last_set;
      } else if (last < first) {
        return fail("a range from more to less");
      } else {
        append_range(set, first, last);
      }
    }
    if (at_ == end_) return fail("a class is not closed");
    ++at_;
    before_ = Before::atom;
    if (set.empty()) {
      out_.text += negated ? "[\\x{0}-\\x{10ffff}]" : "[^\\x{0}-\\x{10ffff}]";
    } else {
      out_.text += (negated ? "[^" : "[") + set + "]";
    }
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  std::vector<std::string_view> groups_;  // the name of each, or nothing
  std::vector<Before> open_;              // what each open group is once closed
  Before before_ = Before::nothing;
  TranslatedRegex out_;
  std::string problem_;
};

}  // namespace

Result<TranslatedRegex> translate_ecma_regex(std::string_view pattern) {
  return Translator(pattern).run();
}

}  // namespace linkspan::data::schema
