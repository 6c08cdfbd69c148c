// A schema and an instance: up to a zero byte the schema, behind it the instance. Under every dialect:
// compiling ends in a schema or a known error; within small limits every check ends, and is_valid says the
// same as validate.
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error_kinds.h"
#include "data/json_parse.h"
#include "data/schema/pattern.h"
#include "data/schema/schema.h"
#include "data/schema/simple_pattern.h"
#include "data/utf8.h"

namespace {

using namespace linkspan::data;

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr JsonLimits kLimits{.max_depth = 200};

bool went_past_a_limit(const std::vector<SchemaProblem>& problems) {
  return !problems.empty() && problems.back().message.starts_with("could not be checked to the end");
}

void check(const JsonSchema& schema, const JsonValue& instance, const SchemaCheck& how) {
  const bool valid = schema.is_valid(instance, how);
  const auto problems = schema.validate(instance, how);
  // Patterns are counted by the time they take, so a limit may be passed once and not again.
  if (!went_past_a_limit(problems) && valid != problems.empty()) {
    SchemaCheck generous = how;
    generous.max_steps *= 100;
    require(schema.is_valid(instance, generous) == schema.validate(instance, generous).empty());
  }
  for (const SchemaProblem& problem : problems) {
    require(JsonPointer::parse(problem.instance).ok());
    require(JsonPointer::parse(problem.instance)->find(instance) != nullptr);
    require(!problem.message.empty() && problem.schema.find('#') != std::string::npos);
  }
}

void check_pattern(std::string_view source, std::string_view text) {
  if (valid_utf8_bytes(source) != source.size() || valid_utf8_bytes(text) != text.size()) return;
  const auto simple = schema::SimplePattern::parse(source);
  if (!simple) return;
  // In a group it is no longer simple.
  const auto general = schema::Pattern::compile("(?:" + std::string(source) + ")");
  if (!general) return;
  std::uint64_t steps = 10'000'000;
  const auto found = general->search(text, steps);
  require(found == schema::Pattern::Found::given_up ||
          simple->matches(text) == (found == schema::Pattern::Found::yes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find('\0');
  check_pattern(text.substr(0, end), end == std::string_view::npos ? "" : text.substr(end + 1));
  const auto document = parse_json(text.substr(0, end), kLimits);
  if (!document) return 0;
  const auto instance = parse_json(end == std::string_view::npos ? "null" : text.substr(end + 1), kLimits);
  for (const SchemaDialect dialect :
       {SchemaDialect::draft4, SchemaDialect::draft6, SchemaDialect::draft7, SchemaDialect::draft2020_12,
        SchemaDialect::openapi_3_0, SchemaDialect::openapi_3_1}) {
    const auto schema = compile_schema(*document, dialect);
    if (!schema) {
      const auto slug = schema.error().slug();
      require(slug == linkspan::errors::schema_invalid.slug ||
              slug == linkspan::errors::schema_reference_unresolved.slug);
      continue;
    }
    if (!instance) continue;
    for (const SchemaDirection direction : {SchemaDirection::any, SchemaDirection::request}) {
      check(*schema, *instance,
            {.assert_formats = true, .direction = direction, .max_problems = 20, .max_steps = 20'000});
    }
    // A schema is an instance too.
    check(*schema, *document, {.max_steps = 20'000});
  }
  return 0;
}
