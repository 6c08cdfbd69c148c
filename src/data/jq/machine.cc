#include "data/jq/machine.h"

#include <cmath>
#include <unordered_set>
#include <utility>

#include "base/error_kinds.h"
#include "data/jq/operators.h"
#include "data/jq/paths.h"
#include "data/jq/value_text.h"
#include "data/utf8.h"

namespace linkspan::data::jq {

namespace {

constexpr std::size_t kMaxMessageBytes = 4096;

}  // namespace

void Machine::start(std::shared_ptr<const Program> program, JsonValue input,
                    std::vector<JsonValue> variables) {
  program_ = std::move(program);
  context_.begin();
  values_.clear();
  frames_.clear();
  forks_.clear();
  trace_ = {};
  raised_ = JsonValue();
  labels_ = outputs_ = 0;
  output_bytes_ = 0;
  frames_.push(0, 0, 0, program_->functions[0].variables, 0);
  variables.resize(program_->globals);
  for (std::uint32_t i = 0; i < program_->globals; ++i) frames_.variable(0, i) = std::move(variables[i]);
  values_.push(std::move(input));
  pc_ = program_->functions[0].start;
  over_ = resumed_ = false;
}

Result<std::optional<JsonValue>> Machine::next() {
  if (over_) return std::optional<JsonValue>();
  if (resumed_ && !backtrack()) {
    over_ = true;
    return std::optional<JsonValue>();
  }
  resumed_ = true;
  while (true) {
    const Instruction& instruction = program_->code[pc_];
    if (instruction.op == Op::output) {
      if (!may_give_output()) break;
      return std::optional<JsonValue>(values_.pop());
    }
    ++pc_;
    if (!context_.count_steps(1)) break;
    const Step step = this->step(instruction);
    if (step == Step::go_on) [[likely]]
      continue;
    if (step == Step::stop) break;
    const Step onward = step == Step::raise ? unwind() : step;
    if (onward == Step::stop) break;
    if (onward == Step::backtrack && !backtrack()) {
      over_ = true;
      return std::optional<JsonValue>();
    }
  }
  over_ = true;
  return to_error();
}

bool Machine::may_give_output() {
  const JqLimits& limits = context_.limits();
  if (context_.stopped()) return false;
  if (++outputs_ > limits.max_outputs) return context_.stop("max_outputs", limits.max_outputs);
  TextExtent extent;
  const std::size_t left = limits.max_output_bytes - output_bytes_;
  if (!measure_text(context_, values_.top(), left, extent)) return false;
  if (extent.bytes > left) return context_.stop("max_output_bytes", limits.max_output_bytes);
  output_bytes_ += extent.bytes;
  return true;
}

Machine::Step Machine::step(const Instruction& instruction) {
  switch (instruction.op) {
    case Op::constant:
    case Op::push_constant:
    case Op::load:
    case Op::push_load:
    case Op::push_take:
    case Op::take:
    case Op::store:
    case Op::clear:
    case Op::dup:
    case Op::swap:
    case Op::pop:
    case Op::enter:
    case Op::leave:
    case Op::enter_dup:
    case Op::leave_swap:
      return step_variables(instruction);
    case Op::index:
    case Op::index_constant:
    case Op::each:
    case Op::range:
    case Op::get_path:
    case Op::path_begin:
    case Op::path_end:
      return step_paths(instruction);
    case Op::update_begin:
    case Op::update_found:
    case Op::update_end:
    case Op::update_finish:
      return step_update(instruction);
    case Op::append:
    case Op::insert:
    case Op::insert_constant:
    case Op::binary:
    case Op::negate:
    case Op::format:
    case Op::concatenate:
    case Op::native:
    case Op::debug:
      return step_data(instruction);
    case Op::call:
    case Op::tail_call:
    case Op::call_closure:
    case Op::tail_call_closure:
    case Op::ret:
      return step_calls(instruction);
    default:
      return step_control(instruction);
  }
}

Machine::Step Machine::step_variables(const Instruction& at) {
  switch (at.op) {
    case Op::constant:
      values_.replace_top(program_->constants[at.a]);
      break;
    case Op::push_constant: {
      JsonValue top = values_.pop();
      values_.push(program_->constants[at.a]);
      values_.push(std::move(top));
      break;
    }
    case Op::load:
      values_.replace_top(frames_.variable(at.a, at.b));
      break;
    case Op::push_load: {
      JsonValue top = values_.pop();
      values_.push(frames_.variable(at.a, at.b));
      values_.push(std::move(top));
      break;
    }
    case Op::push_take:
      values_.push(std::move(frames_.variable(0, at.b)));
      break;
    case Op::take:
      values_.replace_top(std::move(frames_.variable(0, at.b)));
      break;
    case Op::store:
      frames_.variable(0, at.b) = values_.pop();
      break;
    case Op::clear:
      frames_.variable(0, at.b) = JsonValue();
      break;
    case Op::enter_dup:
      ++trace_.inside;
      [[fallthrough]];
    case Op::dup:
      values_.push(JsonValue(values_.top()));
      break;
    case Op::leave_swap:
      --trace_.inside;
      [[fallthrough]];
    case Op::swap: {
      JsonValue top = values_.pop();
      JsonValue below = values_.pop();
      values_.push(std::move(top));
      values_.push(std::move(below));
      break;
    }
    case Op::pop:
      values_.drop();
      break;
    case Op::enter:
      ++trace_.inside;
      break;
    default:
      --trace_.inside;
      break;
  }
  return Step::go_on;
}

Machine::Step Machine::step_control(const Instruction& at) {
  switch (at.op) {
    case Op::jump:
      pc_ = at.a;
      return Step::go_on;
    case Op::jump_if_falsy:
      if (!values_.top().is_truthy()) pc_ = at.a;
      values_.drop();
      return Step::go_on;
    case Op::to_boolean:
      values_.replace_top(values_.top().is_truthy());
      return Step::go_on;
    case Op::fork:
      fork(Fork::Kind::plain, at.a);
      return Step::go_on;
    case Op::try_begin:
      fork(Fork::Kind::attempt, at.a);
      return Step::go_on;
    case Op::alternative_begin:
      fork(Fork::Kind::alternative, at.a);
      return Step::go_on;
    case Op::destructure_begin:
      fork(Fork::Kind::destructure, at.a);
      return Step::go_on;
    case Op::try_end:
      return end_attempt();
    case Op::alternative_test:
      if (!values_.top().is_truthy()) return Step::backtrack;
      frames_.variable(0, at.b) = true;
      return Step::go_on;
    case Op::backtrack_if:
      return frames_.variable(0, at.b).is_true() ? Step::backtrack : Step::go_on;
    case Op::label:
      frames_.variable(0, at.b) = ++labels_;
      fork(Fork::Kind::label, 0).at = labels_;
      return Step::go_on;
    case Op::break_:
      return leave_label(static_cast<std::uint64_t>(frames_.variable(at.a, at.b).int64()));
    case Op::raise:
      return raise(values_.pop());
    default:
      return Step::backtrack;
  }
}

Machine::Step Machine::raise(JsonValue error) {
  raised_ = std::move(error);
  raised_pc_ = pc_ - 1;
  raised_frame_ = frames_.current_index();
  return Step::raise;
}

// Counts what is held, shared parts once.
bool Machine::measure() {
  std::size_t bytes = values_.bytes() + frames_.bytes() + forks_.size() * sizeof(Fork);
  std::vector<const JsonValue*> open;
  std::unordered_set<const void*> seen;
  std::uint64_t looked_at = 0;
  const auto visit = [&](const JsonValue& value) {
    if (value.node_bytes() != 0) open.push_back(&value);
  };
  values_.sweep(visit);
  frames_.sweep(visit);
  for (const Fork& fork : forks_) {
    visit(fork.over);
    visit(fork.trace.path);
    visit(fork.trace.value);
  }
  while (!open.empty()) {
    const JsonValue& value = *open.back();
    open.pop_back();
    looked_at += 1 + (value.items().size() + value.members().size()) / 4;
    if (!value.is_unique()) {
      const void* node = value.is_array()    ? static_cast<const void*>(value.items().data())
                         : value.is_object() ? static_cast<const void*>(&*value.members().begin())
                         : value.is_string() ? static_cast<const void*>(value.string().data())
                                             : static_cast<const void*>(value.literal().data());
      if (!seen.insert(node).second) continue;
    }
    bytes += value.node_bytes();
    for (const JsonValue& item : value.items()) visit(item);
    for (const JsonMember& member : value.members()) {
      visit(member.key);
      visit(member.value);
    }
  }
  return context_.count_steps(looked_at) && context_.measured(bytes);
}

// The innermost call that stands in the user's text.
Span Machine::place_of_error() {
  std::uint32_t pc = raised_pc_;
  std::uint32_t frame = raised_frame_;
  while (program_->spans[pc].begin == kNowhere && frame != 0) {
    pc = frames_.at(frame).return_to - 1;
    frame = frames_.at(frame).caller;
  }
  const Span span = program_->spans[pc];
  return span.begin == kNowhere ? Span{} : span;
}

Error Machine::to_error() {
  if (context_.stopped()) {
    raised_pc_ = pc_ == 0 ? 0 : pc_ - 1;
    raised_frame_ = frames_.current_index();
    return Error(errors::jq_limit_exceeded,
                 point_at(program_->source, place_of_error(), context_.stop_reason()));
  }
  std::string message = raised_.is_string() ? std::string(raised_.string().substr(0, kMaxMessageBytes))
                                            : excerpt(raised_) + " (not a string) was raised";
  message.resize(valid_utf8_bytes(message));
  return Error(errors::jq_failed, point_at(program_->source, place_of_error(), message));
}

}  // namespace linkspan::data::jq
