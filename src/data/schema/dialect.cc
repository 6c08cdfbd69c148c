#include "data/schema/dialect.h"

namespace linkspan::data::schema {

std::string_view Dialect::id_keyword() const {
  if (draft == SchemaDialect::openapi_3_0) return {};
  return draft == SchemaDialect::draft4 ? "id" : "$id";
}

std::optional<SchemaDialect> known_dialect(std::string_view uri) {
  if (uri.ends_with('#')) uri.remove_suffix(1);
  // Drafts up to 7 have http, later ones https; many documents mix them up.
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (uri.starts_with(scheme)) uri.remove_prefix(scheme.size());
  }
  if (uri == "json-schema.org/draft/2020-12/schema") return SchemaDialect::draft2020_12;
  if (uri == "json-schema.org/draft-07/schema") return SchemaDialect::draft7;
  if (uri == "json-schema.org/draft-06/schema") return SchemaDialect::draft6;
  if (uri == "json-schema.org/draft-04/schema") return SchemaDialect::draft4;
  // "base", or the day of a revision.
  if (uri.starts_with("spec.openapis.org/oas/3.1/dialect/") ||
      uri.starts_with("spec.openapis.org/oas/3.2/dialect/"))
    return SchemaDialect::openapi_3_1;
  return std::nullopt;
}

Dialect with_vocabularies(Dialect dialect, const JsonValue& vocabularies, std::string_view& unknown) {
  constexpr std::string_view kPrefix = "https://json-schema.org/draft/2020-12/vocab/";
  dialect.applicators = dialect.unevaluated = dialect.validation = dialect.assert_formats = false;
  for (const JsonMember& member : vocabularies.members()) {
    const std::string_view uri = member.key.string();
    const std::string_view name = uri.starts_with(kPrefix) ? uri.substr(kPrefix.size()) : std::string_view();
    if (name == "applicator") {
      dialect.applicators = true;
    } else if (name == "unevaluated") {
      dialect.unevaluated = true;
    } else if (name == "validation") {
      dialect.validation = true;
    } else if (name == "format-assertion") {
      dialect.assert_formats = true;
    } else if (uri == "https://spec.openapis.org/oas/3.1/vocab/base") {
      dialect.draft = SchemaDialect::openapi_3_1;
    } else if (name != "core" && name != "meta-data" && name != "content" && name != "format-annotation" &&
               member.value.is_true()) {
      unknown = uri;
    }
  }
  return dialect;
}

}  // namespace linkspan::data::schema
