// Assignments: =, |= and the operators with =.
#include "data/jq/compiler.h"

namespace linkspan::data::jq {

// `a op= b` evaluates b once per output, on the whole input.
void Compiler::assignment(const Node& at, const Place& place) {
  const Node& left = *at.children[0];
  const Node& right = *at.children[1];
  if (at.kind == NodeKind::assign) return library_call("_assign", {&left, &right}, at, place);
  if (at.kind == NodeKind::update) return update(left, right, at, place);
  const std::uint32_t operand = slot(place);
  emit(place, Op::enter_dup);
  node(right, place);
  emit(place, Op::leave);
  emit(place, Op::store, 0, operand);
  Place inner = place;
  // A name that no program can write.
  constexpr std::string_view kOperand = "operand of an update";
  inner.scope =
      push({.kind = Binding::Kind::variable, .name = kOperand, .frame = place.frame, .slot = operand},
           place.scope);
  Node* value = make(NodeKind::variable, at, {});
  value->name = kOperand;
  Node* input = make(NodeKind::identity, at, {});
  Node* changed = make(at.name == "//" ? NodeKind::alternative : NodeKind::binary, at, {input, value});
  changed->name = at.name;
  update(left, *changed, at, inner);
}

// For each path the first output of `update` on what stands there takes its place; where there is none the
// path is deleted, after all others are done.
void Compiler::update(const Node& paths, const Node& update, const Node& at, const Place& place) {
  const std::uint32_t whole = slot(place);
  const std::uint32_t gone = slot(place);
  const std::uint32_t path = slot(place);
  slot(place);  // the new value
  const std::uint32_t found = slot(place);
  const std::uint32_t mark = slot(place);
  emit(place, Op::dup);
  emit(place, Op::store, 0, whole);
  emit(place, Op::push_constant, constant(JsonValue::empty_array()));
  emit(place, Op::swap);
  emit(place, Op::store, 0, gone);
  const std::uint32_t input = slot(place);
  emit(place, Op::store, 0, input);
  const std::uint32_t all = emit(place, Op::fork);
  emit(place, Op::push_take, 0, input);
  emit(place, Op::path_begin);
  node(paths, place);
  emit(place, Op::path_end, 0, 0, &at);
  emit(place, Op::store, 0, path);
  emit(place, Op::clear, 0, found);
  const std::uint32_t none = emit(place, Op::fork);
  emit(place, Op::label, 0, mark);
  emit(place, Op::update_begin, 0, whole, &at);
  plain(update, place);
  emit(place, Op::update_found, 0, whole);
  emit(place, Op::break_, 0, mark);
  land(place, none);
  emit(place, Op::update_end, 0, whole, &at);
  emit(place, Op::backtrack);
  land(place, all);
  emit(place, Op::update_finish, 0, whole, &at);
}

}  // namespace linkspan::data::jq
