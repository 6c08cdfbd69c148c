// Which keywords hold schemas, whatever the draft. Pure function.
#pragma once

#include <string_view>

namespace linkspan::data::schema {

enum class Holds : unsigned char {
  nothing,
  schema,
  schemas,       // an array of them, or (items) one
  named_schemas  // an object of them (in `dependencies`, of names too)
};

Holds what_holds(std::string_view keyword);

}  // namespace linkspan::data::schema
