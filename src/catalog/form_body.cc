#include "catalog/form_body.h"

#include <algorithm>

#include "base/error_kinds.h"
#include "catalog/media.h"
#include "catalog/style.h"
#include "catalog/uri.h"
#include "data/form_multipart.h"
#include "data/form_multipart_write.h"
#include "data/json_parse.h"
#include "data/json_write.h"
#include "data/utf8.h"

namespace linkspan::catalog {

using data::JsonMember;
using data::JsonValue;

namespace {

constexpr std::size_t kMaxFields = 10'000;
constexpr data::JsonLimits kPartLimits{.max_depth = 200};

const Encoding* encoding_of(const MediaType& media, std::string_view property) {
  for (const Encoding& encoding : media.encodings)
    if (encoding.property == property) return &encoding;
  return nullptr;
}

Node schema_of(const SchemaView& view, const MediaType& media) {
  return media.schema ? view.node_of(*media.schema) : Node{};
}

// Whether the field is written by style, and not by a media type of its own.
Spelling spelling_of_field(std::string_view name, const Encoding* encoding) {
  Spelling spelling{name, Style::form, true, false, true};
  if (encoding == nullptr) return spelling;
  if (encoding->style) spelling.style = *encoding->style;
  spelling.explode = encoding->explode.value_or(spelling.style == Style::form);
  spelling.allow_reserved = encoding->allow_reserved;
  return spelling;
}

bool is_styled(const Encoding* encoding) {
  return encoding != nullptr && (encoding->style || encoding->explode || encoding->allow_reserved);
}

bool holds_composite(const JsonValue& value) {
  return std::any_of(value.items().begin(), value.items().end(),
                     [](const JsonValue& item) { return item.is_array() || item.is_object(); });
}

// What a field without an encoding is: JSON if it is an object (OpenAPI 3.1 section 4.8.15).
bool is_json_field(const JsonValue& value, const Encoding* encoding) {
  if (encoding != nullptr && !encoding->content_type.empty())
    return kind_of(essence_of(encoding->content_type)) == MediaKind::json;
  return value.is_object() || value.is_array();
}

std::string plain_text(const JsonValue& value) {
  if (value.is_string()) return std::string(value.string());
  return value.is_null() ? std::string() : data::write_json(value);
}

Error not_a_form() {
  return Error(errors::api_invalid, "a form must be an object");
}

JsonValue parsed_or_text(std::string_view text) {
  Result<JsonValue> value = data::parse_json(text, kPartLimits);
  return value ? *std::move(value) : JsonValue(text);
}

// Text of a field that no style takes apart: JSON where the schema wants an object or array, else typed.
JsonValue field_value(const SchemaView& view, const std::vector<Node>& schemas, const Encoding* encoding,
                      const std::string& text) {
  const TypeMask types = view.types(schemas);
  const bool is_json = encoding != nullptr && kind_of(essence_of(encoding->content_type)) == MediaKind::json;
  const bool wants_composite =
      types != kAnyType && (types & (kObject | kArray)) != 0 && (types & kString) == 0;
  if (is_json || (wants_composite && (encoding == nullptr || encoding->content_type.empty()))) {
    JsonValue value = parsed_or_text(text);
    if (!value.is_string() || is_json) return value;
  }
  return typed_value(view, schemas, text);
}

// A list comes as several fields of a name; one field may be a list all the same.
void add_field(const SchemaView& view, const Node& schema, const Encoding* encoding, const std::string& name,
               const std::string& text, JsonValue& form) {
  std::vector<Node> schemas = schema.value == nullptr ? std::vector<Node>{} : view.property(schema, name);
  const TypeMask types = view.types(schemas);
  const bool is_list =
      !schemas.empty() && types != kAnyType && (types & kArray) != 0 && (types & kString) == 0;
  if (!is_list) {
    JsonValue value = field_value(view, schemas, encoding, text);
    if (!form.contains(name)) return form.set(name, std::move(value));
    JsonValue list = form.take(name);
    if (!list.is_array()) list = JsonValue::array({std::move(list)});
    list.push_back(std::move(value));
    return form.set(name, std::move(list));
  }
  std::vector<Node> items;
  for (const Node& one : schemas)
    for (Node& item : view.items(one)) items.push_back(std::move(item));
  const bool has_composites = view.types(items) != kAnyType && (view.types(items) & (kObject | kArray)) != 0;
  JsonValue value = field_value(view, items, has_composites ? encoding : nullptr, text);
  JsonValue list = form.take(name);
  if (!list.is_array()) list = JsonValue::empty_array();
  // Lists of objects are written as one field of JSON.
  if (value.is_array() && list.empty() && has_composites) {
    list = std::move(value);
  } else {
    list.push_back(std::move(value));
  }
  form.set(name, std::move(list));
}

bool is_bytes(const SchemaView& view, const Node& schema, std::string_view name) {
  if (schema.value == nullptr) return false;
  for (const Node& property : view.conjunction(view.property(schema, name))) {
    const JsonValue* format = property.value->find("format");
    if (format != nullptr && *format == JsonValue("binary")) return true;
    if (property.value->contains("contentMediaType") && !property.value->contains("contentEncoding"))
      return true;
  }
  return false;
}

// The parts of one field, with their contents, which live in `contents`.
void add_parts(const MediaType& media, std::string_view name, const JsonValue& value, bool is_file,
               std::vector<data::MultipartPart>& parts, std::vector<std::string>& contents) {
  const Encoding* encoding = encoding_of(media, name);
  if (value.is_array() && !holds_composite(value)) {
    for (const JsonValue& item : value.items()) add_parts(media, name, item, is_file, parts, contents);
    return;
  }
  data::MultipartPart part;
  part.name = name;
  if (encoding != nullptr && encoding->content_type.find_first_of(",*") == std::string::npos)
    part.content_type = encoding->content_type;
  const bool is_json = is_json_field(value, encoding);
  if (part.content_type.empty() && is_json) part.content_type = "application/json";
  if (is_file) {
    if (part.content_type.empty()) part.content_type = "application/octet-stream";
    part.filename = std::string(name);
  }
  parts.push_back(std::move(part));
  contents.push_back(is_json ? data::write_json(value) : plain_text(value));
}

struct ReadPart {
  data::MultipartPart part;
  std::string content;
};

Result<std::vector<ReadPart>> read_parts(std::string_view boundary, std::string_view bytes) {
  std::vector<ReadPart> parts;
  data::MultipartReader reader(boundary);
  while (true) {
    Result<data::MultipartEvent> event = reader.read(bytes);
    if (!event) return std::move(event).error();
    if (*event == data::MultipartEvent::part) parts.push_back({reader.part(), ""});
    if (*event == data::MultipartEvent::content) parts.back().content += reader.content();
    const bool is_over = *event == data::MultipartEvent::need_bytes || *event == data::MultipartEvent::end;
    if (is_over && bytes.empty()) break;
  }
  if (auto whole = reader.finish(); !whole) return std::move(whole).error();
  return parts;
}

}  // namespace

Result<std::string> write_urlencoded_body(const Api& api, const MediaType& media, const JsonValue& value) {
  static_cast<void>(api);
  if (!value.is_object()) return not_a_form();
  EncodedPairs pairs;
  for (const JsonMember& member : value.members()) {
    const std::string_view name = member.key.string();
    const Encoding* encoding = encoding_of(media, name);
    const bool is_json = !is_styled(encoding) && (member.value.is_object() || holds_composite(member.value));
    if (is_json) {
      pairs.emplace_back(percent_encode(name), percent_encode(data::write_json(member.value)));
      continue;
    }
    auto ok = write_query_value(spelling_of_field(name, encoding), member.value, pairs);
    if (!ok) return std::move(ok).error().context("the field \"" + std::string(name) + "\"");
  }
  return join_pairs(pairs);
}

Result<JsonValue> read_urlencoded_body(const Api& api, const MediaType& media, std::string_view bytes) {
  const SchemaView view(api);
  const Node schema = schema_of(view, media);
  const EncodedPairs pairs = split_pairs(bytes);
  if (pairs.size() > kMaxFields) return Error(errors::form_too_large, "more than 10000 fields");
  std::vector<bool> used(pairs.size(), false);
  JsonValue form = JsonValue::empty_object();
  for (const Encoding& encoding : media.encodings) {
    if (!is_styled(&encoding) || schema.value == nullptr) continue;
    for (const Node& property : view.property(schema, encoding.property)) {
      auto value =
          read_query_value(spelling_of_field(encoding.property, &encoding), view, property, pairs, used);
      if (value) form.set(encoding.property, *std::move(value));
      break;
    }
  }
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (used[i]) continue;
    const std::string name = data::replace_invalid_utf8(percent_decode(pairs[i].first, true));
    const std::string text = data::replace_invalid_utf8(percent_decode(pairs[i].second, true));
    add_field(view, schema, encoding_of(media, name), name, text, form);
  }
  return form;
}

Result<WrittenBody> write_multipart_body(const Api& api, const MediaType& media, const JsonValue& value) {
  if (!value.is_object()) return not_a_form();
  const SchemaView view(api);
  const Node schema = schema_of(view, media);
  std::vector<data::MultipartPart> parts;
  std::vector<std::string> contents;
  for (const JsonMember& member : value.members()) {
    const std::string_view name = member.key.string();
    add_parts(media, name, member.value, is_bytes(view, schema, name), parts, contents);
  }
  std::vector<data::MultipartContent> list;
  for (std::size_t i = 0; i < parts.size(); ++i) list.push_back({std::move(parts[i]), contents[i]});
  Result<data::MultipartForm> form = data::write_multipart(list);
  if (!form) return std::move(form).error();
  return WrittenBody{std::move(form->content_type), std::move(form->body)};
}

Result<JsonValue> read_multipart_body(const Api& api, const MediaType& media, std::string_view content_type,
                                      std::string_view bytes) {
  const Result<std::string> boundary = data::multipart_boundary(content_type);
  if (!boundary) return Error(boundary.error().kind(), boundary.error().detail());
  const Result<std::vector<ReadPart>> parts = read_parts(*boundary, bytes);
  if (!parts) return Error(parts.error().kind(), parts.error().detail());
  const SchemaView view(api);
  const Node schema = schema_of(view, media);
  JsonValue form = JsonValue::empty_object();
  for (const ReadPart& read : *parts) {
    const std::string& name = read.part.name;
    Encoding encoding;
    encoding.content_type = read.part.content_type;
    if (encoding.content_type.empty())
      if (const Encoding* described = encoding_of(media, name))
        encoding.content_type = described->content_type;
    add_field(view, schema, &encoding, name, data::replace_invalid_utf8(read.content), form);
  }
  return form;
}

}  // namespace linkspan::catalog
