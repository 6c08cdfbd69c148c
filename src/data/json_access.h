// Making values from parts, for the parser and the other json*.cc files alone.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "data/json.h"

namespace linkspan::data {

struct JsonAccess {
  // Both move `count` values out of raw memory, which afterwards holds none.
  static JsonValue adopt_items(JsonValue* items, std::size_t count);
  // Keys and values in turn. If a key comes twice: null, and its place (counted in members) in `duplicate`.
  static JsonValue adopt_members(JsonMember* members, std::size_t count, std::size_t& duplicate);

  // Makes a value in raw memory: a string of up to 14 bytes, none of them a backslash, from text of which 16
  // bytes can be read. False if it is something else, and then there is none.
  static bool make_short_string(const char* at, std::size_t bytes, JsonValue* place);

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

// In registers and with whole words: reading a value soon after its bytes were written one by one is slow.
inline bool JsonAccess::make_short_string(const char* at, std::size_t bytes, JsonValue* place) {
  if (bytes > JsonValue::kInlineBytes || std::endian::native != std::endian::little) return false;
  std::uint64_t low;
  std::uint64_t high;
  std::memcpy(&low, at, 8);
  std::memcpy(&high, at + 8, 8);
  low &= bytes < 8 ? (std::uint64_t{1} << (8 * bytes)) - 1 : ~std::uint64_t{0};
  high &= bytes < 8 ? 0 : (std::uint64_t{1} << (8 * (bytes - 8))) - 1;
  // The high bit of some byte is set if one is a backslash.
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const auto has_backslash = [](std::uint64_t word) {
    const std::uint64_t difference = word ^ (kOnes * '\\');
    return (difference - kOnes) & ~difference & (kOnes * 0x80);
  };
  if ((has_backslash(low) | has_backslash(high)) != 0) return false;
  static_assert(sizeof(JsonValue) == 16 && offsetof(JsonValue, inline_size_) == 14 &&
                offsetof(JsonValue, rep_) == 15);
  high |= std::uint64_t{bytes} << 48;
  high |= std::uint64_t{static_cast<std::uint8_t>(JsonValue::Rep::inline_string)} << 56;
  auto* bytes_of_place = reinterpret_cast<unsigned char*>(place);
  std::memcpy(bytes_of_place, &low, 8);
  std::memcpy(bytes_of_place + 8, &high, 8);
  return true;
}

}  // namespace linkspan::data
