#include "catalog/fields.h"

#include <vector>

#include "base/strings.h"

namespace linkspan::catalog {

namespace {

struct Fields {
  std::string_view kind;
  std::string_view swagger;
  std::string_view since_3_0;
  std::string_view since_3_1;
  std::string_view since_3_2;
};

// In the order of ObjectKind; names between blanks.
constexpr Fields kFields[] = {
    {"OpenAPI",
     "swagger info host basePath schemes consumes produces paths definitions parameters responses "
     "securityDefinitions "
     "security tags externalDocs",
     "openapi info servers paths components security tags externalDocs", "jsonSchemaDialect webhooks",
     "$self"},
    {"Info", "title description termsOfService contact license version",
     "title description termsOfService contact license version", "summary", ""},
    {"Server", "", "url description variables", "", "name"},
    {"Server Variable", "", "enum default description", "", ""},
    {"Components", "",
     "schemas responses parameters examples requestBodies headers securitySchemes links callbacks",
     "pathItems", "mediaTypes"},
    {"Path Item", "$ref get put post delete options head patch parameters",
     "$ref summary description get put post delete options head patch trace servers parameters", "",
     "query additionalOperations"},
    {"Operation",
     "tags summary description externalDocs operationId consumes produces parameters responses schemes "
     "deprecated "
     "security",
     "tags summary description externalDocs operationId parameters requestBody responses callbacks "
     "deprecated security "
     "servers",
     "", ""},
    {"Parameter",
     "name in description required schema type format allowEmptyValue items collectionFormat default maximum "
     "exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems "
     "enum "
     "multipleOf",
     "name in description required deprecated allowEmptyValue style explode allowReserved schema example "
     "examples "
     "content",
     "", ""},
    {"Request Body", "", "description content required", "", ""},
    {"Media Type", "", "schema example examples encoding", "", "itemSchema prefixEncoding itemEncoding"},
    {"Encoding", "", "contentType headers style explode allowReserved", "",
     "encoding prefixEncoding itemEncoding"},
    {"Response", "description schema headers examples", "description headers content links", "", "summary"},
    {"Header",
     "description type format items collectionFormat default maximum exclusiveMaximum minimum "
     "exclusiveMinimum "
     "maxLength minLength pattern maxItems minItems uniqueItems enum multipleOf",
     "description required deprecated allowEmptyValue style explode allowReserved schema example examples "
     "content",
     "", ""},
    {"Example", "", "summary description value externalValue", "", "dataValue serializedValue"},
    {"Tag", "name description externalDocs", "name description externalDocs", "", "summary parent kind"},
    {"Security Scheme", "type description name in flow authorizationUrl tokenUrl scopes",
     "type description name in scheme bearerFormat flows openIdConnectUrl", "",
     "oauth2MetadataUrl deprecated"},
    {"OAuth Flows", "", "implicit password clientCredentials authorizationCode", "", "deviceAuthorization"},
    {"OAuth Flow", "", "authorizationUrl tokenUrl refreshUrl scopes", "", "deviceAuthorizationUrl"},
};

std::vector<std::string_view> names_of(ObjectKind kind, SpecVersion version) {
  const Fields& fields = kFields[static_cast<std::size_t>(kind)];
  std::vector<std::string_view> names;
  const auto add = [&](std::string_view list) {
    for (std::string_view name : split(list, ' '))
      if (!name.empty()) names.push_back(name);
  };
  if (version == SpecVersion::swagger_2_0) {
    add(fields.swagger);
    return names;
  }
  add(fields.since_3_0);
  if (version >= SpecVersion::openapi_3_1) add(fields.since_3_1);
  if (version >= SpecVersion::openapi_3_2) add(fields.since_3_2);
  return names;
}

}  // namespace

std::string_view to_string(ObjectKind kind) {
  return kFields[static_cast<std::size_t>(kind)].kind;
}

bool is_known_field(ObjectKind kind, SpecVersion version, std::string_view field) {
  const Fields& fields = kFields[static_cast<std::size_t>(kind)];
  const auto holds = [field](std::string_view list) {
    for (std::string_view name : split(list, ' '))
      if (name == field) return true;
    return false;
  };
  if (version == SpecVersion::swagger_2_0) return holds(fields.swagger);
  return holds(fields.since_3_0) || (version >= SpecVersion::openapi_3_1 && holds(fields.since_3_1)) ||
         (version >= SpecVersion::openapi_3_2 && holds(fields.since_3_2));
}

std::string nearest_field(ObjectKind kind, SpecVersion version, std::string_view field) {
  constexpr std::size_t kLongestWord = 64;
  if (field.size() > kLongestWord) return {};
  const std::vector<std::string_view> names = names_of(kind, version);
  return std::string(nearest_name(field, names));
}

}  // namespace linkspan::catalog
