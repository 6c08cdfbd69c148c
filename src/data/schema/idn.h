// Labels of internationalised host names (RFC 5890 to 5892), approximately: of IDNA 2008's tables what is met
// most, and the rules that look at a character's neighbours; not the rules for mixed directions. Pure
// functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace linkspan::data::schema {

// A label as people write it; at least one character beyond ASCII.
bool is_u_label(std::u32string_view label);

// RFC 3492: of what stands behind "xn--". nullopt if it is none.
std::optional<std::u32string> decode_punycode(std::string_view text);

}  // namespace linkspan::data::schema
