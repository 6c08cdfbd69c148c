// Small forms as JSON objects, and back. A field is a string, a name that comes more than once an array of
// them; the names keep the order in which they first came:
//
//   a=1&b=x&a=2      {"a": ["1", "2"], "b": "x"}
//
// A part of multipart/form-data that has a file name or a content type is an object of "filename",
// "content_type" (each if given) and "content", which must be UTF-8 (else errors::form_invalid: read such
// forms with MultipartReader). Values that are no strings are written as CSV writes them (csv_json.h); null
// and empty arrays write nothing; all else is errors::form_unwritable.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "data/form_multipart.h"
#include "data/form_multipart_write.h"
#include "data/form_urlencoded.h"
#include "data/json.h"

namespace linkspan::data {

JsonValue form_to_json(std::span<const FormField> fields);
Result<std::vector<FormField>> json_to_form(const JsonValue& form);

// `content_type` is that of the whole form and has the boundary.
Result<JsonValue> multipart_to_json(std::string_view content_type, std::string_view body,
                                    const MultipartLimits& limits = {});
Result<MultipartForm> json_to_multipart(const JsonValue& form, std::string_view boundary = {});

}  // namespace linkspan::data
