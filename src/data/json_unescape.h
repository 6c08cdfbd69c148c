// The escapes of JSON strings (RFC 8259 section 7) taken away. Pure function.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace linkspan::data {

struct JsonUnescapeFault {
  std::size_t offset = 0;         // of the escape, in the text given
  const char* message = nullptr;  // nullptr where all is well
};

// `text` is what stands between the quotes, valid UTF-8; `out` is replaced.
JsonUnescapeFault unescape_json(std::string_view text, std::string& out);

}  // namespace linkspan::data
