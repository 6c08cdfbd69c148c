// Texts of elements and attributes as the values that a schema says they are.
#pragma once

#include <string_view>

#include "data/json.h"
#include "data/xml/shape.h"

namespace linkspan::data::xml {

// The value that `text` is for one of the types (bits of ShapeTypes): a string where strings are allowed or
// nothing else fits, so that a validator can complain about it. Numbers and booleans by their lexical forms
// in XML Schema (+07, .5, 1 for true), blanks around them aside; null for a blank text where null is allowed.
JsonValue read_scalar(std::string_view text, unsigned types);

}  // namespace linkspan::data::xml
