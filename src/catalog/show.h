// An Api in words for a person, and as JSON for a program. Pure functions; any thread.
#pragma once

#include <string>

#include "catalog/model.h"

namespace linkspan::catalog {

// Title, servers, security, and a line for each operation and webhook.
std::string show_api(const Api& api);
// All that is known of one operation.
std::string show_operation(const Api& api, const Operation& operation);

data::JsonValue api_to_json(const Api& api);
data::JsonValue operation_to_json(const Api& api, const Operation& operation);

// A schema in a few words: "Order", "array of string (uuid)", "\"a\" or \"b\"".
std::string describe_schema(const data::JsonValue& schema);

}  // namespace linkspan::catalog
