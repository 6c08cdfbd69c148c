// Bodies by media type.
#include <algorithm>

#include "base/strings.h"
#include "catalog/reader.h"

namespace linkspan::catalog {

using data::JsonMember;

RequestBody Reader::read_request_body(const Node& node) {
  RequestBody body;
  body.place = {node.document, node.pointer};
  if (!begin(node, ObjectKind::request_body)) return body;
  body.description = string(node, "description");
  body.required = flag(node, "required");
  const Node content = node.child("content");
  if (content.value == nullptr) {
    error(node, "\"content\" is missing");
  } else {
    body.content = read_content(content);
  }
  return body;
}

std::vector<MediaType> Reader::read_content(const Node& content) {
  std::vector<MediaType> result;
  if (!is_object(content, "\"content\"")) return result;
  for (const JsonMember& member : content.value->members()) {
    std::string type(member.key.string());
    const Node node = follow(content.child(type));
    if (node.value == nullptr) continue;
    if (type.find('/') == std::string::npos) {
      error(content.child(type), "\"" + type + "\" is no media type");
      continue;
    }
    result.push_back(read_media_type(node, std::move(type)));
  }
  return result;
}

MediaType Reader::read_media_type(const Node& node, std::string type) {
  MediaType media;
  media.type = std::move(type);
  media.place = {node.document, node.pointer};
  if (!begin(node, ObjectKind::media_type)) return media;
  const Node schema = node.child("schema");
  if (schema.value != nullptr) media.schema = read_schema(schema);
  media.examples = read_examples(node);
  if (node.value->contains("encoding")) media.encodings = read_encodings(node.child("encoding"));
  if (version_ < SpecVersion::openapi_3_2) return media;
  const Node item_schema = node.child("itemSchema");
  if (item_schema.value != nullptr) media.item_schema = read_schema(item_schema);
  for (std::string_view key : {"prefixEncoding", "itemEncoding"})
    if (node.value->contains(key))
      warn(node.child(key),
           "\"" + std::string(key) + "\" is not supported: parts by position cannot be made or checked");
  return media;
}

std::vector<Encoding> Reader::read_encodings(const Node& encodings) {
  std::vector<Encoding> result;
  if (!is_object(encodings, "\"encoding\"")) return result;
  for (const JsonMember& member : encodings.value->members()) {
    const Node node = encodings.child(member.key.string());
    if (!begin(node, ObjectKind::encoding)) continue;
    Encoding encoding;
    encoding.property = member.key.string();
    encoding.content_type = string(node, "contentType");
    encoding.allow_reserved = flag(node, "allowReserved");
    if (node.value->contains("explode")) encoding.explode = flag(node, "explode");
    const std::string style = string(node, "style");
    if (style == "form") encoding.style = Style::form;
    if (style == "spaceDelimited") encoding.style = Style::space_delimited;
    if (style == "pipeDelimited") encoding.style = Style::pipe_delimited;
    if (style == "deepObject") encoding.style = Style::deep_object;
    if (!style.empty() && !encoding.style)
      error(node.child("style"), "the style \"" + style + "\" is not for properties of forms");
    const Node headers = node.child("headers");
    if (headers.value != nullptr) encoding.headers = read_headers(headers);
    for (std::string_view key : {"encoding", "prefixEncoding", "itemEncoding"})
      if (version_ >= SpecVersion::openapi_3_2 && node.value->contains(key))
        warn(node.child(key),
             "\"" + std::string(key) + "\" within an encoding is not supported and not looked at");
    result.push_back(std::move(encoding));
  }
  return result;
}

}  // namespace linkspan::catalog
