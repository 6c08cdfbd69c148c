#include "data/jq/jq.h"

#include "data/jq/compile.h"
#include "data/jq/machine.h"
#include "data/jq/parser.h"

namespace linkspan::data {

Result<JqProgram> JqProgram::compile(std::string_view source, const std::vector<std::string>& variables) {
  auto ast = jq::parse_program(source);
  if (!ast) return std::move(ast).error();
  auto program = jq::compile(source, *ast, variables);
  if (!program) return std::move(program).error();
  return JqProgram(*std::move(program));
}

JqRun::JqRun(JqOptions options) : machine_(std::make_unique<jq::Machine>(std::move(options))) {}

JqRun::~JqRun() = default;
JqRun::JqRun(JqRun&&) noexcept = default;
JqRun& JqRun::operator=(JqRun&&) noexcept = default;

void JqRun::start(const JqProgram& program, JsonValue input, std::vector<JsonValue> variables) {
  machine_->start(program.program_, std::move(input), std::move(variables));
}

Result<std::optional<JsonValue>> JqRun::next() {
  return machine_->next();
}

const JsonValue& JqRun::raised() const {
  return machine_->raised();
}

Result<std::vector<JsonValue>> run_jq(const JqProgram& program, JsonValue input, const JqOptions& options) {
  JqRun run(options);
  run.start(program, std::move(input));
  std::vector<JsonValue> outputs;
  while (true) {
    auto output = run.next();
    if (!output) return std::move(output).error();
    if (!*output) return outputs;
    outputs.push_back(**std::move(output));
  }
}

}  // namespace linkspan::data
