// Forms by their schema and `encoding`: urlencoded and multipart/form-data. A form is an object, a field
// each property. Text parts are typed by the schema; parts of JSON are parsed. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "catalog/body.h"
#include "catalog/model.h"

namespace linkspan::catalog {

Result<std::string> write_urlencoded_body(const Api& api, const MediaType& media,
                                          const data::JsonValue& value);
Result<data::JsonValue> read_urlencoded_body(const Api& api, const MediaType& media, std::string_view bytes);

Result<WrittenBody> write_multipart_body(const Api& api, const MediaType& media,
                                         const data::JsonValue& value);
// Of a part that is no text the value is a string of as many U+FFFD as needed: it is there, but not shown.
Result<data::JsonValue> read_multipart_body(const Api& api, const MediaType& media,
                                            std::string_view content_type, std::string_view bytes);

}  // namespace linkspan::catalog
