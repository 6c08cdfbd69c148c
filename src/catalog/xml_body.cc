#include "catalog/xml_body.h"

#include "base/error_kinds.h"
#include "catalog/schema_view.h"
#include "data/xml/xml.h"

namespace linkspan::catalog {

using data::JsonValue;

namespace {

bool has_shape(const Api& api, const MediaType& media) {
  return media.schema && api.documents->size() == 1 && media.schema->value.is_object();
}

Result<data::XmlShape> shape_of(const Api& api, const MediaType& media) {
  const Node node = SchemaView(api).node_of(*media.schema);
  const auto resolve = [&api](const JsonValue& schema) -> const JsonValue* {
    const JsonValue* reference = schema.find("$ref");
    if (reference == nullptr || !reference->is_string()) return nullptr;
    return api.documents->find(0, reference->string()).value;
  };
  data::XmlSchema schema{*node.value, "", resolve};
  // The root is called after the component.
  if (const JsonValue* reference = node.value->find("$ref"); reference != nullptr && reference->is_string()) {
    const std::string_view text = reference->string();
    schema.name = text.substr(text.find_last_of("/#") + 1);
  }
  return data::XmlShape::compile(schema);
}

}  // namespace

Result<std::string> write_xml_body(const Api& api, const MediaType& media, const JsonValue& value) {
  const bool is_ready =
      value.is_string() &&
      (!media.schema || (SchemaView(api).types(SchemaView(api).node_of(*media.schema)) & kString) == 0);
  if (is_ready) return std::string(value.string());
  if (!has_shape(api, media))
    return Error(errors::api_invalid,
                 "a value can be written as XML by a schema in a description of one file; give the body as a "
                 "string of XML");
  const Result<data::XmlShape> shape = shape_of(api, media);
  if (!shape) return Error(shape.error().kind(), shape.error().detail());
  return data::write_xml(value, {.exact = true, .shape = &*shape});
}

Result<std::optional<JsonValue>> read_xml_body(const Api& api, const MediaType& media,
                                               std::string_view bytes) {
  if (!has_shape(api, media)) return std::optional<JsonValue>();
  const Result<data::XmlShape> shape = shape_of(api, media);
  if (!shape) return Error(shape.error().kind(), shape.error().detail());
  Result<JsonValue> value = data::parse_xml(bytes, {.shape = &*shape});
  if (!value) return std::move(value).error();
  return std::optional(*std::move(value));
}

}  // namespace linkspan::catalog
