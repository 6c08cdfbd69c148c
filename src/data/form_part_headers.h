// The headers of one part of multipart/form-data (RFC 7578 section 4). Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "data/form_multipart.h"

namespace linkspan::data {

// `headers` are whole lines with their CRLF. What is wrong is told in the error's detail, without a place.
Result<MultipartPart> parse_part_headers(std::string_view headers, const MultipartLimits& limits);

// Browsers write a quote, CR and LF in names as %22, %0D and %0A (WHATWG HTML, "multipart form data"), and so
// do we. A name that already has one of these could not be told apart, and a control character has no
// spelling: false, and nothing is added.
bool append_part_name(std::string& out, std::string_view name);

}  // namespace linkspan::data
