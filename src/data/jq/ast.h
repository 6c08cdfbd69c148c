// A jq program as a tree. Made by the parser, read by the compiler, never changed in between.
//
// An Ast owns its nodes; nodes point to each other with plain pointers. Reading is safe from any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "data/json.h"

namespace linkspan::data::jq {

enum class NodeKind : unsigned char {
  identity,
  constant,     // value
  variable,     // name, without "$"
  location,     // $__loc__
  text,         // children are the parts: constants and expressions; name is the format ("text" if none)
  format,       // name
  index,        // children: term, key; `optional`
  slice,        // children: term, from, to (either may be null); `optional`
  iterate,      // children: term; `optional`
  array,        // children: what is collected, or none
  object,       // children: key, value, key, value, ...
  negate,       // children: operand
  pipe,         // children: left, right
  comma,        // children: left, right
  binary,       // name is the function ("_plus"); children: left, right
  both,         // `and`
  either,       // `or`
  alternative,  // `//`
  assign,       // `=`
  update,       // `|=`
  update_with,  // `+=` and its kin; name is the function, "//" for `//=`
  condition,    // children: condition, then, else
  attempt,      // children: body, handler (may be null)
  reduce,       // patterns; children: source, initial, update
  foreach,      // patterns; children: source, initial, update, extract (may be null)
  bind,         // patterns; children: source, body
  label,        // name; children: body
  break_,       // name
  call,         // name; children: arguments
  define        // function; children: what follows
};

struct Node;

// What stands after `as`.
struct Pattern {
  enum class Kind : unsigned char { variable, array, object };
  struct Member {
    const Node* key = nullptr;  // null where only a variable is given
    std::string variable;       // {$name} and {$name: pattern}; empty if none
    const Pattern* value = nullptr;
  };
  Kind kind = Kind::variable;
  std::string variable;
  std::vector<const Pattern*> items;
  std::vector<Member> members;
  std::uint32_t position = 0;
};

struct Parameter {
  std::string name;
  bool is_value = false;  // $name: bound as a variable too
};

struct Function {
  std::string name;
  std::vector<Parameter> parameters;
  const Node* body = nullptr;
};

struct Node {
  NodeKind kind = NodeKind::identity;
  bool optional = false;
  std::uint32_t position = 0;  // bytes from the start of the source
  std::uint32_t end = 0;
  std::uint32_t height = 1;  // levels of nodes, this one included
  std::string name;
  JsonValue value;
  std::vector<const Node*> children;
  std::vector<const Pattern*> patterns;
  Function function;
};

struct Ast {
  std::deque<Node> nodes;
  std::deque<Pattern> patterns;
  const Node* root = nullptr;              // null in a library
  std::vector<const Function*> functions;  // of a library: definitions without a program after them
};

}  // namespace linkspan::data::jq
