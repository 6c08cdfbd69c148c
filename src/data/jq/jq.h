// jq: the expression language of Linkspan, by the manual of jq 1.8, evaluated by our own machine.
//
//   auto program = JqProgram::compile("{id: .order.id, total: ([.order.items[] | .price * .qty] | add)}");
//   if (!program) return std::move(program).error();    // jq-invalid, with line, column and a caret
//   JqRun run;                                          // one per thread, used again and again
//   run.start(*program, order);
//   while (true) {
//     auto output = run.next();                         // Result<std::optional<JsonValue>>
//     if (!output) return std::move(output).error();    // jq-failed or jq-limit-exceeded
//     if (!*output) break;
//     use(**output);
//   }
//
// A program is immutable and may be run by any number of threads at once; it is cheap to copy. A run belongs
// to one thread. Neither programs nor data can exhaust the C++ stack: the machine keeps its own.
//
// Nothing reaches outside: input, inputs, import, include, module, halt, halt_error, env, $ENV,
// get_search_list, input_filename, input_line_number and stderr are refused when a program is compiled.
// `debug` goes to the caller's sink, `now` asks the caller's clock.
//
// Numbers: integers of 64 bits and longer literals keep every digit as long as they only pass through;
// arithmetic is that of doubles, as in jq 1.8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "data/json.h"

namespace linkspan::data {

// Past any of them the run ends with errors::jq_limit_exceeded, which `try` does not catch.
struct JqLimits {
  std::uint64_t max_steps = 50'000'000;  // instructions, and what builtins do: 4 items or 64 bytes a step
  // What the run holds, shared parts once, the input included. One instruction may take as much again before
  // it is noticed.
  std::size_t max_memory_bytes = 256 * 1024 * 1024;
  std::uint32_t max_depth = 100'000;  // of calls that are not in tail position
  std::uint64_t max_outputs = 1'000'000;
  // Of the JSON of all outputs, about: a value of a few nodes that share their parts may be endless as text.
  std::size_t max_output_bytes = 256 * 1024 * 1024;
};

struct JqOptions {
  JqLimits limits{};
  std::function<void(const JsonValue&)> debug;  // where `debug` sends its input; nowhere if empty
  const Clock* clock = nullptr;                 // for `now`; the system's if null
};

namespace jq {
struct Program;
class Machine;
}  // namespace jq

class JqProgram {
 public:
  // `variables` are the names (without "$") of global variables that start() gives values to.
  static Result<JqProgram> compile(std::string_view source, const std::vector<std::string>& variables = {});

 private:
  friend class JqRun;
  explicit JqProgram(std::shared_ptr<const jq::Program> program) : program_(std::move(program)) {}

  std::shared_ptr<const jq::Program> program_;
};

class JqRun {
 public:
  explicit JqRun(JqOptions options = {});
  ~JqRun();
  JqRun(JqRun&&) noexcept;
  JqRun& operator=(JqRun&&) noexcept;

  // Begins anew; `variables` are as many as compile() had names.
  void start(const JqProgram& program, JsonValue input, std::vector<JsonValue> variables = {});
  // The next output, nullopt after the last. After an error the run is over. errors::jq_failed: what the
  // program raised and did not catch.
  Result<std::optional<JsonValue>> next();
  // After errors::jq_failed: the value that was raised.
  const JsonValue& raised() const;

 private:
  std::unique_ptr<jq::Machine> machine_;
};

// All outputs of one run.
Result<std::vector<JsonValue>> run_jq(const JqProgram& program, JsonValue input,
                                      const JqOptions& options = {});

}  // namespace linkspan::data
