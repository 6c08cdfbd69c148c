// The machine that runs a Program; see program.h for its instructions. One run at a time, one thread; keeps
// the memory of its stacks from run to run. Nothing here recurses, whatever the program or the data.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/jq/context.h"
#include "data/jq/program.h"
#include "data/jq/stacks.h"

namespace linkspan::data::jq {

class Machine {
 public:
  explicit Machine(JqOptions options) : context_(std::move(options)) {}

  void start(std::shared_ptr<const Program> program, JsonValue input, std::vector<JsonValue> variables);
  Result<std::optional<JsonValue>> next();
  const JsonValue& raised() const { return raised_; }

 private:
  // What a path expression has come to: nothing is traced while `path` is null.
  struct Trace {
    JsonValue path;
    JsonValue value;           // what stands at the path
    std::uint32_t inside = 0;  // of expressions that are no part of it
  };
  struct Fork {
    enum class Kind : std::uint8_t {
      plain,
      items,    // of an array
      members,  // of an object
      range,
      attempt,
      alternative,
      attempt_over,  // an error that comes here passes by one attempt or alternative
      destructure,
      label
    };
    Kind kind = Kind::plain;
    std::uint32_t target = 0;
    ValueStack::Mark values;
    FrameStack::Mark frames;
    Trace trace;
    JsonValue over;        // what is iterated; of a range the end
    std::uint64_t at = 0;  // item; id of a label
    double number = 0;
    JsonMembers::Iterator member;
  };
  enum class Step : std::uint8_t { go_on, backtrack, raise, stop };

  // Whether one more output, the value on top, is within the limits.
  bool may_give_output();
  Step step(const Instruction& instruction);
  Step step_variables(const Instruction& instruction);
  Step step_control(const Instruction& instruction);
  Step step_data(const Instruction& instruction);
  Step step_paths(const Instruction& instruction);
  Step step_calls(const Instruction& instruction);
  Step step_update(const Instruction& instruction);

  Fork& fork(Fork::Kind kind, std::uint32_t target);
  void drop_fork();
  // Goes on at the innermost fork; false if there is none.
  bool backtrack();
  bool resume(Fork& fork);
  void next_item(Fork& fork);
  // Goes on where the error raised_ is caught; Step::stop if nowhere.
  Step unwind();
  Step end_attempt();
  Step leave_label(std::uint64_t id);

  Step index(const JsonValue& key, bool optional);
  Step each(bool optional);
  Step range();
  Step get_path();
  Step end_path();
  Step insert(JsonValue key);
  Step apply_binary(BinaryOperator op);
  Step concatenate(std::uint32_t parts);
  Step call_native(const Native& native);
  Step call(const CallSite& site, bool is_tail);
  Step call_closure(std::uint32_t level, std::uint32_t index, bool is_tail);
  Step enter_function(std::uint32_t outer, std::uint32_t caller, std::uint32_t return_to,
                      std::uint32_t function);

  bool tracing() const { return !trace_.path.is_null() && trace_.inside == 0; }
  void extend_trace(JsonValue key, const JsonValue& value);
  Step raise(JsonValue error);
  Step stop_or_raise(JsonValue error) { return context_.stopped() ? Step::stop : raise(std::move(error)); }
  // Before an instruction that takes memory; false if a limit is passed.
  bool ready() {
    context_.begin_instruction();
    return !context_.must_measure() || measure();
  }
  bool measure();
  Span place_of_error();
  Error to_error();

  Context context_;
  std::shared_ptr<const Program> program_;
  ValueStack values_;
  FrameStack frames_;
  std::vector<Fork> forks_;
  Trace trace_;
  std::vector<JsonValue> arguments_;  // of the native that is called
  std::vector<Closure> closures_;     // of the call that is made
  std::uint32_t pc_ = 0;
  std::uint64_t labels_ = 0;
  std::uint64_t outputs_ = 0;
  std::size_t output_bytes_ = 0;
  JsonValue raised_;
  std::uint32_t raised_pc_ = 0;
  std::uint32_t raised_frame_ = 0;
  bool over_ = true;
  bool resumed_ = false;  // an output was given; backtrack for the next
};

}  // namespace linkspan::data::jq
