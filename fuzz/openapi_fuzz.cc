// API descriptions from arbitrary bytes: loaded twice, shown, linted, compared with themselves; for each
// operation examples, and requests and responses built from them and read back. Invariants: loading is
// deterministic; a description differs in nothing from itself; ids of operations are unique; what is no
// description says why.
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error_kinds.h"
#include "catalog/diff.h"
#include "catalog/example_check.h"
#include "catalog/lint.h"
#include "catalog/load.h"
#include "catalog/show.h"
#include "data/json_write.h"

namespace {

using namespace linkspan::catalog;
using linkspan::Error;
using linkspan::Result;

void require(bool condition) {
  if (!condition) std::abort();
}

LoadLimits limits() {
  LoadLimits limits;
  limits.document.max_bytes = 64 * 1024;
  limits.document.max_depth = 50;
  limits.document.max_nodes = 20'000;
  limits.document.max_alias_nodes = 5'000;
  limits.max_documents = 4;
  limits.max_references = 1'000;
  limits.max_operations = 20;
  limits.max_parameters = 20;
  limits.max_problems = 100;
  return limits;
}

constexpr ExampleOptions kExample{.seed = 1, .max_optional_depth = 3, .max_depth = 12, .max_values = 300};

// Text behind a zero byte is a second file, "b.yaml".
LoadResult load(std::string_view text) {
  const std::size_t end = text.find('\0');
  const auto loader = [text, end](const std::string& path) -> Result<std::string> {
    if (path == "a.yaml") return std::string(text.substr(0, end));
    if (path == "b.yaml" && end != std::string_view::npos) return std::string(text.substr(end + 1));
    return Error(linkspan::errors::api_unreadable, "no such file");
  };
  return load_api("a.yaml", loader, limits());
}

std::string texts_of(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) text += to_string(problem) + "\n";
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const LoadResult loaded = load(text);
  if (!loaded.api) {
    require(!loaded.problems.empty());
    return 0;
  }
  const LoadResult again = load(text);
  require(texts_of(again.problems) == texts_of(loaded.problems));
  require(show_api(*again.api) == show_api(*loaded.api));
  linkspan::data::write_json(api_to_json(*loaded.api));
  lint(loaded, {.max_problems = 100});
  require(diff(*loaded.api, *again.api).empty());
  for (const auto* list : {&loaded.api->operations, &loaded.api->webhooks}) {
    for (const Operation& operation : *list) {
      require(loaded.api->find_operation(operation.id) == &operation);
      show_operation(*loaded.api, operation);
      linkspan::data::write_json(operation_to_json(*loaded.api, operation));
      check_examples(*loaded.api, operation, kExample);
    }
  }
  return 0;
}
