#include "flow/plan/check_fields.h"

#include <algorithm>

#include "base/strings.h"
#include "catalog/check_message.h"
#include "catalog/media.h"
#include "data/in_quotes.h"
#include "data/jq/reads.h"

namespace linkspan::flow {

namespace {

// Whether the schema, or one beside it, says in words that there may be other names.
bool says_open(const catalog::SchemaView& view, const catalog::Node& node) {
  for (const catalog::Node& part : view.conjunction(node)) {
    if (part.value == nullptr) return true;
    const data::JsonValue* more = part.value->find("additionalProperties");
    if (more != nullptr && !more->is_false()) return true;
    for (const std::string_view keyword :
         {"patternProperties", "oneOf", "anyOf", "if", "not", "discriminator"}) {
      if (part.value->contains(keyword)) return true;
    }
  }
  return false;
}

std::vector<catalog::Node> step_into(const catalog::SchemaView& view,
                                     const std::vector<catalog::Node>& schemas,
                                     const std::optional<std::string>& name) {
  std::vector<catalog::Node> found;
  for (const catalog::Node& schema : schemas) {
    const std::vector<catalog::Node> more = name ? view.property(schema, *name) : view.items(schema);
    found.insert(found.end(), more.begin(), more.end());
  }
  return found;
}

// The names that there are instead; empty if the name is there, or may be.
std::vector<std::string_view> names_instead(const catalog::SchemaView& view,
                                            const std::vector<catalog::Node>& schemas,
                                            const std::string& name) {
  std::vector<std::string_view> names;
  for (const catalog::Node& schema : schemas) {
    if (says_open(view, schema)) return {};
    for (std::string_view one : view.property_names(schema)) {
      if (one == name) return {};
      names.push_back(one);
    }
  }
  return names;
}

}  // namespace

KnownValue known_answer(const std::shared_ptr<const catalog::Api>& api, const catalog::Operation& operation) {
  const catalog::SchemaView view(*api);
  KnownValue known;
  for (const catalog::Response& response : operation.responses) {
    if (!response.status.starts_with('2')) continue;
    if (response.content.empty()) continue;  // no body, or nothing known of it
    const catalog::MediaType* media = catalog::preferred_media(response.content);
    const bool json =
        media != nullptr && catalog::kind_of(catalog::essence_of(media->type)) == catalog::MediaKind::json;
    if (!json || !media->schema) return {};
    known.schemas.push_back(view.node_of(*media->schema));
  }
  if (!known.schemas.empty()) known.api = api;
  return known;
}

namespace {

std::string no_field(const std::string& what, const std::string& name,
                     const std::vector<std::string_view>& names) {
  const std::string_view near = nearest_name(name, names);
  return what + " has no field " + data::in_quotes(name) +
         (near.empty() ? "" : "; did you mean \"" + std::string(near) + "\"?");
}

// Where in the path of a read the schemas begin to say something; nullopt: nowhere, and where the read names
// what no answer has, `problem` says so.
std::optional<std::size_t> where_known(const data::JqRead& read, const KnownValue& known,
                                       const std::string& what, std::string& problem) {
  if (known.is_list) {
    if (read.path[0] || read.path.size() < 2) return std::nullopt;
    return 1;
  }
  if (!known.is_answer) return 0;
  const std::vector<std::string_view> parts = {"status", "headers", "body"};
  if (!read.path[0]) return std::nullopt;
  const std::string& part = *read.path[0];
  if (std::ranges::find(parts, part) == parts.end()) {
    if (read.path.size() == 1) problem = no_field(what, part, parts);
    return std::nullopt;
  }
  if (part != "body" || read.path.size() < 2) return std::nullopt;
  return 1;
}

}  // namespace

std::vector<FieldProblem> check_fields(const config::Expression& expression, const FieldScope& scope) {
  std::vector<FieldProblem> problems;
  if (expression.is_literal) return problems;
  const Result<std::vector<data::JqRead>> reads = data::jq_reads(expression.text);
  if (!reads) return problems;  // said where it is compiled
  for (const data::JqRead& read : *reads) {
    const KnownValue known = scope.known(read.variable);
    if (!known.api) continue;
    std::string problem;
    const std::optional<std::size_t> from = where_known(read, known, scope.what(read.variable), problem);
    if (!problem.empty()) problems.push_back({expression.origin, std::move(problem)});
    if (!from) continue;
    std::size_t at = *from;
    const catalog::SchemaView view(*known.api);
    std::vector<catalog::Node> schemas = known.schemas;
    for (; at + 1 < read.path.size() && !schemas.empty(); ++at)
      schemas = step_into(view, schemas, read.path[at]);
    const std::string& name = *read.path.back();
    const std::vector<std::string_view> names = names_instead(view, schemas, name);
    if (names.empty()) continue;
    problems.push_back({expression.origin, no_field(scope.what(read.variable), name, names)});
  }
  return problems;
}

}  // namespace linkspan::flow
