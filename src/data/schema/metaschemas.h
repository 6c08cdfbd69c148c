// The published metaschemas, which every set knows: drafts 4, 6, 7 and 2020-12 with its vocabularies, and
// OpenAPI 3.1's dialect. They are in metaschemas.json, built into the binary.
#pragma once

#include <optional>
#include <string_view>

#include "data/json.h"

namespace linkspan::data::schema {

// Built in from metaschemas.json: one object, by URI.
std::string_view metaschemas_text();

// That of a URI without a fragment; nullopt if there is none.
std::optional<JsonValue> find_metaschema(std::string_view uri);

}  // namespace linkspan::data::schema
