// For the tests of jq: programs and inputs as text in, outputs as text out.
#pragma once

#include <string>
#include <string_view>

#include "data/jq/jq.h"
#include "data/json_parse.h"
#include "data/json_write.h"

namespace linkspan::data::jq {

// The outputs, one a line; at the end "error: " and the first line of the error, if there is one.
inline std::string outputs_of(std::string_view source, std::string_view input = "null",
                              JqOptions options = {}) {
  auto program = JqProgram::compile(source);
  if (!program) return "refused: " + program.error().detail();
  auto value = parse_json(input);
  if (!value) return "no input: " + value.error().detail();
  JqRun run(std::move(options));
  run.start(*program, *std::move(value));
  std::string text;
  while (true) {
    auto output = run.next();
    if (!output) {
      const std::string& detail = output.error().detail();
      return text + std::string(output.error().slug()) + ": " + detail.substr(0, detail.find('\n'));
    }
    if (!*output) break;
    if (!text.empty()) text += '\n';
    text += write_json(**output);
  }
  return text;
}

}  // namespace linkspan::data::jq
