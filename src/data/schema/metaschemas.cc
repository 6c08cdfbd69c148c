#include "data/schema/metaschemas.h"

#include "data/json_parse.h"

namespace linkspan::data::schema {

std::optional<JsonValue> find_metaschema(std::string_view uri) {
  // Most references are to something else: not worth a parse.
  if (!uri.starts_with("http://json-schema.org/draft-0") &&
      !uri.starts_with("https://json-schema.org/draft/") &&
      !uri.starts_with("https://spec.openapis.org/oas/3.1/"))
    return std::nullopt;
  const auto all = parse_json(metaschemas_text());
  const JsonValue* found = all ? all->find(uri) : nullptr;
  if (found == nullptr) return std::nullopt;
  return *found;
}

}  // namespace linkspan::data::schema
