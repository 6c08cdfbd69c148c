// JSON Schema: draft 4, draft 6, draft 7, 2020-12 and the dialects of OpenAPI 3.0 and 3.1.
//
//   SchemaSet set;
//   if (auto ok = set.add("file:///orders.json", document, SchemaDialect::draft2020_12); !ok) ...
//   auto schema = set.compile("file:///orders.json", *JsonPointer::parse("/$defs/order"));
//   if (!schema) return std::move(schema).error();   // schema-invalid or schema-reference-unresolved
//   if (!schema->is_valid(order)) {
//     for (const SchemaProblem& problem : schema->validate(order)) print(problem.to_string());
//   }                                                // "/items/0/qty: must be at least 1, is 0"
//
// A set holds documents and what was compiled of them: a subschema is compiled once, whoever refers to it,
// and only when something that was asked for leads to it. References reach the set's documents and the
// metaschemas of the drafts; nothing is ever fetched. References may go in circles through the instance
// (trees); one that leads back to itself at the same value is an error when compiled.
//
// Threads: a set belongs to one thread at a time. A JsonSchema is immutable, cheap to copy, keeps alive what
// it needs without its set, and may check values in any number of threads, also while its set compiles more.
//
// No schema and no instance can hang a check or overflow the stack: see SchemaCheck. docs/json-schema.md says
// what is supported and how patterns are matched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/json.h"
#include "data/json_pointer.h"

namespace linkspan::data {

namespace schema {
struct Node;
struct Storage;
class Compiler;
}  // namespace schema

// How a document is read where no `$schema` in it says otherwise.
enum class SchemaDialect : unsigned char {
  draft4,
  draft6,
  draft7,
  draft2020_12,
  openapi_3_0,  // nullable, boolean exclusiveMinimum, beside $ref nothing; Swagger 2.0 reads as this too
  openapi_3_1   // 2020-12 and OpenAPI's vocabulary, which asserts nothing
};

// Which way a message goes that the instance is the body of. In a request, what is `readOnly` is not required
// and must not be there; in a response, the same with `writeOnly`. Only in the dialects of OpenAPI.
enum class SchemaDirection : unsigned char { any, request, response };

// What to look at in a check, and how far to go.
struct SchemaCheck {
  bool assert_formats =
      false;  // otherwise `format` is a note, but where a metaschema's vocabulary asserts it
  SchemaDirection direction = SchemaDirection::any;
  std::size_t max_problems = 100;
  // A check that goes past one of these ends with a problem that says so (so the value counts as invalid).
  std::uint32_t max_depth = 1000;  // of schemas within schemas being applied; at most 2000, whatever is given
  std::uint64_t max_steps =
      20'000'000;  // applied schemas, looked-at members and items, and what patterns cost
};

struct SchemaProblem {
  std::string instance;  // JSON Pointer of the value that is wrong
  std::string schema;    // of the keyword that says so: URI "#" JSON Pointer
  std::string keyword;   // "minimum"; empty for a schema that is `false`, and past a limit of SchemaCheck
  std::string message;   // "must be at least 1, is 0"

  // "/items/0/qty: must be at least 1, is 0"; the whole value is called "the value".
  std::string to_string() const;
};

class JsonSchema {
 public:
  // Stops at the first problem. Allocates nothing, but for uniqueItems of more than a few items,
  // unevaluated... in objects and arrays of more than 64, and numbers of many digits.
  bool is_valid(const JsonValue& instance, const SchemaCheck& check = {}) const;

  // All problems, in the order of the schema; none exactly if is_valid.
  std::vector<SchemaProblem> validate(const JsonValue& instance, const SchemaCheck& check = {}) const;

  // Where it stands: URI "#" JSON Pointer.
  std::string location() const;

 private:
  friend class SchemaSet;
  JsonSchema(std::shared_ptr<const schema::Storage> storage, const schema::Node* node)
      : storage_(std::move(storage)), node_(node) {}

  std::shared_ptr<const schema::Storage> storage_;
  const schema::Node* node_;
};

class SchemaSet {
 public:
  SchemaSet();
  ~SchemaSet();
  SchemaSet(SchemaSet&&) noexcept;
  SchemaSet& operator=(SchemaSet&&) noexcept;

  // `uri` is absolute, without a fragment; it may be empty for one document that no other refers to. The
  // document need not be a schema: any place in it may be compiled. errors::schema_invalid if there is one of
  // that URI already. Documents are read for `$id` and anchors only once something is compiled.
  Result<void> add(std::string_view uri, JsonValue document, SchemaDialect dialect);

  // The schema at a place in a document. errors::schema_invalid if a keyword has a value that it cannot have,
  // a pattern is not one of ECMA-262, or references lead in a circle; errors::schema_reference_unresolved if
  // one leads nowhere. The detail names the place. After an error the set is as before.
  Result<JsonSchema> compile(std::string_view uri, const JsonPointer& pointer = {});
  // The schema that a reference means, as in `$ref`: "uri", "uri#/pointer" or "uri#anchor".
  Result<JsonSchema> compile_reference(std::string_view reference);

 private:
  std::unique_ptr<schema::Compiler> compiler_;
};

// Of one document that refers to itself and the metaschemas alone.
Result<JsonSchema> compile_schema(JsonValue document, SchemaDialect dialect = SchemaDialect::draft2020_12);

}  // namespace linkspan::data
