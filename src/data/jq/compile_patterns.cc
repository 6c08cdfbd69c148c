// Patterns that take values apart.
#include "data/jq/compiler.h"

namespace linkspan::data::jq {

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

}  // namespace linkspan::data::jq
