// URI references as API descriptions use them (RFC 3986), and percent-encoding. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace linkspan::catalog {

// "common.yaml#/x" is "common.yaml" and "/x"; without "#" the fragment is empty.
struct UriReference {
  std::string_view uri;
  std::string_view fragment;
};
UriReference split_fragment(std::string_view reference);

bool has_scheme(std::string_view uri);

// RFC 3986 section 5.2, for a base that is a URI or the path of a file: "a/b.yaml" and "../c.yaml" make
// "c.yaml". A path that would leave where it began keeps its "..": "../c.yaml" from "b.yaml" is "../c.yaml".
std::string resolve_uri(std::string_view base, std::string_view reference);

// Characters that stay as they are, besides letters, digits and "-._~".
enum class Keep : unsigned char {
  unreserved,  // nothing more: for values
  reserved     // all of RFC 3986 section 2.2, and escapes that are there already: allowReserved
};
void append_percent_encoded(std::string& out, std::string_view text, Keep keep = Keep::unreserved);
std::string percent_encode(std::string_view text, Keep keep = Keep::unreserved);
// Escapes that are none stay as they are. `plus_is_space`: as in forms and queries.
std::string percent_decode(std::string_view text, bool plus_is_space = false);

}  // namespace linkspan::catalog
