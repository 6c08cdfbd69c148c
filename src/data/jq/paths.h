// Reading, writing and deleting by paths. Nothing recurses; the work counts as steps and bytes of the
// context.
#pragma once

#include <string>

#include "data/json.h"

namespace linkspan::data::jq {

class Context;

// All: true with the result in place, false with a message in `error` or because a limit is passed, and then
// what was to change may be in pieces.

// container[key]: by name, by position from either end, by range {start, end}, or the positions of a part.
bool get(Context& context, const JsonValue& container, const JsonValue& key, JsonValue& out,
         std::string& error);
// Null where anything on the way is null.
bool get_path(Context& context, const JsonValue& root, const JsonValue& path, JsonValue& out,
              std::string& error);
bool set_path(Context& context, JsonValue& root, const JsonValue& path, JsonValue value, std::string& error);
bool delete_paths(Context& context, JsonValue& root, const JsonValue& paths, std::string& error);
bool has(const JsonValue& container, const JsonValue& key, bool& out, std::string& error);

}  // namespace linkspan::data::jq
