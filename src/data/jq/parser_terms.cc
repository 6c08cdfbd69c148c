// Terms: what operators stand between.
#include "base/strings.h"
#include "data/jq/parser_internal.h"

namespace linkspan::data::jq {

namespace {

// jq also writes .5, 1. and 007.
std::string to_json_number(std::string_view literal) {
  std::string text(literal);
  const std::size_t point = text.find('.');
  if (point != std::string::npos && (point + 1 == text.size() || !is_digit(text[point + 1])))
    text.erase(point, 1);
  while (text.size() > 1 && text[0] == '0' && is_digit(text[1])) text.erase(0, 1);
  if (text[0] == '.') text.insert(0, 1, '0');
  return text;
}

}  // namespace

const Node* Parser::parse_postfix() {
  if (++depth_ > kMaxNesting) return fail(token_.span, "the program is nested too deeply");
  const Node* term = parse_primary();
  bool found = term != nullptr;
  while (found) {
    term = parse_suffix(term, found);
    if (term == nullptr) return nullptr;
  }
  --depth_;
  return term;
}

// A `?` right after an index, slice or iteration belongs to that step alone.
const Node* Parser::parse_suffix(const Node* term, bool& found) {
  const std::uint32_t begin = term->position;
  Node* step = nullptr;
  if (token_.kind == TokenKind::field) {
    const Node* key = constant(token_.span.begin, token_.text);
    advance();
    step = make(NodeKind::index, begin, {term, key});
  } else if (is_symbol("[")) {
    step = parse_bracket(term, begin);
  } else if (is_symbol(".")) {
    advance();
    if (token_.kind == TokenKind::quote || token_.kind == TokenKind::format) {
      const Node* key = parse_string();
      if (key == nullptr) return nullptr;
      step = make(NodeKind::index, begin, {term, key});
    } else if (is_symbol("[")) {
      step = parse_bracket(term, begin);
    } else {
      return unexpected("a name, a string or \"[\" after \".\"");
    }
  } else if (take_symbol("?")) {
    return make(NodeKind::attempt, begin, {term, nullptr});
  } else {
    found = false;
    return term;
  }
  if (step != nullptr && take_symbol("?")) {
    step->optional = true;
    step->end = previous_end_;
  }
  return step;
}

Node* Parser::parse_bracket(const Node* term, std::uint32_t begin) {
  advance();
  if (take_symbol("]")) return make(NodeKind::iterate, begin, {term});
  const Node* from = nullptr;
  if (!is_symbol(":")) {
    from = parse_pipe();
    if (from == nullptr) return nullptr;
    if (take_symbol("]")) return make(NodeKind::index, begin, {term, from});
  }
  if (!expect_symbol(":", "or \"]\"")) return nullptr;
  const Node* to = nullptr;
  if (!is_symbol("]")) {
    to = parse_pipe();
    if (to == nullptr) return nullptr;
  }
  if (!expect_symbol("]", "after the slice")) return nullptr;
  return make(NodeKind::slice, begin, {term, from, to});
}

const Node* Parser::parse_primary() {
  const std::uint32_t begin = token_.span.begin;
  switch (token_.kind) {
    case TokenKind::number: {
      const auto value = JsonValue::number(to_json_number(token_.text));
      if (!value) return fail(token_.span, "this is no number");
      advance();
      return constant(begin, *value);
    }
    case TokenKind::quote:
    case TokenKind::format:
      return parse_string();
    case TokenKind::field: {
      const Node* identity = make(NodeKind::identity, begin);
      bool found = true;
      return parse_suffix(identity, found);
    }
    case TokenKind::variable: {
      const std::string name(token_.text);
      advance();
      Node* node = make(NodeKind::variable, begin);
      node->name = name;
      return node;
    }
    case TokenKind::identifier:
      return parse_call();
    case TokenKind::keyword:
      if (token_.text == "if") return parse_condition();
      if (token_.text == "try") return parse_try();
      if (token_.text == "reduce" || token_.text == "foreach") return parse_fold();
      if (token_.text == "break") return parse_break();
      if (token_.text == "import" || token_.text == "include" || token_.text == "module")
        return fail(token_.span, "\"" + std::string(token_.text) +
                                     "\" is not available here: a program cannot read files");
      break;
    case TokenKind::symbol:
      if (token_.text == "[") return parse_array();
      if (token_.text == "{") return parse_object();
      if (take_symbol("(")) {
        const Node* inner = parse_pipe();
        return inner != nullptr && expect_symbol(")", "after the expression") ? inner : nullptr;
      }
      if (take_symbol("..")) {
        Node* node = make(NodeKind::call, begin);
        node->name = "recurse";
        return node;
      }
      if (take_symbol(".")) {
        const Node* identity = make(NodeKind::identity, begin);
        if (token_.kind != TokenKind::quote && token_.kind != TokenKind::format) return identity;
        const Node* key = parse_string();
        if (key == nullptr) return nullptr;
        Node* node = make(NodeKind::index, begin, {identity, key});
        node->optional = take_symbol("?");
        return node;
      }
      break;
    case TokenKind::end:
    case TokenKind::invalid:
      break;
  }
  return unexpected("a value, a path or a function");
}

const Node* Parser::parse_string() {
  const std::uint32_t begin = token_.span.begin;
  std::string format;
  if (token_.kind == TokenKind::format) {
    format = token_.text;
    advance();
    if (token_.kind != TokenKind::quote) {
      Node* node = make(NodeKind::format, begin);
      node->name = format;
      return node;
    }
  }
  std::vector<const Node*> parts;
  std::string text;
  while (true) {
    const Lexer::Part part = lexer_.read_string(text);
    if (part == Lexer::Part::invalid) return fail(lexer_.fault(), std::string(lexer_.fault_message()));
    if (!text.empty()) parts.push_back(constant(begin, text));
    if (part == Lexer::Part::end) break;
    advance();
    const Node* inner = parse_pipe();
    if (inner == nullptr) return nullptr;
    if (!is_symbol(")")) return unexpected("\")\" after the expression in the string");
    // Marks an expression even where it is a constant.
    parts.push_back(make(NodeKind::array, inner->position, {inner}));
  }
  token_.span.end = lexer_.offset();
  advance();
  if (parts.empty()) return constant(begin, "");
  if (parts.size() == 1 && parts[0]->kind == NodeKind::constant) return constant(begin, parts[0]->value);
  Node* node = make(NodeKind::text, begin, std::move(parts));
  node->name = format.empty() ? "text" : format;
  return node;
}

const Node* Parser::parse_try() {
  const std::uint32_t begin = token_.span.begin;
  advance();
  const Node* body = is_symbol("-") ? parse_unary() : parse_postfix();
  if (body == nullptr) return nullptr;
  const Node* handler = nullptr;
  if (is_keyword("catch")) {
    advance();
    handler = is_symbol("-") ? parse_unary() : parse_postfix();
    if (handler == nullptr) return nullptr;
  }
  return make(NodeKind::attempt, begin, {body, handler});
}

// `elif` chains nest to the right, but are read in a loop.
const Node* Parser::parse_condition() {
  struct Branch {
    std::uint32_t begin;
    const Node* condition;
    const Node* then;
  };
  std::vector<Branch> branches;
  do {
    const std::uint32_t begin = token_.span.begin;
    advance();
    const Node* condition = parse_pipe();
    if (condition == nullptr || !expect_keyword("then", "after the condition")) return nullptr;
    const Node* then = parse_pipe();
    if (then == nullptr) return nullptr;
    branches.push_back({begin, condition, then});
  } while (is_keyword("elif"));
  const Node* otherwise = nullptr;
  if (is_keyword("else")) {
    advance();
    otherwise = parse_pipe();
    if (otherwise == nullptr) return nullptr;
  }
  if (!expect_keyword("end", "after \"if\"")) return nullptr;
  if (otherwise == nullptr) otherwise = make(NodeKind::identity, previous_end_);
  for (std::size_t i = branches.size(); i-- > 0;) {
    otherwise =
        make(NodeKind::condition, branches[i].begin, {branches[i].condition, branches[i].then, otherwise});
  }
  return otherwise;
}

const Node* Parser::parse_fold() {
  const std::uint32_t begin = token_.span.begin;
  const bool is_reduce = token_.text == "reduce";
  advance();
  const Node* source = parse_binary(0);
  std::vector<const Pattern*> patterns;
  if (source == nullptr || !expect_keyword("as", "after the source") || !parse_patterns(patterns) ||
      !expect_symbol("(", "after the pattern"))
    return nullptr;
  std::vector<const Node*> parts{source};
  do {
    const Node* part = parse_pipe();
    if (part == nullptr) return nullptr;
    parts.push_back(part);
  } while (parts.size() < (is_reduce ? 3 : 4) && take_symbol(";"));
  if (parts.size() < 3) return unexpected("\";\" and the update");
  if (!expect_symbol(")", is_reduce ? "after the update" : "at the end of \"foreach\"")) return nullptr;
  if (!is_reduce) parts.resize(4);
  Node* node = make(is_reduce ? NodeKind::reduce : NodeKind::foreach, begin, std::move(parts));
  node->patterns = std::move(patterns);
  return node;
}

const Node* Parser::parse_break() {
  const std::uint32_t begin = token_.span.begin;
  advance();
  if (token_.kind != TokenKind::variable)
    return unexpected("the name of a label, such as $out, after \"break\"");
  const std::string name(token_.text);
  advance();
  Node* node = make(NodeKind::break_, begin);
  node->name = name;
  return node;
}

const Node* Parser::parse_array() {
  const std::uint32_t begin = token_.span.begin;
  advance();
  if (take_symbol("]")) return make(NodeKind::array, begin);
  const Node* inner = parse_pipe();
  if (inner == nullptr || !expect_symbol("]", "after the array")) return nullptr;
  return make(NodeKind::array, begin, {inner});
}

const Node* Parser::parse_object() {
  const std::uint32_t begin = token_.span.begin;
  advance();
  std::vector<const Node*> entries;
  if (!take_symbol("}")) {
    do {
      if (is_symbol("}") && !entries.empty()) break;
      if (!parse_member(entries)) return nullptr;
    } while (take_symbol(","));
    if (!expect_symbol("}", "after the object")) return nullptr;
  }
  return make(NodeKind::object, begin, std::move(entries));
}

// A key alone takes the value of that name from the input; $name alone that variable.
bool Parser::parse_member(std::vector<const Node*>& entries) {
  const std::uint32_t begin = token_.span.begin;
  const Node* key = nullptr;
  const Node* short_value = nullptr;
  bool is_short = true;
  if (token_.kind == TokenKind::variable) {
    const std::string name(token_.text);
    advance();
    Node* variable = make(name == "__loc__" ? NodeKind::location : NodeKind::variable, begin);
    variable->name = name;
    short_value = variable;
    key = is_symbol(":") ? variable : constant(begin, name);
  } else if (token_.kind == TokenKind::identifier || token_.kind == TokenKind::keyword) {
    const std::string_view name = token_.text;
    advance();
    key = constant(begin, name);
  } else if (token_.kind == TokenKind::number) {
    fail(token_.span, "only a string can be the key of an object");
    return false;
  } else if (token_.kind == TokenKind::quote || token_.kind == TokenKind::format) {
    key = parse_string();
  } else if (take_symbol("(")) {
    key = parse_pipe();
    if (key != nullptr && key->kind == NodeKind::constant && !key->value.is_string()) {
      fail({key->position, key->end}, "only a string can be the key of an object");
      return false;
    }
    if (key != nullptr && !expect_symbol(")", "after the key")) return false;
    is_short = false;
  } else {
    unexpected("a key");
    return false;
  }
  if (key == nullptr) return false;
  const Node* value = nullptr;
  if (!is_short || is_symbol(":")) {
    if (!expect_symbol(":", "after the key")) return false;
    value = parse_pipe(false);
  } else if (short_value != nullptr) {
    value = short_value;
  } else {
    value = make(NodeKind::index, begin, {make(NodeKind::identity, begin), key});
  }
  if (value == nullptr) return false;
  entries.push_back(key);
  entries.push_back(value);
  return true;
}

const Node* Parser::parse_call() {
  const std::uint32_t begin = token_.span.begin;
  const std::string name(token_.text);
  advance();
  std::vector<const Node*> arguments;
  if (take_symbol("(")) {
    do {
      const Node* argument = parse_pipe();
      if (argument == nullptr) return nullptr;
      arguments.push_back(argument);
    } while (take_symbol(";"));
    if (!expect_symbol(")", "after the arguments")) return nullptr;
  } else if (name == "null") {
    return constant(begin, JsonValue());
  } else if (name == "true" || name == "false") {
    return constant(begin, name == "true");
  }
  Node* node = make(NodeKind::call, begin, std::move(arguments));
  node->name = name;
  return node;
}

}  // namespace linkspan::data::jq
