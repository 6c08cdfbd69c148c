#include <array>

#include "catalog/reader.h"
#include "data/json_pointer.h"

namespace linkspan::catalog {

using data::JsonMember;
using data::JsonValue;

namespace {

// Below these stand data, not descriptions: what looks like a reference there is none.
constexpr std::array<std::string_view, 7> kData{"example", "examples",  "default", "enum",
                                                "const",   "dataValue", "value"};
// Below these, keys are names that the author chose.
constexpr std::array<std::string_view, 22> kNamed{"properties",       "patternProperties",
                                                  "definitions",      "$defs",
                                                  "dependentSchemas", "schemas",
                                                  "responses",        "parameters",
                                                  "requestBodies",    "headers",
                                                  "securitySchemes",  "links",
                                                  "callbacks",        "pathItems",
                                                  "mediaTypes",       "paths",
                                                  "webhooks",         "content",
                                                  "encoding",         "variables",
                                                  "mapping",          "securityDefinitions"};

template <std::size_t N>
bool holds(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::string_view one : names)
    if (one == name) return true;
  return false;
}

struct Visit {
  const JsonValue* value;
  std::string pointer;
  bool keys_are_names;
};

}  // namespace

void Reader::check_references() {
  // Checking one file may load more.
  for (std::uint32_t document = 0; document < documents_.size(); ++document) check_references_of(document);
}

void Reader::check_references_of(std::uint32_t document) {
  std::vector<Visit> open{{&documents_[document].root, "", false}};
  while (!open.empty()) {
    const Visit visit = std::move(open.back());
    open.pop_back();
    const auto enter = [&](const JsonValue& value, const auto& token, bool keys_are_names) {
      if (!value.is_object() && !value.is_array()) return;
      open.push_back({&value, visit.pointer, keys_are_names});
      data::append_pointer_token(open.back().pointer, token);
    };
    for (std::size_t i = 0; i < visit.value->items().size(); ++i) enter(visit.value->items()[i], i, false);
    for (const JsonMember& member : visit.value->members()) {
      const std::string_view key = member.key.string();
      if (visit.keys_are_names) {
        enter(member.value, key, false);
        continue;
      }
      if ((key == "$ref" || key == "$dynamicRef") && member.value.is_string()) {
        if (++references_ > limits_.max_references)
          return error({document, visit.pointer, nullptr},
                       "more than " + std::to_string(limits_.max_references) + " references");
        if (documents_.find(document, member.value.string()).value != nullptr) continue;
        Node node{document, visit.pointer, nullptr};
        data::append_pointer_token(node.pointer, key);
        const Result<Node> target = documents_.resolve(document, member.value.string());
        if (!target) error(node, target.error().detail());
        continue;
      }
      if (holds(kData, key) || key.starts_with("x-")) continue;
      enter(member.value, key, holds(kNamed, key));
    }
  }
}

}  // namespace linkspan::catalog
