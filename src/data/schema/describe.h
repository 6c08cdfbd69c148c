// Words of a person's for values and what is wrong with them. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "data/json.h"
#include "data/schema/node.h"

namespace linkspan::data::schema {

// A value on one line: scalars as JSON, cut if long; of arrays and objects what they are and how much.
std::string shown(const JsonValue& value);

// "an integer", "a string or null".
std::string type_words(Types types);
// Of a value: "a number", "an empty array".
std::string kind_words(const JsonValue& value);

// "1 item", "2 items".
std::string counted(std::size_t count, std::string_view singular, std::string_view plural);

// "one of "a", "b", 3", cut if there are many.
std::string choice_words(const Choices& choices);

}  // namespace linkspan::data::schema
