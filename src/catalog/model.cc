#include "catalog/model.h"

namespace linkspan::catalog {

std::string_view to_string(SpecVersion version) {
  constexpr std::string_view kNames[] = {"Swagger 2.0", "OpenAPI 3.0", "OpenAPI 3.1", "OpenAPI 3.2"};
  return kNames[static_cast<std::size_t>(version)];
}

std::string_view to_string(ParameterIn in) {
  constexpr std::string_view kNames[] = {"path", "query", "querystring", "header", "cookie"};
  return kNames[static_cast<std::size_t>(in)];
}

std::string_view to_string(Style style) {
  constexpr std::string_view kNames[] = {"simple",       "label",          "matrix",
                                         "form",         "spaceDelimited", "pipeDelimited",
                                         "tabDelimited", "deepObject",     "cookie"};
  return kNames[static_cast<std::size_t>(style)];
}

const Operation* Api::find_operation(std::string_view id) const {
  for (const std::vector<Operation>* list : {&operations, &webhooks})
    for (const Operation& operation : *list)
      if (operation.id == id) return &operation;
  return nullptr;
}

const SecurityScheme* Api::find_security_scheme(std::string_view name) const {
  for (const SecurityScheme& scheme : security_schemes)
    if (scheme.name == name) return &scheme;
  return nullptr;
}

}  // namespace linkspan::catalog
