#include "data/jq/lexer.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "data/utf8.h"

namespace linkspan::data::jq {

namespace {

constexpr std::array<std::string_view, 19> kKeywords = {
    "def",   "if",    "then",  "elif", "else", "end",    "as",      "reduce", "foreach", "try",
    "catch", "label", "break", "and",  "or",   "import", "include", "module", "__loc__"};

constexpr std::array<std::string_view, 22> kSymbols = {"?//", "//=", "|=", "+=", "-=", "*=", "/=", "%=",
                                                       "==",  "!=",  "<=", ">=", "//", "..", "|",  ",",
                                                       "+",   "-",   "*",  "/",  "%",  "="};
constexpr std::string_view kSingles = "<>()[]{}:;.?";

bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool in_name(char c) {
  return starts_name(c) || is_digit(c);
}

}  // namespace

// A comment ends with its line; a line that ends in an odd number of backslashes goes on in the next.
void Lexer::skip_blanks() {
  while (at_ < source_.size()) {
    const char c = source_[at_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at_;
    } else if (c == '#') {
      bool escaped = false;
      while (at_ < source_.size() && (escaped || source_[at_] != '\n')) {
        escaped = (source_[at_] == '\\' && !escaped) || (escaped && source_[at_] == '\r');
        ++at_;
      }
    } else {
      return;
    }
  }
}

Token Lexer::make(TokenKind kind, std::size_t begin, std::size_t text_begin) {
  return {kind,
          source_.substr(text_begin, at_ - text_begin),
          {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)}};
}

std::size_t Lexer::word_end(std::size_t from) const {
  while (from < source_.size() && in_name(source_[from])) ++from;
  return from;
}

Token Lexer::number() {
  const std::size_t begin = at_;
  while (is_digit(at(at_))) ++at_;
  if (at(at_) == '.') {
    ++at_;
    while (is_digit(at(at_))) ++at_;
  }
  if (at(at_) == 'e' || at(at_) == 'E') {
    std::size_t digits = at_ + 1;
    if (at(digits) == '+' || at(digits) == '-') ++digits;
    if (is_digit(at(digits))) {
      at_ = digits;
      while (is_digit(at(at_))) ++at_;
    }
  }
  return make(TokenKind::number, begin, begin);
}

Token Lexer::name(std::size_t begin) {
  at_ = word_end(at_);
  while (at(at_) == ':' && at(at_ + 1) == ':' && starts_name(at(at_ + 2))) at_ = word_end(at_ + 2);
  Token token = make(TokenKind::identifier, begin, begin);
  if (std::find(kKeywords.begin(), kKeywords.end(), token.text) != kKeywords.end())
    token.kind = TokenKind::keyword;
  return token;
}

Token Lexer::next() {
  skip_blanks();
  const std::size_t begin = at_;
  if (at_ == source_.size()) return make(TokenKind::end, begin, begin);
  const char c = source_[at_];
  const char following = at(at_ + 1);
  if (is_digit(c) || (c == '.' && is_digit(following))) return number();
  if (starts_name(c)) return name(begin);
  if (c == '"') {
    ++at_;
    return make(TokenKind::quote, begin, begin);
  }
  if ((c == '.' || c == '$' || c == '@') && starts_name(following)) {
    at_ = word_end(at_ + 1);
    if (c == '$') {
      while (at(at_) == ':' && at(at_ + 1) == ':' && starts_name(at(at_ + 2))) at_ = word_end(at_ + 2);
    }
    return make(c == '.'   ? TokenKind::field
                : c == '$' ? TokenKind::variable
                           : TokenKind::format,
                begin, begin + 1);
  }
  for (const std::string_view symbol : kSymbols) {
    if (!source_.substr(at_).starts_with(symbol)) continue;
    at_ += symbol.size();
    return make(TokenKind::symbol, begin, begin);
  }
  ++at_;
  if (kSingles.find(c) != std::string_view::npos) return make(TokenKind::symbol, begin, begin);
  while (at_ < source_.size() && (static_cast<unsigned char>(source_[at_]) & 0xc0) == 0x80) ++at_;
  return make(TokenKind::invalid, begin, begin);
}

bool Lexer::read_code_unit(std::size_t offset, std::uint32_t& unit) const {
  unit = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const char c = at(offset + i);
    const char lower = static_cast<char>(c | 0x20);
    std::uint32_t digit = 0;
    if (is_digit(c)) {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      digit = static_cast<std::uint32_t>(lower - 'a' + 10);
    } else {
      return false;
    }
    unit = unit * 16 + digit;
  }
  return true;
}

// `at_` is at the character after the backslash. A half of a surrogate pair becomes U+FFFD.
bool Lexer::read_escape(std::string& out) {
  constexpr std::string_view kFrom = "\"\\/bfnrt";
  constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
  const char c = at(at_);
  if (const std::size_t simple = kFrom.find(c); at_ < source_.size() && simple != std::string_view::npos) {
    out += kTo[simple];
    ++at_;
    return true;
  }
  std::uint32_t unit = 0;
  if (c != 'u' || !read_code_unit(at_ + 1, unit)) return false;
  at_ += 5;
  std::uint32_t low = 0;
  if (unit >= 0xd800 && unit < 0xdc00 && at(at_) == '\\' && at(at_ + 1) == 'u' &&
      read_code_unit(at_ + 2, low) && low >= 0xdc00 && low < 0xe000) {
    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    at_ += 6;
  }
  if (unit >= 0xd800 && unit < 0xe000) unit = 0xfffd;
  char buffer[4];
  out.append(buffer, put_utf8(unit, buffer));
  return true;
}

Lexer::Part Lexer::read_string(std::string& out) {
  out.clear();
  const auto begin = static_cast<std::uint32_t>(at_);
  while (at_ < source_.size()) {
    const char c = source_[at_++];
    if (c == '"') return Part::end;
    if (c != '\\') {
      out += c;
      continue;
    }
    if (at(at_) == '(') {
      ++at_;
      return Part::interpolation;
    }
    const std::size_t escape = at_ - 1;
    if (!read_escape(out)) {
      fault_ = {static_cast<std::uint32_t>(escape), static_cast<std::uint32_t>(escape + 2)};
      fault_message_ = "invalid escape in a string";
      return Part::invalid;
    }
  }
  fault_ = {begin == 0 ? 0 : begin - 1, begin};
  fault_message_ = "this string has no end";
  return Part::invalid;
}

}  // namespace linkspan::data::jq
