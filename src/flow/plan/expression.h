// An expression of a flow, compiled: jq with the steps before it as variables, or a value that stands for
// itself.
//
//   Result<Expression> total = Expression::compile(config.body, scope);
//   Result<data::JsonValue> value = total->evaluate(evaluator, {.input = order, .variables = values});
//
// Immutable; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/flow_config.h"
#include "data/jq/jq.h"
#include "data/json.h"

namespace linkspan::flow {

// The names of what an expression may mention besides its input, by slot: "reserve" is $reserve. An
// empty name is a slot that may not be mentioned.
using Scope = std::vector<std::string>;

// Runs expressions; one for each thread. Within limits that keep one run from holding up the others.
class Evaluator {
 public:
  explicit Evaluator(const Clock& clock);

  data::JqRun run;
};

class Expression {
 public:
  // Errors: jq_invalid; the detail has line, column and a caret, counted from the start of the text.
  static Result<Expression> compile(const config::Expression& text, const Scope& scope);

  // The first output; null if there is none. `variables` are by slot of the scope; those that the expression
  // does not mention are not looked at. Errors: jq_failed, jq_limit_exceeded.
  Result<data::JsonValue> evaluate(Evaluator& evaluator, const data::JsonValue& input,
                                   std::span<const data::JsonValue> variables) const;

  // The slots that it mentions.
  const std::vector<std::uint32_t>& mentions() const { return slots_; }

 private:
  std::optional<data::JqProgram> program_;  // none: a literal
  data::JsonValue literal_;
  std::vector<std::uint32_t> slots_;
};

}  // namespace linkspan::flow
