// The characters of an XML text as UTF-8 (XML 1.0 section 4.3.3 and appendix F), and where in the text as it
// came they stood.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "data/xml/xml.h"

namespace linkspan::data::xml {

enum class Encoding : unsigned char { utf8, utf16_little, utf16_big };

struct Text {
  std::string utf8;  // valid, without byte order mark
  Encoding encoding = Encoding::utf8;
  std::size_t mark_bytes = 0;  // of the byte order mark
};

// Takes a byte order mark's word for it, then what the first "<" looks like, else UTF-8.
// errors::xml_invalid for what is not valid in the encoding, errors::xml_too_large past max_bytes.
Result<Text> decode(std::string_view bytes, const XmlLimits& limits);

// `message` with the line, column and byte of a place in the decoded text in front.
Error error_at(const ErrorKind& kind, const Text& text, std::size_t offset, std::string_view message);

}  // namespace linkspan::data::xml
