// Definitions and calls: user's functions, parameters, natives, the library, and what is refused.
#include <algorithm>
#include <utility>

#include "data/jq/compiler.h"

namespace linkspan::data::jq {

namespace {

constexpr int kMaxInlined = 8;

struct Refusal {
  std::string_view name;
  std::size_t arguments;
  std::string_view why;
};

constexpr Refusal kRefused[] = {
    {"input", 0, "a program has one input, and cannot ask for more"},
    {"inputs", 0, "a program has one input, and cannot ask for more"},
    {"halt", 0, "a program cannot end the process"},
    {"halt_error", 0, "a program cannot end the process"},
    {"halt_error", 1, "a program cannot end the process"},
    {"env", 0, "a program cannot see the environment of the process"},
    {"get_search_list", 0, "a program cannot read files"},
    {"modulemeta", 0, "a program cannot read files"},
    {"input_filename", 0, "the input is no file"},
    {"input_line_number", 0, "the input is no file"},
    {"stderr", 0, "a program writes nothing but its outputs"},
};

// How often each parameter is called in a body; a large number where it is not for inlining.
struct Uses {
  const Function& function;
  std::vector<int> of_parameter;
  bool has_definitions = false;
  bool calls_itself = false;

  void count(const Node* node) {
    if (node == nullptr) return;
    if (node->kind == NodeKind::define) has_definitions = true;
    if (node->kind == NodeKind::call) {
      if (node->name == function.name && node->children.size() == function.parameters.size())
        calls_itself = true;
      for (std::size_t i = 0; i < function.parameters.size(); ++i)
        if (node->children.empty() && node->name == function.parameters[i].name) ++of_parameter[i];
    }
    for (const Node* child : node->children) count(child);
  }
};

}  // namespace

// Value parameters are bound as variables, so that how often they are used does not matter.
bool Compiler::can_inline(const Function& function) {
  const auto known = inlinable_.find(&function);
  if (known != inlinable_.end()) return known->second;
  Uses uses{function, std::vector<int>(function.parameters.size())};
  uses.count(function.body);
  bool fits = !uses.has_definitions && !uses.calls_itself;
  for (std::size_t i = 0; i < function.parameters.size(); ++i)
    fits = fits && uses.of_parameter[i] <= (function.parameters[i].is_value ? 0 : 1);
  inlinable_.emplace(&function, fits);
  return fits;
}

void Compiler::define(const Node& at, const Place& place) {
  const Function& function = at.function;
  Definition& definition = definitions_.emplace_back(
      Definition{&function, static_cast<std::uint32_t>(program_.functions.size()), place.frame});
  program_.functions.emplace_back();
  Place inner = place;
  inner.scope = push({.kind = Binding::Kind::definition,
                      .name = function.name,
                      .arguments = function.parameters.size(),
                      .frame = place.frame,
                      .definition = &definition},
                     place.scope);
  body(definition, inner.scope, place.in_library);
  node(*at.children[0], inner);
}

void Compiler::body(Definition& definition, const Binding* scope, bool in_library) {
  const Function& function = *definition.function;
  Frame& frame = frames_.emplace_back();
  frame.outer = definition.frame;
  frame.index = definition.index;
  Place place{&frame, scope, in_library};
  program_.functions[definition.index].parameters = static_cast<std::uint32_t>(function.parameters.size());
  const Span span = std::exchange(span_, {});
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    place.scope = push({.kind = Binding::Kind::parameter,
                        .name = function.parameters[i].name,
                        .frame = &frame,
                        .slot = static_cast<std::uint32_t>(i)},
                       place.scope);
  }
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    if (!function.parameters[i].is_value) continue;
    const std::uint32_t variable = slot(place);
    emit(place, Op::enter_dup);
    emit(place, Op::call_closure, 0, static_cast<std::uint32_t>(i));
    emit(place, Op::leave);
    emit(place, Op::store, 0, variable);
    place.scope = push({.kind = Binding::Kind::variable,
                        .name = function.parameters[i].name,
                        .frame = &frame,
                        .slot = variable},
                       place.scope);
  }
  node(*function.body, place);
  emit(place, Op::ret);
  finish(frame);
  span_ = span;
}

void Compiler::call(const Node& at, const Place& place) {
  const std::size_t arguments = at.children.size();
  if (const Binding* binding = find_function(place, at.name, arguments)) {
    if (binding->kind == Binding::Kind::definition) return defined_call(*binding->definition, at, place);
    return closure_call(*binding, at, place);
  }
  if (special_call(at, place)) return;
  if (const std::uint32_t native = find_native(at.name, arguments); native != kNoNative)
    return native_call(native, at, place);
  const Function* function = find_library_function(at.name, arguments);
  if (function == nullptr) {
    for (const Refusal& refusal : kRefused) {
      if (refusal.name == at.name && refusal.arguments == arguments)
        return fail(at, at.name + " is not available here: " + std::string(refusal.why));
    }
    return fail(at, at.name + "/" + std::to_string(arguments) + " is not defined");
  }
  library_call(*function, at, place);
}

// Errors inside are shown where the user called.
void Compiler::library_call(const Function& function, const Node& at, const Place& place) {
  const Span outer = span_;
  if (outer.end == 0 && !place.in_library) span_ = {at.position, at.end};
  if (place.inlined < kMaxInlined && can_inline(function)) {
    inline_call(function, at, place);
    span_ = outer;
    return;
  }
  Definition* known = library_[&function];
  if (known == nullptr) {
    known = &definitions_.emplace_back(
        Definition{&function, static_cast<std::uint32_t>(program_.functions.size()), nullptr});
    library_[&function] = known;
    program_.functions.emplace_back();
    body(*known, nullptr, true);
  }
  defined_call(*known, at, place);
  span_ = outer;
}

void Compiler::inline_call(const Function& function, const Node& at, const Place& place) {
  const Binding* names = nullptr;
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    names = push({.kind = Binding::Kind::inlined,
                  .name = function.parameters[i].name,
                  .frame = place.frame,
                  .node = at.children[i],
                  .scope = place.scope,
                  .in_library = place.in_library},
                 names);
  }
  Place inner{place.frame, names, true, place.inlined + 1};
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    if (!function.parameters[i].is_value) continue;
    const std::uint32_t variable = slot(place);
    const Span span = std::exchange(span_, place.in_library ? span_ : Span{});
    emit(place, Op::enter_dup);
    node(*at.children[i], place);
    emit(place, Op::leave);
    emit(place, Op::store, 0, variable);
    span_ = span;
    inner.scope = push({.kind = Binding::Kind::variable,
                        .name = function.parameters[i].name,
                        .frame = place.frame,
                        .slot = variable},
                       inner.scope);
  }
  node(*function.body, inner);
}

void Compiler::closure_call(const Binding& binding, const Node& at, const Place& place) {
  if (binding.kind == Binding::Kind::parameter) {
    emit(place, Op::call_closure, level(place, binding.frame), binding.slot, &at);
    return;
  }
  const bool in_library = binding.in_library;
  const Span span = std::exchange(span_, in_library ? span_ : Span{});
  node(*binding.node, {place.frame, binding.scope, in_library, place.inlined});
  span_ = span;
}

ClosureArgument Compiler::argument(const Node& at, const Place& place) {
  if (at.kind == NodeKind::call && at.children.empty()) {
    const Binding* binding = find_function(place, at.name, 0);
    if (binding != nullptr && binding->kind == Binding::Kind::parameter)
      return {true, level(place, binding->frame), binding->slot};
    if (binding != nullptr && binding->kind == Binding::Kind::inlined) {
      const bool in_library = binding->in_library;
      const Span span = std::exchange(span_, in_library ? span_ : Span{});
      const ClosureArgument inner =
          argument(*binding->node, {place.frame, binding->scope, in_library, place.inlined});
      span_ = span;
      return inner;
    }
  }
  const auto index = static_cast<std::uint32_t>(program_.functions.size());
  program_.functions.emplace_back();
  Frame& frame = frames_.emplace_back();
  frame.outer = place.frame;
  frame.index = index;
  const Place inner{&frame, place.scope, place.in_library, place.inlined};
  node(at, inner);
  emit(inner, Op::ret);
  finish(frame);
  return {false, 0, index};
}

void Compiler::defined_call(Definition& definition, const Node& at, const Place& place) {
  CallSite site;
  site.function = definition.index;
  site.level = definition.frame == nullptr ? kNowhere : level(place, definition.frame);
  const Span span = span_;
  if (!place.in_library) span_ = {};
  for (const Node* child : at.children) site.arguments.push_back(argument(*child, place));
  span_ = span;
  program_.calls.push_back(std::move(site));
  emit(place, Op::call, static_cast<std::uint32_t>(program_.calls.size() - 1), 0, &at);
}

void Compiler::native_call(std::uint32_t native, const Node& at, const Place& place) {
  for (std::size_t i = at.children.size(); i-- > 0;) beneath(*at.children[i], place);
  emit(place, Op::native, native, 0, &at);
}

// What is an instruction of its own.
bool Compiler::special_call(const Node& at, const Place& place) {
  const std::size_t arguments = at.children.size();
  const auto is = [&](std::string_view name, std::size_t count) {
    return at.name == name && arguments == count;
  };
  if (is("empty", 0)) {
    emit(place, Op::backtrack, 0, 0, &at);
  } else if (is("error", 0)) {
    emit(place, Op::raise, 0, 0, &at);
  } else if (is("error", 1)) {
    plain(*at.children[0], place);
    emit(place, Op::raise, 0, 0, &at);
  } else if (is("path", 1)) {
    emit(place, Op::path_begin);
    node(*at.children[0], place);
    emit(place, Op::path_end, 0, 0, &at);
  } else if (is("range", 2)) {
    beneath(*at.children[0], place);
    beneath(*at.children[1], place);
    emit(place, Op::pop);
    emit(place, Op::range, 0, 0, &at);
  } else if (is("getpath", 1)) {
    beneath(*at.children[0], place);
    emit(place, Op::get_path, 0, 0, &at);
  } else if (is("debug", 0)) {
    emit(place, Op::debug, 0, 0, &at);
  } else if (is("builtins", 0)) {
    emit(place, Op::constant, constant(builtin_names()));
  } else {
    return false;
  }
  return true;
}

void Compiler::library_call(std::string_view name, std::vector<const Node*> arguments, const Node& at,
                            const Place& place) {
  Node* made = make(NodeKind::call, at, std::move(arguments));
  made->name = name;
  library_call(*find_library_function(name, made->children.size()), *made, place);
}

}  // namespace linkspan::data::jq
