#include <array>

#include "catalog/linter.h"
#include "catalog/uri.h"
#include "data/json_pointer.h"

namespace linkspan::catalog {

using data::JsonMember;
using data::JsonValue;

namespace {

constexpr std::array<std::string_view, 8> kComponents{
    "schemas", "responses", "parameters", "examples", "requestBodies", "headers", "links", "callbacks"};

struct Visit {
  Node node;
  std::string_view key;
};

bool is_data(std::string_view key) {
  return key == "example" || key == "default" || key == "enum" || key == "const" || key.starts_with("x-");
}

}  // namespace

void Linter::check_documents() {
  for (std::uint32_t document = 0; document < api_.documents->size(); ++document)
    check_references_of(document);
  check_unused();
}

void Linter::check_references_of(std::uint32_t document) {
  const bool siblings_mean_nothing = api_.version < SpecVersion::openapi_3_1;
  std::vector<Visit> open{{{document, "", &(*api_.documents)[document].root}, ""}};
  while (!open.empty()) {
    const Visit visit = std::move(open.back());
    open.pop_back();
    const Node& node = visit.node;
    for (std::size_t i = 0; i < node.value->items().size(); ++i) open.push_back({node.child(i), ""});
    const JsonValue* reference = node.value->find("$ref");
    if (reference != nullptr && reference->is_string() && visit.key != "properties") {
      const Node target = api_.documents->find(document, reference->string());
      // Where it leads, and all that holds that.
      if (target.value != nullptr) referenced_.insert(std::to_string(target.document) + "#" + target.pointer);
      const bool is_path_item = node.pointer.starts_with("/paths/");
      if (siblings_mean_nothing && node.value->size() > 1 &&
          !(is_path_item && node.pointer.find('/', 7) == std::string::npos))
        report("no-$ref-siblings", {node.document, node.pointer},
               "what stands beside \"$ref\" means nothing");
    }
    if (visit.key == "mapping") {
      for (const JsonMember& member : node.value->members()) {
        if (!member.value.is_string()) continue;
        const std::string text(member.value.string());
        const Node target = api_.documents->find(
            document, text.find('/') == std::string::npos ? "#/components/schemas/" + text : text);
        if (target.value != nullptr)
          referenced_.insert(std::to_string(target.document) + "#" + target.pointer);
      }
    }
    for (const JsonMember& member : node.value->members()) {
      const std::string_view key = member.key.string();
      const bool is_named = visit.key == "properties";
      if (!member.value.is_object() && !member.value.is_array()) continue;
      if (is_named || !is_data(key)) open.push_back({node.child(key), is_named ? std::string_view() : key});
    }
  }
}

void Linter::check_unused() {
  const Node root{0, "", &(*api_.documents)[0].root};
  const bool is_swagger = api_.version == SpecVersion::swagger_2_0;
  const auto check = [&](const Node& map, std::string_view rule) {
    if (map.value == nullptr) return;
    for (const JsonMember& member : map.value->members()) {
      const Node node = map.child(member.key.string());
      const std::string name = "0#" + node.pointer;
      const auto within = referenced_.lower_bound(name + "/");
      const bool is_used =
          referenced_.contains(name) || (within != referenced_.end() && within->starts_with(name + "/"));
      if (!is_used)
        report(rule, {0, node.pointer}, "\"" + std::string(member.key.string()) + "\" is not used");
    }
  };
  if (is_swagger) return check(root.child("definitions"), "oas2-unused-definition");
  const Node components = root.child("components");
  if (components.value == nullptr) return;
  for (std::string_view key : kComponents) check(components.child(key), "oas3-unused-component");
}

}  // namespace linkspan::catalog
