// The machine's stacks. A fork protects what stands on them: what is below its mark is copied when it is
// popped and never overwritten, so that backtracking finds it as it was; what is above is moved.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "data/json.h"

namespace linkspan::data::jq {

// Values, linked from the top down. Index 0 is the empty stack.
class ValueStack {
 public:
  struct Mark {
    std::uint32_t top = 0;
    std::uint32_t guarded = 0;
  };

  ValueStack() { slots_.resize(64); }

  void push(JsonValue value) {
    const std::uint32_t at = std::max(top_, guarded_) + 1;
    if (at == slots_.size()) [[unlikely]]
      slots_.resize(slots_.size() * 2);
    slots_[at].value = std::move(value);
    slots_[at].below = top_;
    top_ = at;
    highest_ = std::max(highest_, at);
  }
  JsonValue pop() {
    Slot& slot = slots_[top_];
    const bool own = top_ > guarded_;
    top_ = slot.below;
    return own ? std::move(slot.value) : slot.value;
  }
  void drop() {
    Slot& slot = slots_[top_];
    if (top_ > guarded_) slot.value = JsonValue();
    top_ = slot.below;
  }
  const JsonValue& top() const { return slots_[top_].value; }
  void replace_top(JsonValue value) {
    if (top_ > guarded_) [[likely]] {
      slots_[top_].value = std::move(value);
      return;
    }
    top_ = slots_[top_].below;
    push(std::move(value));
  }

  Mark protect() {
    const Mark mark{top_, guarded_};
    guarded_ = std::max(guarded_, top_);
    return mark;
  }
  // The innermost fork is gone; the stack is as it was then.
  void restore(Mark mark) {
    top_ = mark.top;
    guarded_ = mark.guarded;
  }
  // The innermost fork is gone; the stack stays as it is.
  void release(Mark mark) { guarded_ = mark.guarded; }

  void clear() {
    for (std::uint32_t i = 0; i <= highest_; ++i) slots_[i].value = JsonValue();
    top_ = guarded_ = highest_ = 0;
  }
  // Forgets values that are out of reach, and calls `visit` with the others.
  template <typename Visit>
  void sweep(Visit visit) {
    const std::uint32_t reachable = std::max(top_, guarded_);
    for (std::uint32_t i = reachable + 1; i <= highest_; ++i) slots_[i].value = JsonValue();
    highest_ = reachable;
    for (std::uint32_t i = 1; i <= reachable; ++i) visit(slots_[i].value);
  }
  std::size_t bytes() const { return slots_.size() * sizeof(Slot); }

 private:
  struct Slot {
    JsonValue value;
    std::uint32_t below = 0;
  };
  std::vector<Slot> slots_;
  std::uint32_t top_ = 0;
  std::uint32_t guarded_ = 0;
  std::uint32_t highest_ = 0;
};

// A closure: a function and the frame in which it was written.
struct Closure {
  std::uint32_t function = 0;
  std::uint32_t frame = 0;
};

struct CallFrame {
  std::uint32_t outer = 0;  // where the function was defined
  std::uint32_t caller = 0;
  std::uint32_t return_to = 0;
  std::uint32_t variables = 0;  // first of its variables and closures
  std::uint32_t closures = 0;
};

// Frames of calls, their variables and the closures that were handed to them.
class FrameStack {
 public:
  struct Ends {
    std::uint32_t frames = 0;
    std::uint32_t variables = 0;
    std::uint32_t closures = 0;
  };
  struct Mark {
    std::uint32_t current = 0;
    Ends ends;
    Ends guarded;
  };

  CallFrame& current() { return frames_[current_]; }
  std::uint32_t current_index() const { return current_; }
  CallFrame& at(std::uint32_t index) { return frames_[index]; }
  std::uint32_t outer(std::uint32_t level) const {
    std::uint32_t at = current_;
    for (; level > 0; --level) at = frames_[at].outer;
    return at;
  }
  JsonValue& variable(std::uint32_t level, std::uint32_t slot) {
    return variables_[frames_[outer(level)].variables + slot];
  }
  Closure& closure(std::uint32_t frame, std::uint32_t index) {
    return closures_[frames_[frame].closures + index];
  }
  std::uint32_t depth() const { return ends_.frames; }

  // A new frame on top, which is then the current one. Its closures are to be filled in.
  void push(std::uint32_t outer, std::uint32_t caller, std::uint32_t return_to, std::uint32_t variables,
            std::uint32_t closures) {
    const Ends base{std::max(ends_.frames, guarded_.frames), std::max(ends_.variables, guarded_.variables),
                    std::max(ends_.closures, guarded_.closures)};
    ends_ = {base.frames + 1, base.variables + variables, base.closures + closures};
    if (ends_.frames > frames_.size()) frames_.resize(ends_.frames * 2);
    if (ends_.variables > variables_.size()) variables_.resize(ends_.variables * 2);
    if (ends_.closures > closures_.size()) closures_.resize(ends_.closures * 2);
    highest_variable_ = std::max(highest_variable_, ends_.variables);
    frames_[base.frames] = {outer, caller, return_to, base.variables, base.closures};
    current_ = base.frames;
  }
  // The current frame ends; its caller goes on.
  void pop() {
    const std::uint32_t caller = frames_[current_].caller;
    vacate();
    current_ = caller;
  }
  // The current frame ends, and a call that replaces it is about to be pushed.
  void vacate() {
    const CallFrame& frame = frames_[current_];
    ends_ = {current_, frame.variables, frame.closures};
  }

  Mark protect() {
    const Mark mark{current_, ends_, guarded_};
    guarded_ = {std::max(guarded_.frames, ends_.frames), std::max(guarded_.variables, ends_.variables),
                std::max(guarded_.closures, ends_.closures)};
    return mark;
  }
  void restore(const Mark& mark) {
    current_ = mark.current;
    ends_ = mark.ends;
    guarded_ = mark.guarded;
  }
  void release(const Mark& mark) { guarded_ = mark.guarded; }

  void clear() {
    for (std::uint32_t i = 0; i < highest_variable_; ++i) variables_[i] = JsonValue();
    current_ = highest_variable_ = 0;
    ends_ = guarded_ = {};
  }
  template <typename Visit>
  void sweep(Visit visit) {
    const std::uint32_t reachable = std::max(ends_.variables, guarded_.variables);
    for (std::uint32_t i = reachable; i < highest_variable_; ++i) variables_[i] = JsonValue();
    highest_variable_ = reachable;
    for (std::uint32_t i = 0; i < reachable; ++i) visit(variables_[i]);
  }
  std::size_t bytes() const {
    return frames_.size() * sizeof(CallFrame) + variables_.size() * sizeof(JsonValue) +
           closures_.size() * sizeof(Closure);
  }

 private:
  std::vector<CallFrame> frames_;
  std::vector<JsonValue> variables_;
  std::vector<Closure> closures_;
  std::uint32_t current_ = 0;
  std::uint32_t highest_variable_ = 0;  // past the last that may hold something
  Ends ends_;
  Ends guarded_;
};

}  // namespace linkspan::data::jq
