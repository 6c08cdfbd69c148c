// What a schema resource understands: its draft, and which vocabularies its metaschema names.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "data/json.h"
#include "data/schema/schema.h"

namespace linkspan::data::schema {

struct Dialect {
  SchemaDialect draft = SchemaDialect::draft2020_12;
  bool applicators = true;
  bool unevaluated = true;
  bool validation = true;
  bool assert_formats = false;

  bool is_openapi() const {
    return draft == SchemaDialect::openapi_3_0 || draft == SchemaDialect::openapi_3_1;
  }
  // Up to draft 7 (and in OpenAPI 3.0) whatever stands beside $ref does not count.
  bool ref_stands_alone() const {
    return draft != SchemaDialect::draft2020_12 && draft != SchemaDialect::openapi_3_1;
  }
  // Empty in OpenAPI 3.0, which has none.
  std::string_view id_keyword() const;
};

// Of a published metaschema, with or without the empty fragment.
std::optional<SchemaDialect> known_dialect(std::string_view metaschema_uri);

// What `$vocabulary` of a metaschema makes of the dialect that the metaschema itself is written in. The name
// of a vocabulary that must be understood and is not: in `unknown`.
Dialect with_vocabularies(Dialect dialect, const JsonValue& vocabularies, std::string_view& unknown);

}  // namespace linkspan::data::schema
