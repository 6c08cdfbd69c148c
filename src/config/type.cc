#include "config/type.h"

#include "config/show_writer.h"

namespace linkspan::config {

bool ScalarType::decode(const YamlNode& node, Decoder& decoder, void* out) const {
  if (!node.is_scalar()) {
    decoder.mismatch(node, false, expected());
    return false;
  }
  const Scalar scalar = decoder.resolve(node);
  return !scalar.failed && read(scalar, decoder, out);
}

bool ParsedType::read(const Scalar& scalar, Decoder& decoder, void* out) const {
  if (scalar.node.is_null() && !scalar.from_reference) {
    decoder.mismatch(scalar.node, false, expected());
    return false;
  }
  const Result<void> parsed = parse(scalar.node.text(), out);
  if (parsed) return true;
  if (scalar.from_reference || !text_.explained) {
    decoder.mismatch(scalar.node, scalar.from_reference, expected());
  } else {
    decoder.problem(scalar.node.position(),
                    decoder.subject() + " is " + describe_node(scalar.node) + ": " + parsed.error().detail());
  }
  return false;
}

void ParsedType::show(const void* value, ShowWriter& writer) const {
  // A status or a count stays a number, a word stays a string.
  const std::string text = format(value);
  if (YamlNode::plain_scalar(text, {}).kind() == YamlNode::Kind::integer) {
    writer.plain(text);
  } else {
    writer.text(text);
  }
}

void ParsedType::write_schema(JsonStringWriter& json) const {
  if (text_.pattern.empty()) {
    // Numbers and booleans are taken by their text.
    json.key("type");
    json.begin_array();
    for (const char* type : {"string", "number", "boolean"}) json.value(type);
    json.end_array();
    return;
  }
  const SchemaAlternatives alternatives(json);
  json.begin_object();
  json.key("type");
  json.begin_array();
  json.value("string");
  json.value("number");
  json.end_array();
  json.member("pattern", "^(" + text_.pattern + ")$");
  json.end_object();
}

SchemaAlternatives::SchemaAlternatives(JsonStringWriter& json) : json_(json) {
  json_.key("anyOf");
  json_.begin_array();
}

SchemaAlternatives::~SchemaAlternatives() {
  json_.begin_object();
  json_.member("type", "string");
  json_.member("pattern", "\\$\\{(env|file):[^}]+\\}");
  json_.end_object();
  json_.end_array();
}

}  // namespace linkspan::config
