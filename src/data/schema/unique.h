// uniqueItems. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "data/json.h"

namespace linkspan::data::schema {

// The first two items found to be equal, by value. Takes what it costs from `steps`; with none left the
// answer means nothing. No choice of items makes it quadratic beyond what `steps` allow.
std::optional<std::pair<std::size_t, std::size_t>> find_equal_items(std::span<const JsonValue> items,
                                                                    std::uint64_t& steps);

// Values in a value, itself included; no more than `enough`.
std::uint64_t count_values(const JsonValue& value, std::uint64_t enough);

}  // namespace linkspan::data::schema
