#include "data/jq/compile.h"

#include <utility>

#include "base/error_kinds.h"
#include "data/jq/compiler.h"

namespace linkspan::data::jq {

namespace {

bool is_simple(const Node& node) {
  return node.kind == NodeKind::constant || node.kind == NodeKind::identity ||
         node.kind == NodeKind::variable;
}

}  // namespace

bool Compiler::compile(const Ast& ast, const std::vector<std::string>& variables) {
  Frame& frame = frames_.emplace_back();
  program_.functions.emplace_back();
  Place place{&frame, nullptr};
  for (const std::string& name : variables) {
    Binding binding{.kind = Binding::Kind::variable, .name = name, .frame = &frame, .slot = slot(place)};
    place.scope = push(binding, place.scope);
  }
  program_.globals = static_cast<std::uint32_t>(variables.size());
  node(*ast.root, place);
  emit(place, Op::output);
  finish(frame);
  if (!failed_) link();
  return !failed_;
}

void Compiler::fail(const Node& at, std::string message) {
  if (failed_) return;
  failed_ = true;
  fault_ = span_.end != 0 ? span_ : Span{at.position, at.end};
  message_ = std::move(message);
}

std::uint32_t Compiler::emit(const Place& place, Op op, std::uint32_t a, std::uint32_t b, const Node* at) {
  Frame& frame = *place.frame;
  frame.code.push_back({op, a, b});
  Span span{kNowhere, 0};
  if (span_.end != 0) {
    span = span_;
  } else if (at != nullptr && !place.in_library) {
    span = {at->position, at->end};
  }
  frame.spans.push_back(span);
  return static_cast<std::uint32_t>(frame.code.size() - 1);
}

void Compiler::land(const Place& place, std::uint32_t jump) {
  place.frame->code[jump].a = static_cast<std::uint32_t>(place.frame->code.size());
}

std::uint32_t Compiler::constant(const JsonValue& value) {
  program_.constants.push_back(value);
  return static_cast<std::uint32_t>(program_.constants.size() - 1);
}

Node* Compiler::make(NodeKind kind, const Node& at, std::vector<const Node*> children) {
  Node& node = nodes_.emplace_back();
  node.kind = kind;
  node.position = at.position;
  node.end = at.end;
  node.children = std::move(children);
  return &node;
}

const Compiler::Binding* Compiler::push(Binding binding, const Binding* next) {
  binding.next = next;
  return &bindings_.emplace_back(binding);
}

const Compiler::Binding* Compiler::find(const Place& place, Binding::Kind kind, std::string_view name) const {
  const Binding* at = place.scope;
  while (at != nullptr && (at->kind != kind || at->name != name)) at = at->next;
  return at;
}

const Compiler::Binding* Compiler::find_function(const Place& place, std::string_view name,
                                                 std::size_t arguments) const {
  for (const Binding* at = place.scope; at != nullptr; at = at->next) {
    if (at->kind >= Binding::Kind::definition && at->arguments == arguments && at->name == name) return at;
  }
  return nullptr;
}

std::uint32_t Compiler::level(const Place& place, const Frame* frame) {
  std::uint32_t levels = 0;
  for (const Frame* at = place.frame; at != frame; at = at->outer) ++levels;
  return levels;
}

void Compiler::beneath(const Node& node, const Place& place) {
  if (node.kind == NodeKind::constant) {
    emit(place, Op::push_constant, constant(node.value), 0, &node);
  } else if (node.kind == NodeKind::variable && node.name != "__loc__" && node.name != "ENV") {
    const Binding* binding = find(place, Binding::Kind::variable, node.name);
    if (binding == nullptr) return fail(node, "$" + node.name + " is not defined");
    emit(place, Op::push_load, level(place, binding->frame), binding->slot, &node);
  } else {
    emit(place, Op::enter_dup);
    this->node(node, place);
    emit(place, Op::leave_swap);
  }
}

void Compiler::plain(const Node& node, const Place& place) {
  if (is_simple(node)) return this->node(node, place);
  emit(place, Op::enter);
  this->node(node, place);
  emit(place, Op::leave);
}

void Compiler::node(const Node& at, const Place& place) {
  if (failed_) return;
  switch (at.kind) {
    case NodeKind::identity:
      return;
    case NodeKind::constant:
      emit(place, Op::constant, constant(at.value), 0, &at);
      return;
    case NodeKind::variable:
    case NodeKind::location:
      return variable(at, place);
    case NodeKind::text:
      return text(at, place);
    case NodeKind::format: {
      Format format{};
      if (!find_format(at.name, format)) return fail(at, "@" + at.name + " is not a format");
      emit(place, Op::format, static_cast<std::uint32_t>(format), 0, &at);
      return;
    }
    case NodeKind::index:
    case NodeKind::slice:
    case NodeKind::iterate:
      return index(at, place);
    case NodeKind::array:
      return array(at, place);
    case NodeKind::object:
      return object(at, place);
    case NodeKind::negate:
      plain(*at.children[0], place);
      emit(place, Op::negate, 0, 0, &at);
      return;
    case NodeKind::pipe:
      node(*at.children[0], place);
      return node(*at.children[1], place);
    case NodeKind::comma: {
      const std::uint32_t fork = emit(place, Op::fork);
      node(*at.children[0], place);
      const std::uint32_t jump = emit(place, Op::jump);
      land(place, fork);
      node(*at.children[1], place);
      return land(place, jump);
    }
    case NodeKind::binary:
      return binary(at, place);
    case NodeKind::both:
    case NodeKind::either:
      return logic(at, place);
    case NodeKind::alternative:
      return alternative(place, *at.children[0], *at.children[1]);
    case NodeKind::assign:
    case NodeKind::update:
    case NodeKind::update_with:
      return assignment(at, place);
    case NodeKind::condition:
      return condition(at, place);
    case NodeKind::attempt:
      return attempt(at, place);
    case NodeKind::reduce:
      return reduce(at, place);
    case NodeKind::foreach:
      return foreach (at, place);
    case NodeKind::bind:
      return bind(at, place);
    case NodeKind::label:
      return label(at, place);
    case NodeKind::break_: {
      const Binding* binding = find(place, Binding::Kind::label, at.name);
      if (binding == nullptr) return fail(at, "$*label-" + at.name + " is not defined");
      emit(place, Op::break_, level(place, binding->frame), binding->slot, &at);
      return;
    }
    case NodeKind::call:
      return call(at, place);
    case NodeKind::define:
      return define(at, place);
  }
}

void Compiler::variable(const Node& at, const Place& place) {
  if (at.kind == NodeKind::location || at.name == "__loc__") {
    const auto line = line_column(source_, at.position).line;
    emit(place, Op::constant, constant(JsonValue::object({{"file", "<top-level>"}, {"line", line}})));
    return;
  }
  if (const Binding* binding = find(place, Binding::Kind::variable, at.name)) {
    emit(place, Op::load, level(place, binding->frame), binding->slot, &at);
  } else if (at.name == "ENV") {
    fail(at, "$ENV is not available here: a program cannot see the environment of the process");
  } else {
    fail(at, "$" + at.name + " is not defined");
  }
}

void Compiler::text(const Node& at, const Place& place) {
  Format format{};
  if (!find_format(at.name, format)) return fail(at, "@" + at.name + " is not a format");
  for (std::size_t i = at.children.size(); i-- > 0;) {
    const Node& part = *at.children[i];
    if (part.kind == NodeKind::constant) {
      emit(place, Op::push_constant, constant(part.value));
      continue;
    }
    emit(place, Op::enter_dup);
    node(*part.children[0], place);
    emit(place, Op::format, static_cast<std::uint32_t>(format), 0, &part);
    emit(place, Op::leave_swap);
  }
  emit(place, Op::concatenate, static_cast<std::uint32_t>(at.children.size()), 0, &at);
}

void Compiler::index(const Node& at, const Place& place) {
  const Node& term = *at.children[0];
  if (at.kind == NodeKind::iterate) {
    node(term, place);
    emit(place, Op::each, 0, at.optional, &at);
    return;
  }
  const Node* key = at.children[1];
  if (at.kind == NodeKind::slice) {
    const auto bound = [&](std::size_t i) {
      return at.children[i] != nullptr ? at.children[i] : make(NodeKind::constant, at, {});
    };
    const auto name = [&](std::string_view text) {
      Node* made = make(NodeKind::constant, at, {});
      made->value = text;
      return made;
    };
    const Node* from = bound(1);
    const Node* to = bound(2);
    key = make(NodeKind::object, at, {name("start"), from, name("end"), to});
    if (from->kind == NodeKind::constant && to->kind == NodeKind::constant) {
      Node* range = make(NodeKind::constant, at, {});
      range->value = JsonValue::object({{"start", from->value}, {"end", to->value}});
      key = range;
    }
  }
  if (key->kind == NodeKind::constant) {
    node(term, place);
    emit(place, Op::index_constant, constant(key->value), at.optional, &at);
    return;
  }
  beneath(*key, place);
  node(term, place);
  emit(place, Op::index, 0, at.optional, &at);
}

void Compiler::object(const Node& at, const Place& place) {
  emit(place, Op::push_constant, constant(JsonValue::empty_object()));
  for (std::size_t i = 0; i < at.children.size(); i += 2) {
    const Node& key = *at.children[i];
    if (key.kind == NodeKind::constant) {
      beneath(*at.children[i + 1], place);
      emit(place, Op::insert_constant, constant(key.value), 0, &key);
    } else {
      beneath(key, place);
      beneath(*at.children[i + 1], place);
      emit(place, Op::insert, 0, 0, &key);
    }
  }
  emit(place, Op::pop);
}

void Compiler::array(const Node& at, const Place& place) {
  const JsonValue empty = JsonValue::empty_array();
  if (at.children.empty()) {
    emit(place, Op::constant, constant(empty), 0, &at);
    return;
  }
  const std::uint32_t items = slot(place);
  emit(place, Op::push_constant, constant(empty));
  emit(place, Op::swap);
  emit(place, Op::store, 0, items);
  const std::uint32_t fork = emit(place, Op::fork);
  plain(*at.children[0], place);
  emit(place, Op::append, 0, items, &at);
  emit(place, Op::backtrack);
  land(place, fork);
  emit(place, Op::take, 0, items);
}

void Compiler::binary(const Node& at, const Place& place) {
  static constexpr std::pair<std::string_view, BinaryOperator> kOperators[] = {
      {"_plus", BinaryOperator::plus},
      {"_minus", BinaryOperator::minus},
      {"_multiply", BinaryOperator::multiply},
      {"_divide", BinaryOperator::divide},
      {"_mod", BinaryOperator::remainder},
      {"_equal", BinaryOperator::equal},
      {"_notequal", BinaryOperator::unequal},
      {"_less", BinaryOperator::less},
      {"_lesseq", BinaryOperator::less_equal},
      {"_greater", BinaryOperator::greater},
      {"_greatereq", BinaryOperator::greater_equal}};
  beneath(*at.children[1], place);
  plain(*at.children[0], place);
  for (const auto& [name, op] : kOperators)
    if (name == at.name) emit(place, Op::binary, static_cast<std::uint32_t>(op), 0, &at);
}

namespace {

// Whether a call is the last that its function does, and what it runs does not need the function's frame.
bool can_tail(const Program& program, const std::vector<Instruction>& code, std::size_t at) {
  std::size_t next = at + 1;
  while (code[next].op == Op::jump) next = code[next].a;
  if (code[next].op != Op::ret) return false;
  if (code[at].op == Op::call_closure) return true;
  const CallSite& site = program.calls[code[at].a];
  if (site.level == 0) return false;
  for (const ClosureArgument& argument : site.arguments)
    if (!argument.is_parameter) return false;
  return true;
}

bool has_target(Op op) {
  switch (op) {
    case Op::jump:
    case Op::jump_if_falsy:
    case Op::fork:
    case Op::try_begin:
    case Op::alternative_begin:
    case Op::destructure_begin:
      return true;
    default:
      return false;
  }
}

}  // namespace

void Compiler::finish(Frame& frame) {
  if (failed_) return;
  for (std::size_t i = 0; i < frame.code.size(); ++i) {
    Op& op = frame.code[i].op;
    if ((op == Op::call || op == Op::call_closure) && can_tail(program_, frame.code, i))
      op = op == Op::call ? Op::tail_call : Op::tail_call_closure;
  }
  program_.functions[frame.index].variables = frame.variables;
}

void Compiler::link() {
  for (Frame& frame : frames_) {
    const auto start = static_cast<std::uint32_t>(program_.code.size());
    program_.functions[frame.index].start = start;
    for (Instruction instruction : frame.code) {
      if (has_target(instruction.op) && instruction.a != kNowhere) instruction.a += start;
      program_.code.push_back(instruction);
    }
    program_.spans.insert(program_.spans.end(), frame.spans.begin(), frame.spans.end());
  }
}

Result<std::shared_ptr<const Program>> compile(std::string_view source, const Ast& ast,
                                               const std::vector<std::string>& variables) {
  auto program = std::make_shared<Program>();
  program->source = source;
  Compiler compiler(source, *program);
  if (!compiler.compile(ast, variables))
    return Error(errors::jq_invalid, point_at(source, compiler.fault(), compiler.message()));
  return std::shared_ptr<const Program>(std::move(program));
}

}  // namespace linkspan::data::jq
