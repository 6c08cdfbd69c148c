// Conditions, errors, reduce, foreach, bindings and labels.
#include "data/jq/compiler.h"

namespace linkspan::data::jq {

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

}  // namespace linkspan::data::jq
