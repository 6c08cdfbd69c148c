#include <ostream>

#include "app/commands/api_support.h"
#include "catalog/show.h"
#include "data/json_write.h"

namespace linkspan::app {

int api_show_command(const ApiShowOptions& options, const Output& output) {
  const auto api = load_or_say(options, output);
  if (!api) return kExitProblems;
  const catalog::Operation* operation = nullptr;
  if (!options.operation.empty()) {
    operation = find_operation(*api, options.operation, output);
    if (operation == nullptr) return kExitProblems;
  }
  if (options.json) {
    const data::JsonValue value =
        operation != nullptr ? catalog::operation_to_json(*api, *operation) : catalog::api_to_json(*api);
    output.out << data::write_json(value, {.indent = 2}) << '\n';
  } else {
    output.out << (operation != nullptr ? catalog::show_operation(*api, *operation)
                                        : catalog::show_api(*api));
  }
  return kExitOk;
}

}  // namespace linkspan::app
