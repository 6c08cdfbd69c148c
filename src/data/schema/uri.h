// Just enough of RFC 3986 to tell which document a reference means. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace linkspan::data::schema {

// RFC 3986 section 5.2, with the base that a document has; an empty base leaves the reference as it is. The
// fragment of the base never counts.
std::string resolve_uri(std::string_view base, std::string_view reference);

// Before the first "#", and behind it.
std::pair<std::string_view, std::string_view> split_fragment(std::string_view uri);

// With percent escapes taken away; one that is none stays as it is.
std::string decode_percent(std::string_view text);

}  // namespace linkspan::data::schema
