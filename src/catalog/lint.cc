#include "catalog/lint.h"

#include <algorithm>
#include <array>
#include <map>

#include "catalog/linter.h"

namespace linkspan::catalog {

namespace {

constexpr std::array kRules{
    LintRule{"array-items", Severity::error, "A schema of type array says what its items are."},
    LintRule{"duplicated-entry-in-enum", Severity::warning, "A value is in an enum once."},
    LintRule{"info-contact", Severity::warning, "Info names a contact."},
    LintRule{"info-description", Severity::warning, "Info describes the API."},
    LintRule{"invalid-ref", Severity::error, "References lead somewhere."},
    LintRule{"no-$ref-siblings", Severity::error,
             "Before OpenAPI 3.1, what stands beside $ref means nothing."},
    LintRule{"no-eval-in-markdown", Severity::warning, "Descriptions contain no eval()."},
    LintRule{"no-script-tags-in-markdown", Severity::warning, "Descriptions contain no <script>."},
    LintRule{"oas2-api-host", Severity::warning, "Swagger 2.0 names a host."},
    LintRule{"oas2-api-schemes", Severity::warning, "Swagger 2.0 names schemes."},
    LintRule{"oas2-schema", Severity::error, "The description is what Swagger 2.0 says."},
    LintRule{"oas2-unused-definition", Severity::warning, "Definitions are used."},
    LintRule{"oas2-valid-media-example", Severity::error, "Examples of responses are valid."},
    LintRule{"oas2-valid-schema-example", Severity::error, "Examples and defaults in schemas are valid."},
    LintRule{"oas3-api-servers", Severity::warning, "OpenAPI 3 names servers."},
    LintRule{"oas3-examples-value-or-externalValue", Severity::warning,
             "An example has a value or an externalValue, not both."},
    LintRule{"oas3-schema", Severity::error, "The description is what OpenAPI 3 says."},
    LintRule{"oas3-server-trailing-slash", Severity::warning,
             "The URL of a server does not end with a slash."},
    LintRule{"oas3-server-variables", Severity::error,
             "Variables of servers are defined, used, and have a default among their values."},
    LintRule{"oas3-unused-component", Severity::warning, "Components are used."},
    LintRule{"oas3-valid-media-example", Severity::error,
             "Examples of bodies, parameters and headers are valid."},
    LintRule{"oas3-valid-schema-example", Severity::error, "Examples and defaults in schemas are valid."},
    LintRule{"openapi-tags-uniqueness", Severity::error, "A tag is described once."},
    LintRule{"operation-description", Severity::warning, "Operations are described."},
    LintRule{"operation-operationId", Severity::warning, "Operations have an operationId."},
    LintRule{"operation-operationId-valid-in-url", Severity::warning,
             "An operationId has no characters that a URL must escape."},
    LintRule{"operation-success-response", Severity::warning, "Operations have a 2XX or 3XX response."},
    LintRule{"operation-tag-defined", Severity::warning, "Tags of operations are described at the top."},
    LintRule{"operation-tags", Severity::warning, "Operations have tags."},
    LintRule{"path-keys-no-trailing-slash", Severity::warning, "Paths do not end with a slash."},
    LintRule{"path-not-include-query", Severity::warning, "Paths have no query."},
    LintRule{"typed-enum", Severity::warning, "Values of an enum are of its type."},
};

Severity severity_of(std::string_view rule) {
  const auto found =
      std::find_if(kRules.begin(), kRules.end(), [&](const LintRule& one) { return one.name == rule; });
  return found == kRules.end() ? Severity::error : found->severity;
}

}  // namespace

std::span<const LintRule> lint_rules() {
  return kRules;
}

void Linter::report(std::string_view rule, const Place& place, std::string message) {
  if (found_.size() < limits_.max_problems) found_.push_back({rule, place, std::move(message)});
}

std::vector<Problem> Linter::take_problems() {
  std::map<std::uint32_t, std::vector<std::string>> pointers;
  for (const Found& found : found_) pointers[found.place.document].push_back(found.place.pointer);
  std::map<std::uint32_t, std::vector<TextPosition>> positions;
  for (const auto& [document, list] : pointers)
    positions[document] = locate((*api_.documents)[document], list);
  std::map<std::uint32_t, std::size_t> next;
  std::vector<Problem> problems;
  for (Found& found : found_) {
    const std::uint32_t document = found.place.document;
    const TextPosition position = positions[document][next[document]++];
    problems.push_back({severity_of(found.rule), (*api_.documents)[document].name, position.line,
                        position.column, std::move(found.place.pointer), std::string(found.rule),
                        std::move(found.message)});
  }
  return problems;
}

std::vector<Problem> lint(const LoadResult& loaded, const LintLimits& limits) {
  std::vector<Problem> problems = loaded.problems;
  const bool is_swagger = loaded.api && loaded.api->version == SpecVersion::swagger_2_0;
  for (Problem& problem : problems)
    problem.rule = problem.message.starts_with("the reference") ? "invalid-ref"
                   : is_swagger                                 ? "oas2-schema"
                                                                : "oas3-schema";
  if (!loaded.api) return problems;
  Linter linter(*loaded.api, limits);
  linter.check_description();
  linter.check_operations();
  linter.check_schemas();
  linter.check_documents();
  for (Problem& problem : linter.take_problems()) problems.push_back(std::move(problem));
  sort_by_place(problems);
  return problems;
}

}  // namespace linkspan::catalog
