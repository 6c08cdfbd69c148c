#include "catalog/load.h"

#include "catalog/reader.h"
#include "catalog/validators.h"

namespace linkspan::catalog {

namespace {

std::string text_of_version(const data::JsonValue& value) {
  if (value.is_string()) return std::string(value.string());
  // `swagger: 2.0` without quotes is a number in YAML.
  if (value.is_number() && value.as_double() == 2.0) return "2.0";
  return {};
}

std::optional<SpecVersion> version_of(std::string_view swagger, std::string_view openapi) {
  if (swagger == "2.0") return SpecVersion::swagger_2_0;
  const auto is = [&](std::string_view version) {
    return openapi == version || openapi.starts_with(std::string(version) + ".");
  };
  if (is("3.0")) return SpecVersion::openapi_3_0;
  if (is("3.1")) return SpecVersion::openapi_3_1;
  if (is("3.2")) return SpecVersion::openapi_3_2;
  return std::nullopt;
}

// How schemas are read where they do not say themselves.
data::SchemaDialect dialect_of(SpecVersion version, const data::JsonValue& root, bool& is_known) {
  is_known = true;
  if (version < SpecVersion::openapi_3_1) return data::SchemaDialect::openapi_3_0;
  const data::JsonValue* named = root.find("jsonSchemaDialect");
  if (named == nullptr || !named->is_string()) return data::SchemaDialect::openapi_3_1;
  const std::string_view uri = named->string();
  if (uri.find("draft-04") != std::string_view::npos) return data::SchemaDialect::draft4;
  if (uri.find("draft-06") != std::string_view::npos) return data::SchemaDialect::draft6;
  if (uri.find("draft-07") != std::string_view::npos) return data::SchemaDialect::draft7;
  is_known = uri.starts_with("https://spec.openapis.org/oas/") ||
             uri == "https://json-schema.org/draft/2020-12/schema";
  return data::SchemaDialect::openapi_3_1;
}

Problem no_description(const Document& document, std::string message, const std::string& pointer) {
  const TextPosition position = locate(document, std::span(&pointer, 1))[0];
  return {Severity::error, document.name, position.line, position.column, pointer, "", std::move(message)};
}

}  // namespace

LoadResult load_api(const std::string& path, DocumentLoader loader, const LoadLimits& limits) {
  LoadResult result;
  auto documents = std::make_shared<DocumentSet>(std::move(loader), limits);
  const Document* root = documents->load_root(path);
  if (root == nullptr) {
    result.problems = std::move(documents->problems());
    return result;
  }
  const data::JsonValue* swagger = root->root.find("swagger");
  const data::JsonValue* openapi = root->root.find("openapi");
  if (swagger == nullptr && openapi == nullptr) {
    result.problems.push_back(
        no_description(*root, "this is no API description: it has neither \"openapi\" nor \"swagger\"", ""));
    return result;
  }
  const std::string swagger_text = swagger != nullptr ? text_of_version(*swagger) : "";
  const std::string openapi_text = openapi != nullptr ? text_of_version(*openapi) : "";
  const auto version = version_of(swagger_text, openapi_text);
  if (!version) {
    result.problems.push_back(no_description(
        *root, "only Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2 are understood, and this is neither",
        openapi != nullptr ? "/openapi" : "/swagger"));
    return result;
  }
  auto api = std::make_shared<Api>();
  api->version = *version;
  api->version_text = *version == SpecVersion::swagger_2_0 ? swagger_text : openapi_text;
  Reader reader(*documents, *version, limits);
  reader.read_api({0, "", &root->root}, *api);
  result.problems = reader.take_problems();
  bool is_known_dialect = true;
  const data::SchemaDialect dialect = dialect_of(*version, root->root, is_known_dialect);
  if (!is_known_dialect)
    result.problems.push_back(
        no_description(*root, "this dialect of JSON Schema is not known; schemas are read as 2020-12",
                       "/jsonSchemaDialect"));
  api->documents = std::move(documents);
  api->validators = std::make_shared<Validators>(api->documents, reader.take_made(), dialect);
  result.api = std::move(api);
  return result;
}

}  // namespace linkspan::catalog
