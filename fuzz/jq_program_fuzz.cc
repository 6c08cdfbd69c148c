// The jq parser and compiler on arbitrary bytes: a program or an error that shows a place, never more.
#include <cstdlib>
#include <string_view>

#include "base/error_kinds.h"
#include "data/jq/jq.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  const auto program = linkspan::data::JqProgram::compile(source, {"a", "ARGS"});
  if (!program) {
    require(program.error().slug() == linkspan::errors::jq_invalid.slug);
    require(program.error().detail().find(" at line ") != std::string::npos);
  }
  return 0;
}
