// Names of Unicode properties in regular expressions. Pure function.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace linkspan::data::schema {

// What stands in the braces of \p{...} by ECMA-262 ("Letter", "Lu", "Script=Greek", "gc=L", "Alphabetic"), in
// the shortest form: "L", "Lu", "Greek". nullopt for what cannot be a name; whether there is a property of
// that name, the engine has to say.
std::optional<std::string> property_name(std::string_view text);

}  // namespace linkspan::data::schema
