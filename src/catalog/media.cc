#include "catalog/media.h"

#include <algorithm>

#include "base/strings.h"

namespace linkspan::catalog {

std::string essence_of(std::string_view content_type) {
  return to_lower_ascii(trim(content_type.substr(0, content_type.find(';'))));
}

MediaKind kind_of(std::string_view essence) {
  if (essence == "application/json" || essence.ends_with("+json") || essence == "text/json")
    return MediaKind::json;
  if (essence == "application/jsonl" || essence == "application/x-ndjson" ||
      essence == "application/x-jsonlines")
    return MediaKind::json_lines;
  if (essence == "application/x-www-form-urlencoded") return MediaKind::urlencoded;
  if (essence == "multipart/form-data") return MediaKind::multipart;
  if (essence == "application/xml" || essence == "text/xml" || essence.ends_with("+xml"))
    return MediaKind::xml;
  if (essence.starts_with("text/")) return MediaKind::text;
  return MediaKind::binary;
}

const MediaType* find_media(const std::vector<MediaType>& content, std::string_view content_type) {
  const std::string wanted = essence_of(content_type);
  const std::string range = wanted.substr(0, wanted.find('/')) + "/*";
  for (const std::string& pattern : {wanted, range, std::string("*/*")})
    for (const MediaType& media : content)
      if (essence_of(media.type) == pattern) return &media;
  return nullptr;
}

const MediaType* preferred_media(const std::vector<MediaType>& content) {
  for (MediaKind kind : {MediaKind::json, MediaKind::urlencoded, MediaKind::multipart, MediaKind::json_lines})
    for (const MediaType& media : content)
      if (kind_of(essence_of(concrete_type(media))) == kind) return &media;
  return content.empty() ? nullptr : &content[0];
}

std::string concrete_type(const MediaType& media) {
  if (media.type.find('*') == std::string::npos) return media.type;
  const std::string essence = essence_of(media.type);
  if (essence == "text/*") return "text/plain";
  if (essence == "*/*" || essence == "application/*") return "application/json";
  return "application/octet-stream";
}

}  // namespace linkspan::catalog
