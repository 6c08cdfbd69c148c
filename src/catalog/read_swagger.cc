// What Swagger 2.0 says in another way: parameters that are schemas themselves, bodies and forms among the
// parameters, media types beside the operations.
#include <algorithm>

#include "base/strings.h"
#include "catalog/reader.h"

namespace linkspan::catalog {

using data::JsonMember;
using data::JsonValue;

namespace {

// The fields of a parameter, header or items object that make a schema.
constexpr std::string_view kSchemaFields[] = {
    "type",     "format",           "default",     "maximum",   "exclusiveMaximum",
    "minimum",  "exclusiveMinimum", "maxLength",   "minLength", "pattern",
    "maxItems", "minItems",         "uniqueItems", "enum",      "multipleOf"};

JsonValue schema_of(const JsonValue& fields, std::size_t depth) {
  JsonValue schema = JsonValue::empty_object();
  for (std::string_view name : kSchemaFields)
    if (const JsonValue* field = fields.find(name)) schema.set(name, *field);
  // A file is any bytes.
  if (const JsonValue* type = fields.find("type"); type != nullptr && *type == JsonValue("file")) {
    schema.set("type", "string");
    schema.set("format", "binary");
  }
  constexpr std::size_t kMaxItemsInItems = 20;
  const JsonValue* items = fields.find("items");
  if (items != nullptr && depth < kMaxItemsInItems) schema.set("items", schema_of(*items, depth + 1));
  return schema;
}

}  // namespace

Schema Reader::made_schema(const Node& node) {
  return keep_made(schema_of(*node.value, 0), {node.document, node.pointer});
}

Schema Reader::keep_made(JsonValue schema, Place place) {
  made_.push_back(schema);
  return {std::move(schema), std::move(place), static_cast<std::uint32_t>(made_.size())};
}

std::vector<std::string> Reader::media_types(const Node& operation_node, std::string_view key) {
  if (operation_node.value->contains(key)) return strings(operation_node, key);
  return key == "consumes" ? consumes_ : produces_;
}

void Reader::read_swagger_parameters(const Node& owner, const Node& operation_node, Operation& operation,
                                     std::vector<Node>& form) {
  if (owner.value == nullptr) return;
  const Node list = owner.child("parameters");
  if (!is_array(list, "\"parameters\"")) return;
  const std::vector<std::string> consumes = media_types(operation_node, "consumes");
  for (std::size_t i = 0; i < list.value->size(); ++i) {
    const Node written = list.child(i);
    const Node node = follow(written);
    if (node.value == nullptr || !begin(node, ObjectKind::parameter)) continue;
    if (operation.parameters.size() >= limits_.max_parameters || form.size() >= limits_.max_parameters)
      return error(written, "more than " + std::to_string(limits_.max_parameters) +
                                " parameters; the rest is left out");
    read_swagger_parameter(node, consumes, operation, form);
  }
  if (operation.request_body && !form.empty()) {
    error(list, "there may be a body or form data, not both; the form data is left out");
    form.clear();
  }
}

void Reader::read_swagger_parameter(const Node& node, const std::vector<std::string>& consumes,
                                    Operation& operation, std::vector<Node>& form) {
  const std::string in = required_string(node, "in");
  if (in == "body") {
    RequestBody body;
    body.place = {node.document, node.pointer};
    body.description = string(node, "description");
    body.required = flag(node, "required");
    const Node schema = node.child("schema");
    for (const std::string& type :
         consumes.empty() ? std::vector<std::string>{"application/json"} : consumes) {
      MediaType media;
      media.type = type;
      media.place = body.place;
      if (schema.value != nullptr) media.schema = read_schema(schema);
      body.content.push_back(std::move(media));
    }
    operation.request_body = std::move(body);
  } else if (in == "formData") {
    // One of the operation replaces one of its path.
    const std::string name = required_string(node, "name");
    std::erase_if(form, [&](const Node& other) {
      const JsonValue* other_name = other.value->find("name");
      return other_name != nullptr && other_name->is_string() && other_name->string() == name;
    });
    if (!name.empty()) form.push_back(node);
  } else if (std::optional<Parameter> parameter = read_swagger_value_parameter(node)) {
    std::erase_if(operation.parameters, [&](const Parameter& other) {
      return other.in == parameter->in && other.name == parameter->name;
    });
    operation.parameters.push_back(*std::move(parameter));
  }
}

std::optional<Parameter> Reader::read_swagger_value_parameter(const Node& node) {
  Parameter parameter;
  parameter.place = {node.document, node.pointer};
  parameter.name = required_string(node, "name");
  const std::string in = string(node, "in");
  if (in == "path") parameter.in = ParameterIn::path;
  if (in == "header") parameter.in = ParameterIn::header;
  if (in != "path" && in != "header" && in != "query") {
    error(node.child("in"), "\"" + in + "\" is no place for a parameter in Swagger 2.0");
    return std::nullopt;
  }
  if (parameter.name.empty()) return std::nullopt;
  parameter.description = string(node, "description");
  parameter.required = flag(node, "required");
  if (parameter.in == ParameterIn::path && !parameter.required) {
    error(node, "the path parameter \"" + parameter.name + "\" must have \"required: true\"; it is taken so");
    parameter.required = true;
  }
  parameter.allow_empty_value = flag(node, "allowEmptyValue");
  if (!node.value->contains("type")) warn(node, "\"type\" is missing; any text is taken");
  parameter.schema = made_schema(node);
  read_collection_format(node, parameter);
  return parameter;
}

void Reader::read_collection_format(const Node& node, Parameter& parameter) {
  parameter.style = parameter.in == ParameterIn::query ? Style::form : Style::simple;
  parameter.explode = false;
  const std::string format = string(node, "collectionFormat");
  if (format.empty() || format == "csv") return;
  if (format == "multi" && parameter.in == ParameterIn::query) {
    parameter.explode = true;
  } else if (format == "ssv") {
    parameter.style = Style::space_delimited;
  } else if (format == "pipes") {
    parameter.style = Style::pipe_delimited;
  } else if (format == "tsv") {
    parameter.style = Style::tab_delimited;
  } else {
    error(node.child("collectionFormat"), "the collectionFormat \"" + format +
                                              "\" is not for parameters in " +
                                              std::string(to_string(parameter.in)));
  }
}

void Reader::make_form_body(const std::vector<Node>& form, const std::vector<std::string>& consumes,
                            Operation& operation) {
  RequestBody body;
  body.place = {form[0].document, form[0].pointer};
  MediaType media;
  media.place = body.place;
  JsonValue properties = JsonValue::empty_object();
  JsonValue required = JsonValue::empty_array();
  bool has_file = false;
  for (const Node& node : form) {
    const JsonValue* type = node.value->find("type");
    has_file = has_file || (type != nullptr && *type == JsonValue("file"));
    const std::string name = string(node, "name");
    properties.set(name, schema_of(*node.value, 0));
    if (flag(node, "required")) {
      required.push_back(name);
      body.required = true;
    }
    const std::string format = string(node, "collectionFormat");
    Encoding encoding;
    encoding.property = name;
    encoding.explode = format == "multi";
    encoding.style = format == "ssv"     ? Style::space_delimited
                     : format == "pipes" ? Style::pipe_delimited
                     : format == "tsv"   ? Style::tab_delimited
                                         : Style::form;
    const bool is_array = type != nullptr && *type == JsonValue("array");
    if (is_array) media.encodings.push_back(std::move(encoding));
  }
  JsonValue schema = JsonValue::object({{"type", "object"}, {"properties", std::move(properties)}});
  if (!required.empty()) schema.set("required", std::move(required));
  media.schema = keep_made(std::move(schema), body.place);
  std::vector<std::string> types;
  for (const std::string& type : consumes)
    if (type == "multipart/form-data" || (!has_file && type == "application/x-www-form-urlencoded"))
      types.push_back(type);
  if (types.empty())
    types.emplace_back(has_file ? "multipart/form-data" : "application/x-www-form-urlencoded");
  for (std::string& type : types) {
    media.type = std::move(type);
    body.content.push_back(media);
  }
  operation.request_body = std::move(body);
}

std::vector<MediaType> Reader::swagger_response_content(const Node& node, const Node& operation_node) {
  std::vector<MediaType> content;
  const Node schema = node.child("schema");
  const Node examples = node.child("examples");
  std::vector<std::string> types = media_types(operation_node, "produces");
  if (types.empty() && schema.value != nullptr) types.emplace_back("application/json");
  if (schema.value == nullptr) types.clear();
  if (examples.value != nullptr && is_object(examples, "\"examples\""))
    for (const JsonMember& member : examples.value->members())
      if (std::find(types.begin(), types.end(), member.key.string()) == types.end())
        types.emplace_back(member.key.string());
  for (const std::string& type : types) {
    MediaType media;
    media.type = type;
    media.place = {node.document, node.pointer};
    if (schema.value != nullptr) media.schema = read_schema(schema);
    if (examples.value != nullptr && examples.value->is_object()) {
      const Node value = examples.child(type);
      if (value.value != nullptr) {
        Example example;
        example.value = *value.value;
        example.place = {value.document, value.pointer};
        media.examples.push_back(std::move(example));
      }
    }
    content.push_back(std::move(media));
  }
  return content;
}

}  // namespace linkspan::catalog
