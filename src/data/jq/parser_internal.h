// The recursive descent behind parser.h. One object per text; only parser*.cc use it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/jq/ast.h"
#include "data/jq/lexer.h"

namespace linkspan::data::jq {

// Every parse_* leaves token_ after what it read, and returns nullptr once something is wrong; what was wrong
// first is in fault() and message().
class Parser {
 public:
  Parser(std::string_view source, Ast& ast) : lexer_(source), ast_(ast) { advance(); }

  bool parse_program();
  bool parse_library();

  Span fault() const { return fault_; }
  const std::string& message() const { return message_; }

 private:
  // Of parse_* calls, of which a bracket takes three.
  static constexpr int kMaxNesting = 1000;
  struct Operator;
  // What ends where: `comma` is false in the values of an object.
  const Node* parse_pipe(bool comma = true);
  const Node* parse_operand(
      bool comma);  // of a pipe or comma: binds, labels and definitions reach to the end
  const Node* parse_binary(int weakest);
  const Node* parse_unary();
  const Node* parse_postfix();
  const Node* parse_primary();
  const Node* parse_suffix(const Node* term, bool& found);
  Node* parse_bracket(const Node* term, std::uint32_t begin);
  const Node* parse_string();
  const Node* parse_try();
  const Node* parse_condition();
  const Node* parse_fold();
  const Node* parse_array();
  const Node* parse_object();
  bool parse_member(std::vector<const Node*>& entries);
  const Node* parse_call();
  const Node* parse_break();
  bool parse_function(Function& function);
  bool parse_patterns(std::vector<const Pattern*>& patterns);
  const Pattern* parse_pattern();
  bool parse_pattern_member(Pattern& pattern);

  static const Operator* operator_of(std::string_view text);
  const Node* combine(const Operator& op, const Node* left, const Node* right);

  // Refuses trees of too many levels.
  Node* make(NodeKind kind, std::uint32_t begin, std::vector<const Node*> children = {});
  const Node* constant(std::uint32_t begin, JsonValue value);
  void advance();
  bool is_symbol(std::string_view text) const {
    return token_.kind == TokenKind::symbol && token_.text == text;
  }
  bool is_keyword(std::string_view text) const {
    return token_.kind == TokenKind::keyword && token_.text == text;
  }
  bool take_symbol(std::string_view text);
  bool expect_symbol(std::string_view text, std::string_view after);
  bool expect_keyword(std::string_view text, std::string_view after);
  std::nullptr_t fail(Span span, std::string message);
  std::nullptr_t unexpected(std::string_view expected);

  Lexer lexer_;
  Ast& ast_;
  Token token_;
  std::uint32_t previous_end_ = 0;
  int depth_ = 0;
  bool failed_ = false;
  Span fault_;
  std::string message_;
};

}  // namespace linkspan::data::jq
