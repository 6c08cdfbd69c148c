#include "data/jq/jq.h"

#include "base/error_kinds.h"
#include "data/jq/compile.h"
#include "data/jq/machine.h"
#include "data/jq/parser.h"
#include "data/jq/source.h"
#include "data/utf8.h"

namespace linkspan::data {

namespace {

constexpr std::size_t kMaxSourceBytes = 16 * 1024 * 1024;

// What the parser takes for granted.
Result<void> check_text(std::string_view source) {
  if (source.size() > kMaxSourceBytes) return Error(errors::jq_invalid, "a program is at most 16 MiB long");
  const std::size_t valid = valid_utf8_bytes(source);
  if (valid == source.size()) return {};
  const auto [line, column] = jq::line_column(source.substr(0, valid), static_cast<std::uint32_t>(valid));
  return Error(errors::jq_invalid,
               "invalid UTF-8 at line " + std::to_string(line) + ", column " + std::to_string(column));
}

}  // namespace

Result<JqProgram> JqProgram::compile(std::string_view source, const std::vector<std::string>& variables) {
  Result<void> checked = check_text(source);
  if (!checked) return std::move(checked).error();
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
