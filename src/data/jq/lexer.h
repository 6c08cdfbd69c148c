// The text of a jq program to tokens, one at a time as the parser asks. Strings come in parts, as they may
// hold programs themselves.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "data/jq/source.h"

namespace linkspan::data::jq {

enum class TokenKind : unsigned char {
  end,
  invalid,     // text is the message
  number,      // text is the literal
  quote,       // an opening quote; read_string() goes on from here
  field,       // .name; text is the name
  variable,    // $name; text is the name
  format,      // @name; text is the name
  identifier,  // also with "::" in it
  keyword,
  symbol  // an operator or punctuation
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;
  Span span;
};

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  Token next();

  // What ended a part of a string.
  enum class Part : unsigned char { end, interpolation, invalid };
  // Replaces `out` with the text up to the closing quote or to `\(`, escapes resolved. After an invalid part,
  // fault() is the escape or the quote that is not closed.
  Part read_string(std::string& out);
  Span fault() const { return fault_; }
  std::string_view fault_message() const { return fault_message_; }

  std::uint32_t offset() const { return static_cast<std::uint32_t>(at_); }

 private:
  void skip_blanks();
  Token make(TokenKind kind, std::size_t begin, std::size_t text_begin);
  Token number();
  Token name(std::size_t begin);
  std::size_t word_end(std::size_t from) const;
  bool read_escape(std::string& out);
  bool read_code_unit(std::size_t at, std::uint32_t& unit) const;
  char at(std::size_t offset) const { return offset < source_.size() ? source_[offset] : '\0'; }

  std::string_view source_;
  std::size_t at_ = 0;
  Span fault_;
  std::string_view fault_message_;
};

}  // namespace linkspan::data::jq
