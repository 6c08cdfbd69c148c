// For the unit tests of JSON values.
#pragma once

#include <string_view>

#include <gtest/gtest.h>

#include "data/json_parse.h"

namespace linkspan::data::testing {

// The value of a text that must be JSON.
inline JsonValue parsed(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value.ok()) << text;
  return value ? *value : JsonValue();
}

}  // namespace linkspan::data::testing
