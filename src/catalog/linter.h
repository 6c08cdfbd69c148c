// Internal to lint: one run over one description. The rules are in lint_*.cc, by what they look at.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/lint.h"
#include "catalog/model.h"
#include "catalog/schema_view.h"

namespace linkspan::catalog {

class Linter {
 public:
  Linter(const Api& api, const LintLimits& limits) : api_(api), view_(api), limits_(limits) {}

  // lint_description.cc: the top, and what is said once.
  void check_description();
  // lint_operations.cc
  void check_operations();
  // lint_schemas.cc: every schema, and the examples beside them.
  void check_schemas();
  // lint_documents.cc: what may be anywhere.
  void check_documents();

  // With positions, by place.
  std::vector<Problem> take_problems();

 private:
  struct Found {
    std::string_view rule;
    Place place;
    std::string message;
  };

  void report(std::string_view rule, const Place& place, std::string message);

  void check_servers(const Node& root);
  void check_tags(const Node& root);
  void check_paths(const Node& root);
  void check_operation(const Operation& operation);
  void check_markdown(const std::string& text, const Place& place);

  void check_schema(const Node& node);
  void check_schema_tree(const Node& node);
  void check_own_examples(const Node& node);
  void check_media(const MediaType& media);
  void check_example(const Schema& schema, const Example& example);
  void check_value(std::string_view rule, const Node& schema, const data::JsonValue& value,
                   const Place& place);

  void check_references_of(std::uint32_t document);
  void check_unused();

  const Api& api_;
  SchemaView view_;
  const LintLimits& limits_;
  std::vector<Found> found_;
  std::set<std::pair<std::uint32_t, std::string>> visited_;
  // What references lead to, as "document#pointer".
  std::set<std::string> referenced_;
};

}  // namespace linkspan::catalog
