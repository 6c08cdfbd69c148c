#include "data/jq/parser.h"

#include <algorithm>

#include "base/error_kinds.h"
#include "data/jq/parser_internal.h"

namespace linkspan::data::jq {

namespace {

constexpr std::uint32_t kMaxHeight = 1000;  // of the tree

}  // namespace

struct Parser::Operator {
  std::string_view symbol;
  int strength;
  enum class Side : unsigned char { left, right, none } side;
  NodeKind kind;
  std::string_view function;
};

const Parser::Operator* Parser::operator_of(std::string_view text) {
  using Side = Operator::Side;
  static constexpr Operator kOperators[] = {
      {"//", 1, Side::right, NodeKind::alternative, ""},
      {"?//", 1, Side::right, NodeKind::alternative, ""},
      {"=", 2, Side::none, NodeKind::assign, ""},
      {"|=", 2, Side::none, NodeKind::update, ""},
      {"+=", 2, Side::none, NodeKind::update_with, "_plus"},
      {"-=", 2, Side::none, NodeKind::update_with, "_minus"},
      {"*=", 2, Side::none, NodeKind::update_with, "_multiply"},
      {"/=", 2, Side::none, NodeKind::update_with, "_divide"},
      {"%=", 2, Side::none, NodeKind::update_with, "_mod"},
      {"//=", 2, Side::none, NodeKind::update_with, "//"},
      {"or", 3, Side::left, NodeKind::either, ""},
      {"and", 4, Side::left, NodeKind::both, ""},
      {"==", 5, Side::none, NodeKind::binary, "_equal"},
      {"!=", 5, Side::none, NodeKind::binary, "_notequal"},
      {"<", 5, Side::none, NodeKind::binary, "_less"},
      {"<=", 5, Side::none, NodeKind::binary, "_lesseq"},
      {">", 5, Side::none, NodeKind::binary, "_greater"},
      {">=", 5, Side::none, NodeKind::binary, "_greatereq"},
      {"+", 6, Side::left, NodeKind::binary, "_plus"},
      {"-", 6, Side::left, NodeKind::binary, "_minus"},
      {"*", 7, Side::left, NodeKind::binary, "_multiply"},
      {"/", 7, Side::left, NodeKind::binary, "_divide"},
      {"%", 7, Side::left, NodeKind::binary, "_mod"},
  };
  const auto found = std::ranges::find(kOperators, text, &Operator::symbol);
  return found == std::end(kOperators) ? nullptr : found;
}

void Parser::advance() {
  previous_end_ = token_.span.end;
  token_ = lexer_.next();
}

bool Parser::take_symbol(std::string_view text) {
  if (!is_symbol(text)) return false;
  advance();
  return true;
}

bool Parser::expect_symbol(std::string_view text, std::string_view after) {
  if (take_symbol(text)) return true;
  unexpected("\"" + std::string(text) + "\" " + std::string(after));
  return false;
}

bool Parser::expect_keyword(std::string_view text, std::string_view after) {
  if (is_keyword(text)) {
    advance();
    return true;
  }
  unexpected("\"" + std::string(text) + "\" " + std::string(after));
  return false;
}

std::nullptr_t Parser::fail(Span span, std::string message) {
  if (!failed_) {
    failed_ = true;
    fault_ = span;
    message_ = std::move(message);
  }
  return nullptr;
}

std::nullptr_t Parser::unexpected(std::string_view expected) {
  std::string message = "syntax error: ";
  if (token_.kind == TokenKind::end) {
    message += "the program ends here";
  } else if (token_.kind == TokenKind::invalid) {
    message += "this character means nothing in jq";
  } else {
    message += "unexpected " + std::string(token_.kind == TokenKind::quote ? "string" : token_.text);
  }
  return fail(token_.span, message + ", expected " + std::string(expected));
}

Node* Parser::make(NodeKind kind, std::uint32_t begin, std::vector<const Node*> children) {
  std::uint32_t height = 0;
  for (const Node* child : children)
    if (child != nullptr) height = std::max(height, child->height);
  if (height >= kMaxHeight) fail({begin, previous_end_}, "the program is nested too deeply");
  Node& node = ast_.nodes.emplace_back();
  node.kind = kind;
  node.position = begin;
  node.end = previous_end_;
  node.height = height + 1;
  node.children = std::move(children);
  return &node;
}

const Node* Parser::constant(std::uint32_t begin, JsonValue value) {
  Node* node = make(NodeKind::constant, begin);
  node->value = std::move(value);
  return node;
}

const Node* Parser::parse_pipe(bool comma) {
  if (++depth_ > kMaxNesting) return fail(token_.span, "the program is nested too deeply");
  std::vector<const Node*> stages;
  do {
    const Node* stage = parse_operand(comma);
    while (!failed_ && comma && is_symbol(",")) {
      advance();
      const Node* right = parse_operand(comma);
      if (right != nullptr) stage = make(NodeKind::comma, stage->position, {stage, right});
    }
    if (failed_ || stage == nullptr) return nullptr;
    stages.push_back(stage);
  } while (take_symbol("|"));
  --depth_;
  const Node* all = stages.back();
  for (std::size_t i = stages.size() - 1; i-- > 0;) {
    all = make(NodeKind::pipe, stages[i]->position, {stages[i], all});
  }
  return failed_ ? nullptr : all;
}

const Node* Parser::parse_operand(bool comma) {
  const std::uint32_t begin = token_.span.begin;
  if (is_keyword("def")) {
    Function function;
    if (!parse_function(function)) return nullptr;
    const Node* rest = parse_pipe(comma);
    if (rest == nullptr) return nullptr;
    Node* node = make(NodeKind::define, begin, {rest, function.body});
    node->function = std::move(function);
    return node;
  }
  if (is_keyword("label")) {
    advance();
    if (token_.kind != TokenKind::variable) return unexpected("a name such as $out after \"label\"");
    const std::string name(token_.text);
    advance();
    if (!expect_symbol("|", "after the label")) return nullptr;
    const Node* body = parse_pipe(comma);
    if (body == nullptr) return nullptr;
    Node* node = make(NodeKind::label, begin, {body});
    node->name = name;
    return node;
  }
  const Node* source = parse_binary(0);
  if (source == nullptr || !is_keyword("as")) return source;
  advance();
  std::vector<const Pattern*> patterns;
  if (!parse_patterns(patterns) || !expect_symbol("|", "after the pattern")) return nullptr;
  const Node* body = parse_pipe(comma);
  if (body == nullptr) return nullptr;
  Node* node = make(NodeKind::bind, begin, {source, body});
  node->patterns = std::move(patterns);
  return node;
}

const Node* Parser::combine(const Operator& op, const Node* left, const Node* right) {
  Node* node = make(op.kind, left->position, {left, right});
  node->name = op.function;
  return node;
}

const Node* Parser::parse_binary(int weakest) {
  if (++depth_ > kMaxNesting) return fail(token_.span, "the program is nested too deeply");
  const Node* left = parse_unary();
  const Operator* before = nullptr;
  while (left != nullptr && (token_.kind == TokenKind::symbol || token_.kind == TokenKind::keyword)) {
    const Operator* op = operator_of(token_.text);
    if (op == nullptr || op->strength < weakest) break;
    if (before != nullptr && before->strength == op->strength && op->side == Operator::Side::none)
      return fail(token_.span, "syntax error: " + std::string(op->symbol) + " after " +
                                   std::string(before->symbol) + " needs parentheses");
    before = op;
    advance();
    const Node* right = parse_binary(op->side == Operator::Side::right ? op->strength : op->strength + 1);
    left = right == nullptr ? nullptr : combine(*op, left, right);
  }
  --depth_;
  return failed_ ? nullptr : left;
}

const Node* Parser::parse_unary() {
  if (!is_symbol("-")) return parse_postfix();
  const std::uint32_t begin = token_.span.begin;
  advance();
  if (++depth_ > kMaxNesting) return fail(token_.span, "the program is nested too deeply");
  const Node* operand = parse_unary();
  --depth_;
  return operand == nullptr ? nullptr : make(NodeKind::negate, begin, {operand});
}

bool Parser::parse_program() {
  if (is_keyword("import") || is_keyword("include") || is_keyword("module")) {
    fail(token_.span,
         "\"" + std::string(token_.text) + "\" is not available here: a program cannot read files");
    return false;
  }
  std::vector<Function> definitions;
  std::vector<std::uint32_t> begins;
  while (is_keyword("def")) {
    begins.push_back(token_.span.begin);
    if (!parse_function(definitions.emplace_back())) return false;
  }
  const Node* root = token_.kind == TokenKind::end ? make(NodeKind::identity, 0) : parse_pipe();
  if (root != nullptr && token_.kind != TokenKind::end) unexpected("the end of the program");
  for (std::size_t i = definitions.size(); i-- > 0 && !failed_;) {
    Node* node = make(NodeKind::define, begins[i], {root, definitions[i].body});
    node->function = std::move(definitions[i]);
    root = node;
  }
  ast_.root = root;
  return !failed_;
}

bool Parser::parse_library() {
  while (is_keyword("def")) {
    Node* node = make(NodeKind::define, token_.span.begin);
    if (!parse_function(node->function)) return false;
    ast_.functions.push_back(&node->function);
  }
  if (token_.kind != TokenKind::end) unexpected("a definition");
  return !failed_;
}

bool Parser::parse_function(Function& function) {
  advance();
  if (token_.kind != TokenKind::identifier && token_.kind != TokenKind::keyword) {
    unexpected("a name after \"def\"");
    return false;
  }
  function.name = token_.text;
  advance();
  if (take_symbol("(")) {
    do {
      if (token_.kind != TokenKind::identifier && token_.kind != TokenKind::variable &&
          token_.kind != TokenKind::keyword) {
        unexpected("the name of a parameter");
        return false;
      }
      function.parameters.push_back({std::string(token_.text), token_.kind == TokenKind::variable});
      advance();
    } while (take_symbol(";"));
    if (!expect_symbol(")", "after the parameters")) return false;
  }
  if (!expect_symbol(":", "before the body of the function")) return false;
  function.body = parse_pipe();
  return function.body != nullptr && expect_symbol(";", "after the body of the function");
}

bool Parser::parse_patterns(std::vector<const Pattern*>& patterns) {
  do {
    const Pattern* pattern = parse_pattern();
    if (pattern == nullptr) return false;
    patterns.push_back(pattern);
  } while (take_symbol("?//"));
  return true;
}

const Pattern* Parser::parse_pattern() {
  if (++depth_ > kMaxNesting) return fail(token_.span, "the program is nested too deeply");
  Pattern& pattern = ast_.patterns.emplace_back();
  pattern.position = token_.span.begin;
  if (token_.kind == TokenKind::variable) {
    pattern.variable = token_.text;
    advance();
  } else if (take_symbol("[")) {
    pattern.kind = Pattern::Kind::array;
    do {
      const Pattern* item = parse_pattern();
      if (item == nullptr) return nullptr;
      pattern.items.push_back(item);
    } while (take_symbol(","));
    if (!expect_symbol("]", "after the pattern")) return nullptr;
  } else if (take_symbol("{")) {
    pattern.kind = Pattern::Kind::object;
    do {
      if (!parse_pattern_member(pattern)) return nullptr;
    } while (take_symbol(","));
    if (!expect_symbol("}", "after the pattern")) return nullptr;
  } else {
    return unexpected("a pattern: $name, [...] or {...}");
  }
  --depth_;
  return &pattern;
}

bool Parser::parse_pattern_member(Pattern& pattern) {
  Pattern::Member member;
  const std::uint32_t begin = token_.span.begin;
  if (token_.kind == TokenKind::variable) {
    member.variable = token_.text;
    advance();
  } else if (token_.kind == TokenKind::identifier || token_.kind == TokenKind::keyword) {
    const std::string_view name = token_.text;
    advance();
    member.key = constant(begin, name);
  } else if (token_.kind == TokenKind::quote || token_.kind == TokenKind::format) {
    member.key = parse_string();
    if (member.key == nullptr) return false;
  } else if (take_symbol("(")) {
    member.key = parse_pipe();
    if (member.key == nullptr || !expect_symbol(")", "after the key")) return false;
    if (member.key->kind == NodeKind::constant && !member.key->value.is_string()) {
      fail({member.key->position, member.key->end}, "only a string can be the key of an object");
      return false;
    }
  } else {
    unexpected("a key in the pattern");
    return false;
  }
  if (take_symbol(":")) {
    member.value = parse_pattern();
    if (member.value == nullptr) return false;
  } else if (member.variable.empty()) {
    unexpected("\":\" after the key");
    return false;
  }
  pattern.members.push_back(std::move(member));
  return true;
}

namespace {

Result<Ast> parse(std::string_view source, bool library) {
  constexpr std::size_t kMaxSourceBytes = 1 << 20;
  if (source.size() > kMaxSourceBytes) return Error(errors::jq_invalid, "the program is longer than 1 MiB");
  Ast ast;
  Parser parser(source, ast);
  if (library ? parser.parse_library() : parser.parse_program()) return ast;
  return Error(errors::jq_invalid, point_at(source, parser.fault(), parser.message()));
}

}  // namespace

Result<Ast> parse_program(std::string_view source) {
  return parse(source, false);
}

Result<Ast> parse_library(std::string_view source) {
  return parse(source, true);
}

}  // namespace linkspan::data::jq
