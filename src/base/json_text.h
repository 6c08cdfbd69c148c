// Strings as JSON writes them (RFC 8259 section 7): quotes, backslashes and control characters escaped,
// invalid UTF-8 replaced by U+FFFD. The fast primitives beneath json_writer.h, for who lays out a line by
// itself. Pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace linkspan {

// Bytes that a string of `bytes` bytes may take at most, quotes included.
constexpr std::size_t max_json_string_bytes(std::size_t bytes) {
  return 6 * bytes + 2;
}

// Whether every byte stands for itself, so that the text needs quotes around it and nothing else.
bool is_plain_json_text(std::string_view text);
// Bytes that the text takes as a string, quotes included.
std::size_t json_string_bytes(std::string_view text);
// Writes that string to `out`, which has room for it; returns past its end.
char* put_json_string(std::string_view text, char* out);

}  // namespace linkspan
