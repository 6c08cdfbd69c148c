// Instructions that make values: collecting, objects, operators, formats, natives.
#include <utility>

#include "data/jq/machine.h"
#include "data/jq/operators.h"

namespace linkspan::data::jq {

namespace {

constexpr std::size_t kItemsPerStep = 4;

}  // namespace

Machine::Step Machine::step_data(const Instruction& at) {
  if (!ready()) return Step::stop;
  switch (at.op) {
    case Op::append: {
      JsonValue& items = frames_.variable(0, at.b);
      items.push_back(values_.pop());
      return context_.count_bytes(sizeof(JsonValue)) ? Step::go_on : Step::stop;
    }
    case Op::insert_constant: {
      JsonValue input = values_.pop();
      JsonValue value = values_.pop();
      JsonValue object = values_.pop();
      if (!context_.count_change(object)) return Step::stop;
      object.set(program_->constants[at.a], std::move(value));
      values_.push(std::move(object));
      values_.push(std::move(input));
      return context_.count_bytes(sizeof(JsonMember)) ? Step::go_on : Step::stop;
    }
    case Op::insert: {
      JsonValue input = values_.pop();
      JsonValue value = values_.pop();
      JsonValue key = values_.pop();
      JsonValue object = values_.pop();
      if (!key.is_string()) return raise("Object keys must be strings");
      const std::size_t bytes = sizeof(JsonMember) + key.node_bytes();
      if (!context_.count_change(object)) return Step::stop;
      object.set(std::move(key), std::move(value));
      values_.push(std::move(object));
      values_.push(std::move(input));
      return context_.count_bytes(bytes) ? Step::go_on : Step::stop;
    }
    case Op::binary:
      return apply_binary(static_cast<BinaryOperator>(at.a));
    case Op::negate: {
      JsonValue value = values_.pop();
      if (!negate(value)) return raise(std::move(value));
      values_.push(std::move(value));
      return Step::go_on;
    }
    case Op::format: {
      JsonValue value = values_.pop();
      if (!apply_format(context_, static_cast<Format>(at.a), value)) return stop_or_raise(std::move(value));
      values_.push(std::move(value));
      return Step::go_on;
    }
    case Op::concatenate:
      return concatenate(at.a);
    case Op::native:
      return call_native(natives()[at.a]);
    default:
      if (context_.options().debug) context_.options().debug(values_.top());
      return Step::go_on;
  }
}

Machine::Step Machine::apply_binary(BinaryOperator op) {
  JsonValue left = values_.pop();
  const JsonValue right = values_.pop();
  if (!apply(context_, op, left, right)) return stop_or_raise(std::move(left));
  values_.push(std::move(left));
  return Step::go_on;
}

Machine::Step Machine::concatenate(std::uint32_t parts) {
  values_.drop();
  std::string text;
  for (std::uint32_t i = 0; i < parts; ++i) {
    const JsonValue part = values_.pop();
    if (!context_.count_bytes(part.size())) return Step::stop;
    text += part.string();
  }
  values_.push(JsonValue(text));
  return Step::go_on;
}

Machine::Step Machine::call_native(const Native& native) {
  arguments_.clear();
  for (std::uint32_t i = 0; i <= native.arguments; ++i) {
    const JsonValue& argument = arguments_.emplace_back(values_.pop());
    if (argument.is_string()) {
      if (!context_.count_text(argument.size())) return Step::stop;
    } else if (native.looks_at_items && !context_.count_steps(argument.size() / kItemsPerStep)) {
      return Step::stop;
    }
  }
  const bool ok = native.function(context_, arguments_);
  JsonValue result = std::move(arguments_[0]);
  arguments_.clear();
  if (context_.stopped()) return Step::stop;
  if (!ok) return raise(std::move(result));
  if (native.looks_at_items && result.is_unique()) context_.count_bytes(result.node_bytes());
  values_.push(std::move(result));
  return Step::go_on;
}

}  // namespace linkspan::data::jq
