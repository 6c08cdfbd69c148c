#include "catalog/document.h"

#include "base/error_kinds.h"
#include "data/json_parse.h"
#include "data/yaml.h"

namespace linkspan::catalog {

namespace {

using data::JsonValue;
using data::YamlNode;

JsonValue scalar_value(const YamlNode& node) {
  switch (node.kind()) {
    case YamlNode::Kind::boolean:
      return node.boolean();
    case YamlNode::Kind::integer:
      return node.integer();
    case YamlNode::Kind::unsigned_integer:
      return node.unsigned_integer();
    case YamlNode::Kind::real:
      // Digits that no double holds stay as they are written.
      return JsonValue::number(node.text()).value_or(JsonValue(node.real()));
    case YamlNode::Kind::string:
      return node.text();
    default:
      return nullptr;
  }
}

// The YAML parser has limited the depth.
JsonValue json_of(const YamlNode& node) {
  if (node.is_sequence()) {
    data::JsonArrayBuilder array(node.items().size());
    for (const YamlNode& item : node.items()) array.add(json_of(item));
    return array.build();
  }
  if (node.is_mapping()) {
    data::JsonObjectBuilder object(node.entries().size());
    for (const data::YamlEntry& entry : node.entries()) object.set(entry.key, json_of(entry.value));
    return object.build();
  }
  return scalar_value(node);
}

TextPosition position_of(std::string_view text, std::size_t offset) {
  TextPosition position{1, 1};
  for (char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++position.column;
    }
  }
  return position;
}

Problem problem_at(const Document& document, TextPosition position, std::string message) {
  Problem problem;
  problem.file = document.name;
  problem.line = position.line;
  problem.column = position.column;
  problem.message = std::move(message);
  return problem;
}

bool parse_as_yaml(Document& document, const DocumentLimits& limits, std::vector<Problem>& problems) {
  data::YamlOptions options;
  options.limits = {limits.max_bytes, limits.max_depth, limits.max_nodes, limits.max_alias_nodes};
  const data::YamlParse parse = data::parse_yaml(document.text, options);
  for (const data::YamlError& error : parse.errors)
    problems.push_back(problem_at(document, {error.position.line, error.position.column}, error.message));
  if (!parse.errors.empty()) return false;
  document.root = json_of(parse.document.root());
  return true;
}

}  // namespace

bool parse_document(Document& document, const DocumentLimits& limits, std::vector<Problem>& problems) {
  const std::string_view text = document.text;
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool may_be_json = first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
  if (!may_be_json) return parse_as_yaml(document, limits, problems);
  data::JsonParser parser({.max_bytes = limits.max_bytes, .max_depth = limits.max_depth});
  Result<JsonValue> value = parser.parse(text);
  if (value) {
    document.root = *std::move(value);
    document.is_json = true;
    return true;
  }
  // A mapping of YAML may begin with a brace too; but whoever wrote JSON wants to know what is wrong with it.
  std::vector<Problem> as_yaml;
  const bool is_named_json = document.name.ends_with(".json");
  if (!is_named_json && value.error().kind().slug == errors::json_invalid.slug &&
      parse_as_yaml(document, limits, as_yaml))
    return true;
  problems.push_back(problem_at(document, position_of(text, parser.error_offset()), value.error().detail()));
  return false;
}

}  // namespace linkspan::catalog
