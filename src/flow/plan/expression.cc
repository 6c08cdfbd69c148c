#include "flow/plan/expression.h"

#include <algorithm>

#include "data/json_parse.h"

namespace linkspan::flow {

namespace {

constexpr data::JqLimits kLimits{.max_steps = 5'000'000,
                                 .max_memory_bytes = 64 * 1024 * 1024,
                                 .max_depth = 10'000,
                                 .max_outputs = 1,
                                 .max_output_bytes = 16 * 1024 * 1024};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Whether "$name" occurs: in a string or a comment, too, which costs a variable that is not needed.
bool mentions_variable(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    const std::string_view rest = text.substr(at + 1);
    if (rest.starts_with(name) && (rest.size() == name.size() || !is_name_character(rest[name.size()])))
      return true;
  }
  return false;
}

}  // namespace

// The program stops by itself after its first output, so the limit on outputs is never met.
Evaluator::Evaluator(const Clock& clock) : run({.limits = kLimits, .debug = {}, .clock = &clock}) {}

Result<Expression> Expression::compile(const config::Expression& text, const Scope& scope) {
  Expression made;
  if (text.is_literal) {
    Result<data::JsonValue> value = data::parse_json(text.text);
    if (!value) return std::move(value).error();
    made.literal_ = std::move(*value);
    return made;
  }
  std::vector<std::string> names;
  for (std::uint32_t slot = 0; slot < scope.size(); ++slot) {
    if (scope[slot].empty() || !mentions_variable(text.text, scope[slot])) continue;
    names.push_back(scope[slot]);
    made.slots_.push_back(slot);
  }
  Result<data::JqProgram> program = data::JqProgram::compile(text.text, names);
  if (!program) return std::move(program).error();
  made.program_ = std::move(*program);
  return made;
}

Result<data::JsonValue> Expression::evaluate(Evaluator& evaluator, const data::JsonValue& input,
                                             std::span<const data::JsonValue> variables) const {
  if (!program_) return literal_;
  std::vector<data::JsonValue> values;
  values.reserve(slots_.size());
  for (std::uint32_t slot : slots_) values.push_back(variables[slot]);
  evaluator.run.start(*program_, input, std::move(values));
  Result<std::optional<data::JsonValue>> output = evaluator.run.next();
  if (!output) return std::move(output).error();
  return *output ? std::move(**output) : data::JsonValue();
}

}  // namespace linkspan::flow
