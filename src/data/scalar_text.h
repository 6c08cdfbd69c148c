// A JSON value as the text of a field, in formats that know nothing but text (CSV, forms).
#pragma once

#include <optional>
#include <string>

#include "data/json.h"

namespace linkspan::data {

// Strings as they are, null as nothing, booleans and numbers as in JSON; nullopt for arrays and objects.
std::optional<std::string> scalar_text(const JsonValue& value);

}  // namespace linkspan::data
