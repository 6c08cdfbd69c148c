// jq programs on arbitrary inputs: up to a zero byte the program, behind it the input. Invariants: within
// small limits every run ends; what comes out is JSON; an error is of a known kind; a run that is started
// again gives the same.
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error_kinds.h"
#include "data/jq/jq.h"
#include "data/json_parse.h"
#include "data/json_write.h"

namespace {

using namespace linkspan::data;

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr JqLimits kLimits{.max_steps = 100'000,
                           .max_memory_bytes = 4 << 20,
                           .max_depth = 2'000,
                           .max_outputs = 1'000,
                           .max_output_bytes = 1 << 20};
constexpr JsonLimits kJsonLimits{.max_depth = 200, .allow_non_finite = true};

struct Ending {
  std::string outputs;
  bool went_past_a_limit = false;
};

Ending run(JqRun& run, const JqProgram& program, const JsonValue& input) {
  Ending ending;
  run.start(program, input, {1});
  while (true) {
    const auto output = run.next();
    if (!output) {
      const auto slug = output.error().slug();
      ending.went_past_a_limit = slug == linkspan::errors::jq_limit_exceeded.slug;
      require(ending.went_past_a_limit || slug == linkspan::errors::jq_failed.slug);
      ending.outputs += output.error().detail();
      require(run.next().ok());
      break;
    }
    if (!*output) break;
    const std::string text = write_json(**output);
    require(parse_json(text, {.max_depth = 100'000}).ok());
    ending.outputs += text + '\n';
  }
  return ending;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find('\0');
  const auto program = JqProgram::compile(text.substr(0, end), {"a"});
  if (!program) return 0;
  const auto input = parse_json(end == std::string_view::npos ? "null" : text.substr(end + 1), kJsonLimits);
  if (!input) return 0;
  linkspan::VirtualClock clock;
  JqRun twice({.limits = kLimits, .debug = {}, .clock = &clock});
  const Ending first = run(twice, *program, *input);
  const Ending second = run(twice, *program, *input);
  if (!first.went_past_a_limit && !second.went_past_a_limit) require(first.outputs == second.outputs);
  return 0;
}
