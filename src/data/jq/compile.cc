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

void Compiler::logic(const Node& at, const Place& place) {
  const bool is_and = at.kind == NodeKind::both;
  emit(place, Op::enter_dup);
  node(*at.children[0], place);
  emit(place, Op::leave);
  const std::uint32_t falsy = emit(place, Op::jump_if_falsy);
  if (is_and) {
    plain(*at.children[1], place);
    emit(place, Op::to_boolean);
  } else {
    emit(place, Op::constant, constant(true));
  }
  const std::uint32_t done = emit(place, Op::jump);
  land(place, falsy);
  if (is_and) {
    emit(place, Op::constant, constant(false));
  } else {
    plain(*at.children[1], place);
    emit(place, Op::to_boolean);
  }
  land(place, done);
}

void Compiler::alternative(const Place& place, const Node& left, const Node& right) {
  const std::uint32_t found = slot(place);
  emit(place, Op::clear, 0, found);
  const std::uint32_t begin = emit(place, Op::alternative_begin);
  node(left, place);
  emit(place, Op::alternative_test, 0, found);
  emit(place, Op::try_end);
  const std::uint32_t done = emit(place, Op::jump);
  land(place, begin);
  emit(place, Op::backtrack_if, 0, found);
  node(right, place);
  land(place, done);
}

void Compiler::condition(const Node& at, const Place& place) {
  emit(place, Op::enter_dup);
  node(*at.children[0], place);
  emit(place, Op::leave);
  const std::uint32_t falsy = emit(place, Op::jump_if_falsy);
  node(*at.children[1], place);
  const std::uint32_t done = emit(place, Op::jump);
  land(place, falsy);
  node(*at.children[2], place);
  land(place, done);
}

void Compiler::attempt(const Node& at, const Place& place) {
  const std::uint32_t begin = emit(place, Op::try_begin, kNowhere);
  node(*at.children[0], place);
  emit(place, Op::try_end);
  if (at.children[1] == nullptr) return;
  const std::uint32_t done = emit(place, Op::jump);
  land(place, begin);
  node(*at.children[1], place);
  land(place, done);
}

void Compiler::reduce(const Node& at, const Place& place) {
  const std::uint32_t state = slot(place);
  const std::uint32_t input = slot(place);
  emit(place, Op::dup);
  node(*at.children[1], place);
  emit(place, Op::store, 0, state);
  // The input goes around the fork, which would keep it: often it is what the state begins with, and then the
  // first change would copy it.
  emit(place, Op::store, 0, input);
  const std::uint32_t fork = emit(place, Op::fork);
  emit(place, Op::push_take, 0, input);
  node(*at.children[0], place);
  const Place inner = patterns(at.patterns, place);
  emit(inner, Op::push_take, 0, state);
  node(*at.children[2], inner);
  emit(inner, Op::store, 0, state);
  emit(inner, Op::backtrack);
  land(place, fork);
  emit(place, Op::push_take, 0, state);
}

void Compiler::foreach (const Node& at, const Place& place) {
  const std::uint32_t state = slot(place);
  emit(place, Op::dup);
  node(*at.children[1], place);
  emit(place, Op::store, 0, state);
  node(*at.children[0], place);
  const Place inner = patterns(at.patterns, place);
  emit(inner, Op::push_take, 0, state);
  node(*at.children[2], inner);
  emit(inner, Op::dup);
  emit(inner, Op::store, 0, state);
  if (at.children[3] != nullptr) node(*at.children[3], inner);
}

void Compiler::bind(const Node& at, const Place& place) {
  emit(place, Op::enter_dup);
  node(*at.children[0], place);
  emit(place, Op::leave);
  const Place inner = patterns(at.patterns, place);
  node(*at.children[1], inner);
}

void Compiler::label(const Node& at, const Place& place) {
  Place inner = place;
  const std::uint32_t mark = slot(place);
  inner.scope =
      push({.kind = Binding::Kind::label, .name = at.name, .frame = place.frame, .slot = mark}, place.scope);
  emit(place, Op::label, 0, mark);
  node(*at.children[0], inner);
}

// With alternatives every name of all patterns is known, and null where the pattern that fits has it not.
Compiler::Place Compiler::patterns(const std::vector<const Pattern*>& all, const Place& place) {
  Place inner = place;
  const std::uint32_t first = place.frame->variables;
  for (const Pattern* each : all) declare(*each, inner);
  const std::uint32_t end = place.frame->variables;
  std::vector<std::uint32_t> jumps;
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::uint32_t begin = 0;
    const bool is_last = i + 1 == all.size();
    if (!is_last) begin = emit(inner, Op::destructure_begin);
    if (all.size() > 1)
      for (std::uint32_t variable = first; variable < end; ++variable) emit(inner, Op::clear, 0, variable);
    pattern(*all[i], inner);
    if (is_last) break;
    jumps.push_back(emit(inner, Op::jump));
    land(inner, begin);
  }
  for (const std::uint32_t jump : jumps) land(inner, jump);
  return inner;
}

void Compiler::declare(const Pattern& pattern, Place& place) {
  const auto add = [&](const std::string& name) {
    if (name.empty()) return;
    place.scope =
        push({.kind = Binding::Kind::variable, .name = name, .frame = place.frame, .slot = slot(place)},
             place.scope);
  };
  add(pattern.variable);
  for (const Pattern* item : pattern.items) declare(*item, place);
  for (const Pattern::Member& member : pattern.members) {
    add(member.variable);
    if (member.value != nullptr) declare(*member.value, place);
  }
}

void Compiler::pattern(const Pattern& at, const Place& place) {
  const auto store = [&](const std::string& name) {
    emit(place, Op::store, 0, find(place, Binding::Kind::variable, name)->slot);
  };
  if (failed_) return;
  if (at.kind == Pattern::Kind::variable) return store(at.variable);
  Node marker;
  marker.position = at.position;
  marker.end = at.position + 1;
  for (std::size_t i = 0; i < at.items.size(); ++i) {
    emit(place, Op::enter_dup);
    emit(place, Op::index_constant, constant(static_cast<std::int64_t>(i)), 0, &marker);
    emit(place, Op::leave);
    pattern(*at.items[i], place);
  }
  for (const Pattern::Member& member : at.members) {
    emit(place, Op::enter_dup);
    if (member.key == nullptr) {
      emit(place, Op::index_constant, constant(member.variable), 0, &marker);
    } else if (member.key->kind == NodeKind::constant) {
      emit(place, Op::index_constant, constant(member.key->value), 0, &marker);
    } else {
      beneath(*member.key, place);
      emit(place, Op::index, 0, 0, &marker);
    }
    emit(place, Op::leave);
    if (!member.variable.empty()) {
      if (member.value != nullptr) emit(place, Op::dup);
      store(member.variable);
    }
    if (member.value != nullptr) pattern(*member.value, place);
  }
  emit(place, Op::pop);
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
