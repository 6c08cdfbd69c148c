// UTF-8 (RFC 3629): shortest forms only, no surrogates, nothing above U+10FFFF. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace linkspan::data {

// Bytes at the start of `text` that are valid and whole characters; text.size() if all are.
std::size_t valid_utf8_bytes(std::string_view text);

// The text with U+FFFD in place of what is not valid, one for each byte that starts nothing and what belongs
// to it.
std::string replace_invalid_utf8(std::string_view text);

// Writes a code point (a scalar value, not checked) to `out`, which has room for 4; returns past its end.
char* put_utf8(char32_t code_point, char* out);

// The code point at `at` of valid UTF-8, moving `at` past it. Never reads past `end`, which is above `at`.
char32_t next_code_point(const char*& at, const char* end);

}  // namespace linkspan::data
