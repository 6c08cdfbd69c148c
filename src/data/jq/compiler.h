// The compiler behind compile.h; only compile*.cc use it. One object per program.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/jq/ast.h"
#include "data/jq/program.h"

namespace linkspan::data::jq {

class Compiler {
 public:
  Compiler(std::string_view source, Program& program) : source_(source), program_(program) {}

  bool compile(const Ast& ast, const std::vector<std::string>& variables);
  Span fault() const { return fault_; }
  const std::string& message() const { return message_; }

 private:
  // A function while it is compiled; code is put behind that of others at the end.
  struct Frame {
    Frame* outer = nullptr;  // where it was defined
    std::uint32_t index = 0;
    std::uint32_t variables = 0;
    std::vector<Instruction> code;
    std::vector<Span> spans;
  };
  struct Definition {
    const Function* function;
    std::uint32_t index;  // of the compiled function
    Frame* frame;         // where it was defined; null for the library
  };
  // Names that are visible, innermost first; a list that shares its tail.
  struct Binding {
    enum class Kind : unsigned char { variable, label, definition, parameter, inlined };
    Kind kind;
    std::string_view name;
    std::size_t arguments = 0;
    Frame* frame = nullptr;
    std::uint32_t slot = 0;  // of a variable or label; number of a parameter
    Definition* definition = nullptr;
    const Node* node = nullptr;  // of an inlined argument, which stands for itself
    const Binding* scope = nullptr;
    bool in_library = false;
    const Binding* next = nullptr;
  };
  // Where code goes: the function, what names mean in it, and whether this is the text of the library.
  struct Place {
    Frame* frame;
    const Binding* scope;
    bool in_library = false;
    int inlined = 0;  // levels
  };

  void node(const Node& node, const Place& place);
  void text(const Node& node, const Place& place);
  void index(const Node& node, const Place& place);
  void object(const Node& node, const Place& place);
  void array(const Node& node, const Place& place);
  void binary(const Node& node, const Place& place);
  void logic(const Node& node, const Place& place);
  void alternative(const Place& place, const Node& left, const Node& right);
  void assignment(const Node& node, const Place& place);
  void update(const Node& paths, const Node& update, const Node& at, const Place& place);
  void condition(const Node& node, const Place& place);
  void attempt(const Node& node, const Place& place);
  void reduce(const Node& node, const Place& place);
  void foreach (const Node& node, const Place& place);
  void bind(const Node& node, const Place& place);
  void label(const Node& node, const Place& place);
  void variable(const Node& node, const Place& place);
  void define(const Node& node, const Place& place);

  // Destructures [value] to []; returns where the names are known. `then` begins right behind.
  Place patterns(const std::vector<const Pattern*>& all, const Place& place);
  void pattern(const Pattern& pattern, const Place& place);
  void declare(const Pattern& pattern, Place& place);

  void call(const Node& node, const Place& place);
  bool special_call(const Node& node, const Place& place);
  void native_call(std::uint32_t native, const Node& node, const Place& place);
  void closure_call(const Binding& binding, const Node& node, const Place& place);
  void defined_call(Definition& definition, const Node& node, const Place& place);
  void inline_call(const Function& function, const Node& node, const Place& place);
  bool can_inline(const Function& function);
  void library_call(const Function& function, const Node& at, const Place& place);
  // By its name in the library, whatever the user has defined under that name.
  void library_call(std::string_view name, std::vector<const Node*> arguments, const Node& at,
                    const Place& place);
  ClosureArgument argument(const Node& node, const Place& place);
  void body(Definition& definition, const Binding* scope, bool in_library);
  void finish(Frame& frame);
  void link();

  // [x] -> [v x]: the value of an expression, beneath its input.
  void beneath(const Node& node, const Place& place);
  // [x] -> [v], the expression not being part of a path.
  void plain(const Node& node, const Place& place);

  const Binding* find(const Place& place, Binding::Kind kind, std::string_view name) const;
  const Binding* find_function(const Place& place, std::string_view name, std::size_t arguments) const;
  const Binding* push(Binding binding, const Binding* next);
  static std::uint32_t level(const Place& place, const Frame* frame);
  std::uint32_t slot(const Place& place) { return place.frame->variables++; }
  std::uint32_t constant(const JsonValue& value);
  std::uint32_t emit(const Place& place, Op op, std::uint32_t a = 0, std::uint32_t b = 0,
                     const Node* at = nullptr);
  void land(const Place& place, std::uint32_t jump);  // its target is what comes next
  Node* make(NodeKind kind, const Node& at, std::vector<const Node*> children);
  void fail(const Node& at, std::string message);

  std::string_view source_;
  Program& program_;
  std::deque<Frame> frames_;
  std::deque<Binding> bindings_;
  std::deque<Definition> definitions_;
  std::deque<Node> nodes_;  // made here
  std::unordered_map<const Function*, Definition*> library_;
  std::unordered_map<const Function*, bool> inlinable_;
  Span span_;  // of the user's text that is being compiled
  int depth_ = 0;
  bool failed_ = false;
  Span fault_;
  std::string message_;
};

}  // namespace linkspan::data::jq
