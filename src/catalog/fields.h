// Internal to loading: which fields the objects of a description may have, by version.
#pragma once

#include <string>
#include <string_view>

#include "catalog/model.h"

namespace linkspan::catalog {

enum class ObjectKind : unsigned char {
  openapi,
  info,
  server,
  server_variable,
  components,
  path_item,
  operation,
  parameter,
  request_body,
  media_type,
  encoding,
  response,
  header,
  example,
  tag,
  security_scheme,
  oauth_flows,
  oauth_flow
};

// "Operation", as the specification calls it.
std::string_view to_string(ObjectKind kind);

bool is_known_field(ObjectKind kind, SpecVersion version, std::string_view field);

// What was probably meant; empty if nothing is near.
std::string nearest_field(ObjectKind kind, SpecVersion version, std::string_view field);

}  // namespace linkspan::catalog
