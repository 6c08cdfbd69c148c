// Equality, order and hash of JsonValue, by value: numbers by what they are worth whatever their kind (1
// equals 1.0, and 2^53 + 1 is above 2^53), strings by code points, objects whatever the order of their keys.
// Pure functions; nothing recurses.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "data/json.h"

namespace linkspan::data {

// jq's order: null, false, true, numbers, strings, arrays (item by item), objects (first their sorted keys as
// arrays, then the values in that order). Total: NaN equals itself and is below all other numbers.
std::strong_ordering compare_json(const JsonValue& a, const JsonValue& b);

// JsonValue's operator== asks for equality in this order, but quicker.

// Equal values have equal hashes. Not keyed: for values from outside, do not rely on it being hard to
// collide.
std::uint64_t hash_json(const JsonValue& value);

// For unordered containers keyed by values.
struct JsonHash {
  std::size_t operator()(const JsonValue& value) const { return hash_json(value); }
};

// The members of an object by code points of their keys.
std::vector<const JsonMember*> sorted_members(const JsonValue& object);

}  // namespace linkspan::data
