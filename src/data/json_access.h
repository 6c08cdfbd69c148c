// Making values from parts, for the parser and the other json*.cc files alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "data/json.h"

namespace linkspan::data {

struct JsonAccess {
  // Both move `count` values out of raw memory, which afterwards holds none.
  static JsonValue adopt_items(JsonValue* items, std::size_t count);
  // Keys and values in turn. If a key comes twice: null, and its place (counted in members) in `duplicate`.
  static JsonValue adopt_members(JsonMember* members, std::size_t count, std::size_t& duplicate);

  // A number that has to keep its text.
  static JsonValue literal(std::string_view text, double number);

  // Fresh nodes with room for `capacity`, and moving one to more room; std::bad_alloc past 2^32-1.
  static JsonTextNode* new_text(std::size_t bytes);
  static JsonArrayNode* new_array(std::size_t capacity);
  static JsonObjectNode* new_object(std::size_t capacity);

  // The last reference to `node` is gone: frees it and all that dies with it, without recursion.
  static void destroy_array(JsonArrayNode* node) noexcept;
  static void destroy_object(JsonObjectNode* node) noexcept;

 private:
  struct Dead;
  static void bury(JsonValue& value, Dead& dead) noexcept;
  static void destroy_all(Dead& dead) noexcept;
};

}  // namespace linkspan::data
