#include "app/commands/api_support.h"

#include <filesystem>
#include <ostream>

#include "base/strings.h"

namespace linkspan::app {

namespace {

struct Place {
  std::filesystem::path folder;
  std::filesystem::path name;
};

Place place_of(const std::string& file, const std::string& root) {
  const std::filesystem::path path(file);
  if (root.empty()) return {path.parent_path(), path.filename()};
  return {root, path.lexically_relative(root)};
}

}  // namespace

catalog::LoadResult load_description(const std::string& file, const std::string& root) {
  const Place place = place_of(file, root);
  return catalog::load_api(place.name.generic_string(), catalog::folder_loader(place.folder.string()));
}

void name_from_here(const std::string& file, const std::string& root,
                    std::vector<catalog::Problem>& problems) {
  const Place place = place_of(file, root);
  for (catalog::Problem& problem : problems)
    if (!problem.file.empty()) problem.file = (place.folder / problem.file).lexically_normal().string();
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
  name_from_here(options.file, options.root, loaded.problems);
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
