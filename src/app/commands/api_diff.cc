#include <ostream>

#include "app/commands/api_support.h"
#include "catalog/diff.h"
#include "data/json_write.h"

namespace linkspan::app {

namespace {

data::JsonValue change_value(const catalog::Change& change) {
  data::JsonObjectBuilder object;
  object.set("breaking", change.is_breaking).set("kind", change.kind);
  if (!change.operation.empty()) object.set("operation", change.operation);
  if (!change.place.empty()) object.set("place", change.place);
  return object.set("message", change.what).build();
}

std::shared_ptr<const catalog::Api> load_one(const std::string& file, const Output& output) {
  ApiOptions options;
  options.file = file;
  return load_or_say(options, output);
}

}  // namespace

int api_diff_command(const ApiDiffOptions& options, const Output& output) {
  const auto before = load_one(options.before, output);
  const auto after = load_one(options.after, output);
  if (!before || !after) return kExitFailed;
  std::size_t breaking = 0;
  data::JsonArrayBuilder array;
  for (const catalog::Change& change : diff(*before, *after)) {
    if (change.is_breaking) ++breaking;
    if (options.breaking_only && !change.is_breaking) continue;
    if (options.json) {
      array.add(change_value(change));
    } else {
      output.out << to_string(change) << '\n';
    }
  }
  if (options.json) output.out << data::write_json(array.build(), {.indent = 2}) << '\n';
  return breaking == 0 ? kExitOk : kExitProblems;
}

}  // namespace linkspan::app
