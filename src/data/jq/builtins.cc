#include "data/jq/builtins.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "data/jq/library.h"
#include "data/jq/parser.h"

namespace linkspan::data::jq {

namespace {

std::string signature(std::string_view name, std::size_t arguments) {
  return std::string(name) + "/" + std::to_string(arguments);
}

// Made when first asked for, and constant from then on.
struct Tables {
  std::vector<Native> natives;
  std::unordered_map<std::string, std::uint32_t> native_indexes;
  Ast library;
  std::unordered_map<std::string, const Function*> functions;

  Tables() {
    for (const auto group : {core_natives(), containment_natives(), array_natives(), string_natives(),
                             math_natives(), regex_natives(), date_natives()}) {
      for (const Native& native : group) {
        native_indexes.emplace(signature(native.name, native.arguments), natives.size());
        natives.push_back(native);
      }
    }
    auto parsed = parse_library(kLibrary);
    if (!parsed) std::abort();  // it is our own text
    library = *std::move(parsed);
    for (const Function* function : library.functions)
      functions.emplace(signature(function->name, function->parameters.size()), function);
  }
};

const Tables& tables() {
  static const Tables made;
  return made;
}

constexpr std::string_view kInstructions[] = {"empty/0", "error/0",   "error/1", "path/1",
                                              "range/2", "getpath/1", "debug/0", "builtins/0"};

}  // namespace

std::span<const Native> natives() {
  return tables().natives;
}

std::uint32_t find_native(std::string_view name, std::size_t arguments) {
  const auto found = tables().native_indexes.find(signature(name, arguments));
  return found == tables().native_indexes.end() ? kNoNative : found->second;
}

const Function* find_library_function(std::string_view name, std::size_t arguments) {
  const auto found = tables().functions.find(signature(name, arguments));
  return found == tables().functions.end() ? nullptr : found->second;
}

JsonValue builtin_names() {
  JsonArrayBuilder names;
  const auto add = [&](const std::string& name) {
    if (name[0] != '_') names.add(name);
  };
  for (const std::string_view name : kInstructions) add(std::string(name));
  for (const auto& [name, index] : tables().native_indexes) add(name);
  for (const auto& [name, function] : tables().functions) add(name);
  return names.build();
}

}  // namespace linkspan::data::jq
