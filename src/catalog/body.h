// Bodies by media type: a value as bytes, and bytes as a value. JSON, lines of JSON, urlencoded and multipart
// forms, XML, text; bytes of other types are taken as they are. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "catalog/model.h"
#include "data/json.h"

namespace linkspan::catalog {

struct WrittenBody {
  std::string content_type;  // with the boundary of a multipart form
  std::string bytes;
};

// `type` is the media type to write, one that falls under `media`. errors::api_invalid (or one of form-...
// or xml-...) if the value cannot be written so.
Result<WrittenBody> write_body(const Api& api, const MediaType& media, std::string_view type,
                               const data::JsonValue& value);

// nullopt for bytes that are no text, and for types that are not understood: there is no value to check.
// An error for what is malformed.
Result<std::optional<data::JsonValue>> read_body(const Api& api, const MediaType& media,
                                                 std::string_view content_type, std::string_view bytes);

}  // namespace linkspan::catalog
