#include <algorithm>
#include <cmath>

#include "base/strings.h"
#include "config/flow_types.h"
#include "config/names.h"
#include "config/show_writer.h"
#include "data/json.h"
#include "data/json_write.h"

namespace linkspan::config {
namespace {

constexpr const char* kExpected = "an expression: jq in quotes, or a number, boolean or null";

std::string json_string(std::string_view text) {
  std::string json;
  data::append_json_string(json, text);
  return json;
}

// What may stand between the quotes of a JSON string, and so of jq's.
std::string escape_for_jq(std::string_view text) {
  const std::string quoted = json_string(text);
  return quoted.substr(1, quoted.size() - 2);
}

bool is_reference_alone(std::string_view text) {
  return text.starts_with("${") && text.find('}') == text.size() - 1;
}

// The JSON of a number, boolean or null; empty for one that JSON does not have.
std::string literal_json(const YamlNode& node) {
  switch (node.kind()) {
    case YamlNode::Kind::null:
      return node.text().empty() ? "" : "null";
    case YamlNode::Kind::boolean:
      return node.boolean() ? "true" : "false";
    case YamlNode::Kind::integer:
      return std::to_string(node.integer());
    case YamlNode::Kind::unsigned_integer:
      return std::to_string(node.unsigned_integer());
    case YamlNode::Kind::real:
      break;
    default:
      return {};
  }
  std::string json;
  if (std::isfinite(node.real())) data::append_json_number(json, data::JsonValue(node.real()));
  return json;
}

class ExpressionType final : public Type {
 public:
  bool decode(const YamlNode& node, Decoder& decoder, void* out) const override {
    auto& expression = *static_cast<Expression*>(out);
    const YamlPosition at = node.position();
    expression = {};
    expression.origin = {at.file, at.line, at.column};
    if (!node.is_scalar()) {
      decoder.mismatch(node, false, kExpected);
      return false;
    }
    const Scalar scalar = decoder.resolve(node, is_reference_alone(node.text()) ? nullptr : escape_for_jq);
    if (scalar.failed) return false;
    if (scalar.from_reference && is_reference_alone(node.text())) {
      expression.text = json_string(scalar.node.text());
      expression.is_literal = true;
    } else if (scalar.from_reference || node.is_string()) {
      const std::string_view text = scalar.node.text();
      if (!trim(text).empty()) expression.text = text;
    } else {
      expression.text = literal_json(node);
      expression.is_literal = true;
    }
    if (expression.empty()) decoder.mismatch(node, false, kExpected);
    return !expression.empty();
  }
  bool is_absent(const void* value) const override { return static_cast<const Expression*>(value)->empty(); }
  void show(const void* value, ShowWriter& writer) const override {
    const auto& expression = *static_cast<const Expression*>(value);
    // A text that stands for itself is jq as well, where a plain one would be read as something else.
    const bool plain = expression.is_literal && expression.text[0] != '"';
    plain ? writer.plain(expression.text) : writer.text(expression.text);
  }
  void write_schema(JsonStringWriter& json) const override {
    json.key("type");
    json.begin_array();
    for (const char* type : {"string", "number", "boolean", "null"}) json.value(type);
    json.end_array();
  }
  std::string form() const override { return "expression"; }
};

class NamedExpressionsType final : public Type {
 public:
  using Values = std::vector<NamedExpression>;
  explicit NamedExpressionsType(NamesOf names) : names_(names) {}

  bool decode(const YamlNode& node, Decoder& decoder, void* out) const override {
    auto& values = *static_cast<Values*>(out);
    values.clear();
    if (node.is_null()) return true;
    if (!node.is_mapping()) {
      decoder.mismatch(node, false, "a mapping of names to expressions");
      return false;
    }
    const std::size_t before = decoder.problem_count();
    for (const YamlEntry& entry : node.entries()) {
      const Decoder::Scope scope(decoder, entry.key);
      if (!accept(entry, values, decoder)) continue;
      const YamlPosition& at = entry.key_position;
      NamedExpression& named = values.emplace_back();
      named.origin = {at.file, at.line, at.column};
      named.name = entry.key;
      expression_.type()->decode(entry.value, decoder, &named.value);
    }
    return decoder.problem_count() == before;
  }
  bool is_absent(const void* value) const override { return static_cast<const Values*>(value)->empty(); }
  void show(const void* value, ShowWriter& writer) const override {
    writer.begin_mapping();
    for (const NamedExpression& named : *static_cast<const Values*>(value)) {
      const ShowWriter::Key key(writer, named.name);
      expression_.type()->show(&named.value, writer);
    }
    writer.end_mapping();
  }
  void write_schema(JsonStringWriter& json) const override {
    json.key("type");
    json.begin_array();
    for (const char* type : {"object", "null"}) json.value(type);
    json.end_array();
    json.key("additionalProperties");
    json.begin_object();
    expression_.type()->write_schema(json);
    json.end_object();
  }
  std::string form() const override { return "mapping of names to expressions"; }

 private:
  bool accept(const YamlEntry& entry, const Values& earlier, Decoder& decoder) const {
    const auto refuse = [&](const std::string& message) {
      decoder.problem(entry.key_position, decoder.subject() + ": " + message);
      return false;
    };
    if (entry.key.empty()) return refuse("a name is missing");
    if (names_ != NamesOf::headers) return true;
    if (!is_header_name(entry.key)) return refuse("this is no header name such as X-Request-Source");
    if (is_connection_header(entry.key)) return refuse("Linkspan writes this header itself");
    const bool repeated = std::any_of(earlier.begin(), earlier.end(), [&](const NamedExpression& named) {
      return equals_ignore_case(named.name, entry.key);
    });
    return !repeated || refuse("stands there twice; upper and lower case are the same in header names");
  }

  NamesOf names_;
  Typed<Expression> expression_ = expression();
};

}  // namespace

Typed<Expression> expression() {
  return Typed<Expression>(std::make_shared<ExpressionType>());
}

Typed<std::vector<NamedExpression>> named_expressions(NamesOf names) {
  return Typed<std::vector<NamedExpression>>(std::make_shared<NamedExpressionsType>(names));
}

}  // namespace linkspan::config
