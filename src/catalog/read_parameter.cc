// Parameters and headers: where they are, how they are written, and what they hold.
#include <algorithm>

#include "base/strings.h"
#include "catalog/reader.h"

namespace linkspan::catalog {

using data::JsonMember;

namespace {

bool is_same_parameter(const Parameter& a, const Parameter& b) {
  if (a.in != b.in) return false;
  return a.in == ParameterIn::header ? equals_ignore_case(a.name, b.name) : a.name == b.name;
}

std::optional<ParameterIn> parse_in(std::string_view text, SpecVersion version) {
  if (text == "path") return ParameterIn::path;
  if (text == "query") return ParameterIn::query;
  if (text == "header") return ParameterIn::header;
  if (text == "cookie") return ParameterIn::cookie;
  if (text == "querystring" && version >= SpecVersion::openapi_3_2) return ParameterIn::querystring;
  return std::nullopt;
}

std::optional<Style> parse_style(std::string_view text, SpecVersion version) {
  if (text == "simple") return Style::simple;
  if (text == "label") return Style::label;
  if (text == "matrix") return Style::matrix;
  if (text == "form") return Style::form;
  if (text == "spaceDelimited") return Style::space_delimited;
  if (text == "pipeDelimited") return Style::pipe_delimited;
  if (text == "deepObject") return Style::deep_object;
  if (text == "cookie" && version >= SpecVersion::openapi_3_2) return Style::cookie;
  return std::nullopt;
}

bool is_style_of(Style style, ParameterIn in) {
  switch (in) {
    case ParameterIn::path:
      return style == Style::simple || style == Style::label || style == Style::matrix;
    case ParameterIn::header:
      return style == Style::simple;
    case ParameterIn::cookie:
      return style == Style::form || style == Style::cookie;
    case ParameterIn::query:
      return style == Style::form || style == Style::space_delimited || style == Style::pipe_delimited ||
             style == Style::deep_object;
    case ParameterIn::querystring:
      return false;
  }
  return false;
}

// What RFC 9110 or the description itself gives another place to.
bool is_ignored_header(std::string_view name) {
  return equals_ignore_case(name, "Accept") || equals_ignore_case(name, "Content-Type") ||
         equals_ignore_case(name, "Authorization");
}

}  // namespace

void Reader::read_parameters(const Node& owner, Operation& operation) {
  const Node list = owner.child("parameters");
  if (!is_array(list, "\"parameters\"")) return;
  const std::size_t inherited = operation.parameters.size();
  for (std::size_t i = 0; i < list.value->size(); ++i) {
    const Node written = list.child(i);
    const Node node = follow(written);
    if (node.value == nullptr) continue;
    std::optional<Parameter> parameter = read_parameter(node);
    if (!parameter) continue;
    const auto same =
        std::find_if(operation.parameters.begin(), operation.parameters.end(),
                     [&](const Parameter& other) { return is_same_parameter(other, *parameter); });
    if (same == operation.parameters.end()) {
      if (operation.parameters.size() >= limits_.max_parameters)
        return error(written, "more than " + std::to_string(limits_.max_parameters) +
                                  " parameters; the rest is left out");
      operation.parameters.push_back(*std::move(parameter));
    } else if (static_cast<std::size_t>(same - operation.parameters.begin()) < inherited) {
      *same = *std::move(parameter);
    } else {
      error(written, "the parameter \"" + parameter->name + "\" in " + std::string(to_string(parameter->in)) +
                         " is there twice");
    }
  }
}

std::optional<Parameter> Reader::read_parameter(const Node& node) {
  if (!begin(node, ObjectKind::parameter)) return std::nullopt;
  Parameter parameter;
  parameter.place = {node.document, node.pointer};
  parameter.name = required_string(node, "name");
  const std::string in = required_string(node, "in");
  if (parameter.name.empty() || in.empty()) return std::nullopt;
  const auto where = parse_in(in, version_);
  if (!where) {
    error(node.child("in"),
          "\"" + in + "\" is no place for a parameter in " + std::string(to_string(version_)));
    return std::nullopt;
  }
  parameter.in = *where;
  if (parameter.in == ParameterIn::header && is_ignored_header(parameter.name)) {
    warn(node, "a header parameter \"" + parameter.name +
                   "\" means nothing: media types and security schemes describe it");
    return std::nullopt;
  }
  parameter.description = string(node, "description");
  parameter.required = flag(node, "required");
  if (parameter.in == ParameterIn::path && !parameter.required) {
    error(node, "the path parameter \"" + parameter.name + "\" must have \"required: true\"; it is taken so");
    parameter.required = true;
  }
  parameter.deprecated = flag(node, "deprecated");
  parameter.allow_empty_value = flag(node, "allowEmptyValue");
  parameter.allow_reserved = flag(node, "allowReserved");
  read_style(node, parameter);
  read_schema_or_content(node, parameter.schema, parameter.content, parameter.examples);
  if (parameter.in == ParameterIn::querystring && parameter.content.empty()) {
    error(node, "a querystring parameter must have \"content\"");
    return std::nullopt;
  }
  return parameter;
}

void Reader::read_style(const Node& node, Parameter& parameter) {
  parameter.style =
      parameter.in == ParameterIn::query || parameter.in == ParameterIn::cookie ? Style::form : Style::simple;
  const std::string text = string(node, "style");
  if (!text.empty()) {
    const auto style = parse_style(text, version_);
    if (!style) {
      error(node.child("style"), "there is no style \"" + text + "\" in " + std::string(to_string(version_)));
    } else if (!is_style_of(*style, parameter.in)) {
      error(node.child("style"),
            "the style \"" + text + "\" is not for parameters in " + std::string(to_string(parameter.in)));
    } else {
      parameter.style = *style;
    }
  }
  parameter.explode =
      flag(node, "explode", parameter.style == Style::form || parameter.style == Style::cookie);
}

void Reader::read_schema_or_content(const Node& node, std::optional<Schema>& schema,
                                    std::vector<MediaType>& content, std::vector<Example>& examples) {
  const Node written = node.child("schema");
  if (written.value != nullptr) schema = read_schema(written);
  if (node.value->contains("content")) {
    content = read_content(node.child("content"));
    if (content.size() != 1)
      error(node.child("content"), "\"content\" of a parameter or header must have exactly one media type");
    if (content.size() > 1) content.resize(1);
    if (schema) {
      error(node, "there may be \"schema\" or \"content\", not both; \"schema\" is not looked at");
      schema.reset();
    }
  } else if (!schema) {
    warn(node, "there is neither \"schema\" nor \"content\"; any text is taken");
  }
  examples = read_examples(node);
}

std::vector<Header> Reader::read_headers(const Node& headers) {
  std::vector<Header> result;
  if (!is_object(headers, "\"headers\"")) return result;
  for (const JsonMember& member : headers.value->members()) {
    const Node node = follow(headers.child(member.key.string()));
    if (node.value == nullptr || !begin(node, ObjectKind::header)) continue;
    Header header;
    header.name = member.key.string();
    header.place = {node.document, node.pointer};
    header.description = string(node, "description");
    if (is_swagger()) {
      header.schema = made_schema(node);
    } else {
      header.required = flag(node, "required");
      header.deprecated = flag(node, "deprecated");
      header.explode = flag(node, "explode");
      const std::string style = string(node, "style");
      if (!style.empty() && style != "simple")
        error(node.child("style"), "the style \"" + style + "\" is not for headers");
      read_schema_or_content(node, header.schema, header.content, header.examples);
    }
    // A header Content-Type here means nothing: the keys of `content` say it.
    if (!equals_ignore_case(header.name, "Content-Type")) result.push_back(std::move(header));
  }
  return result;
}

std::vector<Example> Reader::read_examples(const Node& owner) {
  std::vector<Example> result;
  const Node single = owner.child("example");
  if (single.value != nullptr) {
    Example example;
    example.value = *single.value;
    example.place = {single.document, single.pointer};
    result.push_back(std::move(example));
  }
  const Node map = owner.child("examples");
  if (!is_object(map, "\"examples\"")) return result;
  for (const JsonMember& member : map.value->members()) {
    const Node node = follow(map.child(member.key.string()));
    if (node.value == nullptr || !begin(node, ObjectKind::example)) continue;
    Example example;
    example.name = member.key.string();
    example.summary = string(node, "summary");
    example.place = {node.document, node.pointer};
    example.external_value = string(node, "externalValue");
    const data::JsonValue* value = node.value->find("dataValue");
    if (value == nullptr) value = node.value->find("value");
    if (value == nullptr && node.value->contains("serializedValue")) {
      value = node.value->find("serializedValue");
      example.is_serialized = true;
    }
    if (value != nullptr) example.value = *value;
    if (value == nullptr && example.external_value.empty()) {
      warn(node, "an example without a value");
    } else {
      result.push_back(std::move(example));
    }
  }
  return result;
}

std::optional<Schema> Reader::read_schema(const Node& node) {
  const bool may_be_boolean = version_ >= SpecVersion::openapi_3_1 && node.value->is_boolean();
  if (!may_be_boolean && !is_object(node, "a schema")) return std::nullopt;
  return Schema{*node.value, {node.document, node.pointer}, 0};
}

}  // namespace linkspan::catalog
