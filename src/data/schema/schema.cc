#include "data/schema/schema.h"

#include <utility>

#include "data/schema/check.h"
#include "data/schema/compiler.h"

namespace linkspan::data {

namespace {

using schema::Limit;

std::string limit_words(Limit limit, const SchemaCheck& check) {
  switch (limit) {
    case Limit::depth:
      return "could not be checked to the end: schemas within schemas go deeper than the limit (max_depth)";
    case Limit::pattern:
      return "could not be checked to the end: a pattern takes too many steps, or its text is too long for "
             "it";
    default:
      break;
  }
  return "could not be checked to the end: it takes more than " + std::to_string(check.max_steps) +
         " steps (max_steps)";
}

bool check_quickly(const schema::Node& node, const JsonValue& instance, schema::Run& run) {
  run.outermost = &node;
  const schema::Scope scope{nullptr, node.resource};
  const bool valid = schema::Checker<false>(run, nullptr).apply(node, instance, nullptr, scope, nullptr);
  return valid && !run.stopped();
}

}  // namespace

std::string SchemaProblem::to_string() const {
  return (instance.empty() ? "the value" : instance) + (instance.empty() ? " " : ": ") + message;
}

bool JsonSchema::is_valid(const JsonValue& instance, const SchemaCheck& check) const {
  schema::Run run(check);
  return check_quickly(*node_, instance, run);
}

std::vector<SchemaProblem> JsonSchema::validate(const JsonValue& instance, const SchemaCheck& check) const {
  schema::Run quick_run(check);
  if (check_quickly(*node_, instance, quick_run)) return {};
  schema::Run run(check);
  run.outermost = node_;
  const schema::Scope scope{nullptr, node_->resource};
  schema::Problems problems{std::max<std::size_t>(check.max_problems, 1), {}};
  schema::Checker<true>(run, &problems).apply(*node_, instance, nullptr, scope, nullptr);
  // What patterns take is measured, so a limit that the quick check passed may not be met a second time.
  const Limit limit = run.stopped() || !problems.list.empty() ? run.passed : quick_run.passed;
  if (limit != Limit::none) problems.list.push_back({"", location(), "", limit_words(limit, check)});
  return std::move(problems.list);
}

std::string JsonSchema::location() const {
  return schema::location_of(*node_);
}

SchemaSet::SchemaSet() : compiler_(std::make_unique<schema::Compiler>()) {}
SchemaSet::~SchemaSet() = default;
SchemaSet::SchemaSet(SchemaSet&&) noexcept = default;
SchemaSet& SchemaSet::operator=(SchemaSet&&) noexcept = default;

Result<void> SchemaSet::add(std::string_view uri, JsonValue document, SchemaDialect dialect) {
  return compiler_->registry().add(uri, std::move(document), dialect);
}

Result<JsonSchema> SchemaSet::compile(std::string_view uri, const JsonPointer& pointer) {
  const auto target = compiler_->registry().at(uri, pointer);
  if (!target) return Error(target.error().kind(), target.error().detail());
  const auto node = compiler_->compile(*target);
  if (!node) return Error(node.error().kind(), node.error().detail());
  return JsonSchema(compiler_->storage(), *node);
}

Result<JsonSchema> SchemaSet::compile_reference(std::string_view reference) {
  const auto target = compiler_->registry().resolve(reference);
  if (!target) return Error(target.error().kind(), target.error().detail());
  const auto node = compiler_->compile(*target);
  if (!node) return Error(node.error().kind(), node.error().detail());
  return JsonSchema(compiler_->storage(), *node);
}

Result<JsonSchema> compile_schema(JsonValue document, SchemaDialect dialect) {
  SchemaSet set;
  if (auto ok = set.add("", std::move(document), dialect); !ok) return std::move(ok).error();
  return set.compile("");
}

}  // namespace linkspan::data
