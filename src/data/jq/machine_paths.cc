// Instructions that go from a value to a part of it, and trace the path where one is asked for.
#include <utility>

#include "data/jq/machine.h"
#include "data/jq/operators.h"
#include "data/jq/paths.h"
#include "data/jq/value_text.h"

namespace linkspan::data::jq {

Machine::Step Machine::step_paths(const Instruction& at) {
  if (!ready()) return Step::stop;
  switch (at.op) {
    case Op::index_constant:
      return index(program_->constants[at.a], at.b != 0);
    case Op::index: {
      JsonValue container = values_.pop();
      const JsonValue key = values_.pop();
      values_.push(std::move(container));
      return index(key, at.b != 0);
    }
    case Op::each:
      return each(at.b != 0);
    case Op::range:
      return range();
    case Op::get_path:
      return get_path();
    case Op::path_begin: {
      JsonValue input = values_.pop();
      values_.push(std::exchange(trace_.path, JsonValue::empty_array()));
      values_.push(std::exchange(trace_.value, input));
      values_.push(std::exchange(trace_.inside, 0));
      values_.push(std::move(input));
      return Step::go_on;
    }
    default:
      return end_path();
  }
}

void Machine::extend_trace(JsonValue key, const JsonValue& value) {
  trace_.path.push_back(std::move(key));
  trace_.value = value;
  context_.count_bytes(trace_.path.size() * sizeof(JsonValue));
}

Machine::Step Machine::index(const JsonValue& key, bool optional) {
  const JsonValue& container = values_.top();
  if (tracing() && !container.is_identical(trace_.value)) {
    return raise("Invalid path expression near attempt to access element " + excerpt(key) + " of " +
                 excerpt(container));
  }
  JsonValue out;
  const JsonValue* member = key.is_string() ? container.find_key(key) : nullptr;
  if (member != nullptr) {
    out = *member;
  } else {
    std::string error;
    if (!get(context_, container, key, out, error)) {
      return optional && !context_.stopped() ? Step::backtrack : stop_or_raise(error);
    }
  }
  if (tracing()) extend_trace(key, out);
  values_.replace_top(std::move(out));
  return Step::go_on;
}

Machine::Step Machine::each(bool optional) {
  const JsonValue& top = values_.top();
  if (!top.is_array() && !top.is_object())
    return optional ? Step::backtrack : raise("Cannot iterate over " + described(top));
  if (tracing() && !top.is_identical(trace_.value))
    return raise("Invalid path expression near attempt to iterate through " + excerpt(top));
  JsonValue container = values_.pop();
  if (container.empty()) return Step::backtrack;
  Fork& items = fork(container.is_array() ? Fork::Kind::items : Fork::Kind::members, pc_);
  items.over = std::move(container);
  if (items.kind == Fork::Kind::members) items.member = items.over.members().begin();
  resume(items);
  return Step::go_on;
}

Machine::Step Machine::range() {
  const JsonValue to = values_.pop();
  const JsonValue from = values_.pop();
  if (!from.is_number() || !to.is_number()) return raise("Range bounds must be numeric");
  if (!(from.as_double() < to.as_double())) return Step::backtrack;
  Fork& numbers = fork(Fork::Kind::range, pc_);
  numbers.over = to;
  numbers.number = from.as_double();
  resume(numbers);
  return Step::go_on;
}

Machine::Step Machine::get_path() {
  JsonValue root = values_.pop();
  const JsonValue path = values_.pop();
  if (tracing() && !root.is_identical(trace_.value)) {
    return raise("Invalid path expression near attempt to access element " + excerpt(path) + " of " +
                 excerpt(root));
  }
  JsonValue out;
  std::string error;
  if (!jq::get_path(context_, root, path, out, error)) return stop_or_raise(error);
  if (tracing()) {
    for (const JsonValue& key : path.items()) trace_.path.push_back(key);
    trace_.value = out;
    context_.count_bytes(trace_.path.size() * sizeof(JsonValue));
  }
  values_.push(std::move(out));
  return Step::go_on;
}

Machine::Step Machine::end_path() {
  const JsonValue result = values_.pop();
  if (tracing() && !result.is_identical(trace_.value))
    return raise("Invalid path expression with result " + excerpt(result));
  JsonValue path = std::move(trace_.path);
  trace_.inside = static_cast<std::uint32_t>(values_.pop().int64());
  trace_.value = values_.pop();
  trace_.path = values_.pop();
  values_.push(std::move(path));
  return Step::go_on;
}

// The whole stays in its variable, where nothing else refers to it, so that it changes in place.
Machine::Step Machine::step_update(const Instruction& at) {
  if (!ready()) return Step::stop;
  const auto variable = [&](std::uint32_t number) -> JsonValue& {
    return frames_.variable(0, at.b + number);
  };
  std::string error;
  switch (at.op) {
    case Op::update_begin: {
      JsonValue value;
      if (!jq::get_path(context_, variable(0), variable(2), value, error)) return stop_or_raise(error);
      values_.push(std::move(value));
      return Step::go_on;
    }
    case Op::update_found:
      variable(3) = values_.pop();
      variable(4) = true;
      return Step::go_on;
    case Op::update_end: {
      JsonValue path = std::move(variable(2));
      if (!variable(4).is_true()) {
        variable(1).push_back(std::move(path));
        return context_.count_bytes(sizeof(JsonValue)) ? Step::go_on : Step::stop;
      }
      if (!set_path(context_, variable(0), path, std::move(variable(3)), error)) return stop_or_raise(error);
      return Step::go_on;
    }
    default: {
      JsonValue whole = std::move(variable(0));
      const JsonValue gone = std::move(variable(1));
      if (!gone.empty() && !delete_paths(context_, whole, gone, error)) return stop_or_raise(error);
      values_.push(std::move(whole));
      return Step::go_on;
    }
  }
}

}  // namespace linkspan::data::jq
