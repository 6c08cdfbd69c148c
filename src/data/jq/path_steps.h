// Single steps of paths, for paths.cc and paths_delete.cc. All: false with a message in `error`, or because a
// limit is passed.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/json.h"

namespace linkspan::data::jq {

class Context;

// Where a range of a text or array begins and ends, in items.
struct Bounds {
  std::size_t from = 0;
  std::size_t to = 0;
};

inline constexpr std::string_view kBadBounds = "Start and end indices of an array slice must be numbers";

// What {start, end} means in `size` items. NaN is the start of what is cut at its front, the end of what is
// cut at its back. False if they are no numbers.
bool bounds(const JsonValue& key, std::size_t size, Bounds& out);
// The position that a number means; false if it is outside.
bool position(double number, std::size_t size, std::size_t& out);

bool check_path(Context& context, const JsonValue& path, std::string& error);
// What stands at `key`, moved out so that it can be changed in place.
bool take(Context& context, JsonValue& container, const JsonValue& key, JsonValue& out, std::string& error);
bool put(Context& context, JsonValue& container, const JsonValue& key, JsonValue value, std::string& error);

// Down a path of one key at least: takes out of `root`, one out of the other, the container that each key is
// of.
bool take_apart(Context& context, JsonValue root, std::span<const JsonValue> keys,
                std::vector<JsonValue>& containers, std::string& error);
// Up again: puts `value` into the last container, that into the one before, and the first into `root`.
bool put_together(Context& context, std::span<const JsonValue> keys, std::vector<JsonValue> containers,
                  JsonValue value, JsonValue& root, std::string& error);

}  // namespace linkspan::data::jq
