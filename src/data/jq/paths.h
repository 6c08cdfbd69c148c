// Reading, writing and deleting by paths. Pure functions; nothing recurses.
#pragma once

#include <span>
#include <string>

#include "data/json.h"

namespace linkspan::data::jq {

// All: true with the result in place, false with a message in `error`.

// container[key]: by name, by position from either end, by range {start, end}, or the positions of a part.
bool get(const JsonValue& container, const JsonValue& key, JsonValue& out, std::string& error);
// Null where anything on the way is null.
bool get_path(const JsonValue& root, const JsonValue& path, JsonValue& out, std::string& error);
bool set_path(JsonValue& root, const JsonValue& path, JsonValue value, std::string& error);
// About how much memory set_path needs for gaps that it fills with null.
std::size_t growth_bytes(const JsonValue& root, const JsonValue& path);
bool delete_paths(JsonValue& root, const JsonValue& paths, std::string& error);
bool has(const JsonValue& container, const JsonValue& key, bool& out, std::string& error);

// The positions of `part` in `items`.
JsonValue indices(std::span<const JsonValue> items, std::span<const JsonValue> part);

}  // namespace linkspan::data::jq
