#include "app/commands/api_support.h"

#include <filesystem>
#include <ostream>

#include "base/strings.h"

namespace linkspan::app {

catalog::LoadResult load_description(const std::string& file, const std::string& root) {
  const std::filesystem::path path(file);
  const std::filesystem::path folder = root.empty() ? path.parent_path() : std::filesystem::path(root);
  const std::filesystem::path name = root.empty() ? path.filename() : path.lexically_relative(folder);
  catalog::LoadResult result =
      catalog::load_api(name.generic_string(), catalog::folder_loader(folder.string()));
  for (catalog::Problem& problem : result.problems)
    if (!problem.file.empty()) problem.file = (folder / problem.file).lexically_normal().string();
  return result;
}

void print_problems(const std::vector<catalog::Problem>& problems, std::ostream& out) {
  for (const catalog::Problem& problem : problems) out << to_string(problem) << '\n';
}

const catalog::Operation* find_operation(const catalog::Api& api, const std::string& name,
                                         const Output& output) {
  if (const catalog::Operation* operation = api.find_operation(name)) return operation;
  std::vector<std::string_view> ids;
  for (const auto* list : {&api.operations, &api.webhooks}) {
    for (const catalog::Operation& operation : *list) {
      const auto [method, path] = split_once(name, ' ');
      if (path && equals_ignore_case(operation.method, method) && operation.path == *path) return &operation;
      ids.push_back(operation.id);
    }
  }
  output.err << "linkspan: there is no operation \"" << name << '"';
  const std::string_view near = nearest_name(name, ids);
  if (!near.empty()) output.err << "; did you mean \"" << near << "\"?";
  output.err << '\n';
  return nullptr;
}

std::shared_ptr<const catalog::Api> load_or_say(const ApiOptions& options, const Output& output) {
  catalog::LoadResult loaded = load_description(options.file, options.root);
  print_problems(loaded.problems, output.err);
  return loaded.api;
}

data::JsonValue problems_to_json(const std::vector<catalog::Problem>& problems) {
  data::JsonArrayBuilder array;
  for (const catalog::Problem& problem : problems) {
    data::JsonObjectBuilder object;
    object.set("severity", to_string(problem.severity));
    if (!problem.rule.empty()) object.set("rule", problem.rule);
    object.set("message", problem.message);
    if (!problem.file.empty()) object.set("file", problem.file);
    if (problem.line != 0) object.set("line", problem.line).set("column", problem.column);
    object.set("pointer", problem.pointer);
    array.add(object.build());
  }
  return array.build();
}

}  // namespace linkspan::app
