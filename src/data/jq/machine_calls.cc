// Calls of functions and closures.
#include "data/jq/machine.h"

namespace linkspan::data::jq {

Machine::Step Machine::step_calls(const Instruction& at) {
  if (!ready()) return Step::stop;
  switch (at.op) {
    case Op::call:
      return call(program_->calls[at.a], false);
    case Op::tail_call:
      return call(program_->calls[at.a], true);
    case Op::call_closure:
      return call_closure(at.a, at.b, false);
    case Op::tail_call_closure:
      return call_closure(at.a, at.b, true);
    default:
      pc_ = frames_.current().return_to;
      frames_.pop();
      return Step::go_on;
  }
}

Machine::Step Machine::call(const CallSite& site, bool is_tail) {
  const std::uint32_t current = frames_.current_index();
  const std::uint32_t outer = site.level == kNowhere ? 0 : frames_.outer(site.level);
  closures_.clear();
  for (const ClosureArgument& argument : site.arguments) {
    closures_.push_back(argument.is_parameter ? frames_.closure(frames_.outer(argument.level), argument.index)
                                              : Closure{argument.index, current});
  }
  std::uint32_t caller = current;
  std::uint32_t return_to = pc_;
  if (is_tail) {
    caller = frames_.current().caller;
    return_to = frames_.current().return_to;
    frames_.vacate();
  }
  return enter_function(outer, caller, return_to, site.function);
}

Machine::Step Machine::call_closure(std::uint32_t level, std::uint32_t index, bool is_tail) {
  const Closure closure = frames_.closure(frames_.outer(level), index);
  closures_.clear();
  std::uint32_t caller = frames_.current_index();
  std::uint32_t return_to = pc_;
  if (is_tail) {
    caller = frames_.current().caller;
    return_to = frames_.current().return_to;
    frames_.vacate();
  }
  return enter_function(closure.frame, caller, return_to, closure.function);
}

Machine::Step Machine::enter_function(std::uint32_t outer, std::uint32_t caller, std::uint32_t return_to,
                                      std::uint32_t function) {
  const CompiledFunction& callee = program_->functions[function];
  if (frames_.depth() >= context_.limits().max_depth) {
    context_.stop("max_depth", context_.limits().max_depth);
    return Step::stop;
  }
  context_.count_bytes(sizeof(CallFrame));
  frames_.push(outer, caller, return_to, callee.variables, static_cast<std::uint32_t>(closures_.size()));
  for (std::uint32_t i = 0; i < closures_.size(); ++i)
    frames_.closure(frames_.current_index(), i) = closures_[i];
  pc_ = callee.start;
  return Step::go_on;
}

}  // namespace linkspan::data::jq
