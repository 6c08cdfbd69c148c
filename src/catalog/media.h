// Media types: what they mean for the way a body is written, and which entry of `content` one falls under.
// Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/model.h"

namespace linkspan::catalog {

enum class MediaKind : unsigned char {
  json,
  json_lines,  // application/jsonl, application/x-ndjson: one value a line
  urlencoded,
  multipart,  // multipart/form-data
  xml,
  text,
  binary  // all else
};

// Without parameters, in lower case: "Application/JSON; charset=utf-8" is "application/json".
std::string essence_of(std::string_view content_type);

MediaKind kind_of(std::string_view essence);

// The entry that a Content-Type falls under, the most exact one ("text/plain" before "text/*" before "*/*");
// nullptr if there is none.
const MediaType* find_media(const std::vector<MediaType>& content, std::string_view content_type);

// What to send where nobody chose: JSON if there is such an entry, then forms, then the first. nullptr if
// there is no content.
const MediaType* preferred_media(const std::vector<MediaType>& content);

// A media type to send under an entry: itself, or one that "*/*" or "text/*" allows.
std::string concrete_type(const MediaType& media);

}  // namespace linkspan::catalog
