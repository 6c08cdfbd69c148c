#include "catalog/body.h"

#include "base/error_kinds.h"
#include "base/strings.h"
#include "catalog/form_body.h"
#include "catalog/media.h"
#include "catalog/xml_body.h"
#include "data/json_parse.h"
#include "data/json_write.h"
#include "data/utf8.h"

namespace linkspan::catalog {

using data::JsonValue;

namespace {

constexpr data::JsonLimits kBodyLimits{.max_bytes = 64 * 1024 * 1024, .max_depth = 200};

Error cannot(std::string why) {
  return Error(errors::api_invalid, std::move(why));
}

Result<WrittenBody> write_lines(std::string_view type, const JsonValue& value) {
  if (!value.is_array())
    return cannot("a body of " + std::string(type) + " is an array, written an item a line");
  WrittenBody body{std::string(type), ""};
  for (const JsonValue& item : value.items()) {
    data::append_json(body.bytes, item);
    body.bytes += '\n';
  }
  return body;
}

Result<WrittenBody> write_text(std::string_view type, const JsonValue& value) {
  if (value.is_array() || value.is_object() || value.is_null())
    return cannot("a body of " + std::string(type) + " must be a string");
  return WrittenBody{std::string(type),
                     value.is_string() ? std::string(value.string()) : data::write_json(value)};
}

Result<std::optional<JsonValue>> read_lines(std::string_view bytes) {
  data::JsonArrayBuilder array;
  data::JsonParser parser(kBodyLimits);
  for (std::string_view line : split(bytes, '\n')) {
    if (trim(line).empty() || line == "\r") continue;
    Result<JsonValue> value = parser.parse(line);
    if (!value) return std::move(value).error();
    array.add(*std::move(value));
  }
  return std::optional(array.build());
}

}  // namespace

Result<WrittenBody> write_body(const Api& api, const MediaType& media, std::string_view type,
                               const JsonValue& value) {
  switch (kind_of(essence_of(type))) {
    case MediaKind::json:
      return WrittenBody{std::string(type), data::write_json(value)};
    case MediaKind::json_lines:
      return write_lines(type, value);
    case MediaKind::urlencoded: {
      Result<std::string> bytes = write_urlencoded_body(api, media, value);
      if (!bytes) return std::move(bytes).error();
      return WrittenBody{std::string(type), *std::move(bytes)};
    }
    case MediaKind::multipart:
      return write_multipart_body(api, media, value);
    case MediaKind::xml: {
      Result<std::string> bytes = write_xml_body(api, media, value);
      if (!bytes) return std::move(bytes).error();
      return WrittenBody{std::string(type), *std::move(bytes)};
    }
    case MediaKind::text:
    case MediaKind::binary:
      return write_text(type, value);
  }
  return cannot("this media type cannot be written");
}

Result<std::optional<JsonValue>> read_body(const Api& api, const MediaType& media,
                                           std::string_view content_type, std::string_view bytes) {
  switch (kind_of(essence_of(content_type))) {
    case MediaKind::json: {
      Result<JsonValue> value = data::parse_json(bytes, kBodyLimits);
      if (!value) return std::move(value).error();
      return std::optional(*std::move(value));
    }
    case MediaKind::json_lines:
      return read_lines(bytes);
    case MediaKind::urlencoded: {
      Result<JsonValue> value = read_urlencoded_body(api, media, bytes);
      if (!value) return std::move(value).error();
      return std::optional(*std::move(value));
    }
    case MediaKind::multipart: {
      Result<JsonValue> value = read_multipart_body(api, media, content_type, bytes);
      if (!value) return std::move(value).error();
      return std::optional(*std::move(value));
    }
    case MediaKind::xml:
      return read_xml_body(api, media, bytes);
    case MediaKind::text:
    case MediaKind::binary:
      break;
  }
  if (data::valid_utf8_bytes(bytes) != bytes.size()) return std::optional<JsonValue>();
  return std::optional(JsonValue(bytes));
}

}  // namespace linkspan::catalog
