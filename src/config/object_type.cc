#include "config/object_type.h"

#include <algorithm>

#include "base/strings.h"
#include "config/show_writer.h"
#include "data/in_quotes.h"
#include "data/yaml.h"

namespace linkspan::config {
namespace {

// A default as JSON, by way of the YAML that shows it: both come out of the same code.
void write_json(const YamlNode& node, JsonStringWriter& json) {
  switch (node.kind()) {
    case YamlNode::Kind::null:
      return json.null();
    case YamlNode::Kind::boolean:
      return json.value(node.boolean());
    case YamlNode::Kind::integer:
      return json.value(node.integer());
    case YamlNode::Kind::unsigned_integer:
      return json.value(node.unsigned_integer());
    case YamlNode::Kind::real:
      return json.value(node.real());
    case YamlNode::Kind::string:
      return json.value(node.text());
    case YamlNode::Kind::sequence:
      json.begin_array();
      for (const YamlNode& item : node.items()) write_json(item, json);
      return json.end_array();
    case YamlNode::Kind::mapping:
      json.begin_object();
      for (const YamlEntry& entry : node.entries()) {
        json.key(entry.key);
        write_json(entry.value, json);
      }
      return json.end_object();
  }
}

void write_default(const Field& field, const void* value, JsonStringWriter& json) {
  const std::set<std::string, std::less<>> no_secrets;
  data::YamlWriter yaml;
  ShowWriter writer(yaml, no_secrets);
  field.type->show(value, writer);
  const data::YamlParse parse = data::parse_yaml(std::move(yaml).finish());
  json.key("default");
  write_json(parse.document.root(), json);
}

bool holds_reference(const YamlNode& node) {
  if (node.is_string()) return has_references(node.text());
  const std::span<const YamlNode> items = node.items();
  const std::span<const YamlEntry> entries = node.entries();
  return std::any_of(items.begin(), items.end(), holds_reference) ||
         std::any_of(entries.begin(), entries.end(),
                     [](const YamlEntry& entry) { return holds_reference(entry.value); });
}

}  // namespace

const YamlNode* ObjectView::value(std::string_view key) const {
  const YamlNode* node = &node_;
  for (std::string_view part : split(key, '.')) {
    node = node->find(part);
    if (node == nullptr) return nullptr;
  }
  return node;
}

bool ObjectView::ok(std::string_view key) const {
  return std::find(failed_.begin(), failed_.end(), key) == failed_.end();
}

YamlPosition ObjectView::position(std::string_view key) const {
  const YamlNode* found = value(key);
  return found == nullptr ? node_.position() : found->position();
}

void ObjectView::problem(std::string_view key, std::string_view message) const {
  const Decoder::Scope scope(decoder_, key);
  decoder_.problem(position(key), decoder_.subject() + ": " + std::string(message));
}

void ObjectView::problem(std::string_view key, std::string_view shown_value, std::string_view message) const {
  const Decoder::Scope scope(decoder_, key);
  std::string text = decoder_.subject();
  if (!from_reference(key)) text += " is " + data::in_quotes(shown_value);
  decoder_.problem(position(key), text + ": " + std::string(message));
}

void ObjectView::problem(std::string_view message) const {
  const std::string subject = decoder_.subject();
  decoder_.problem(node_.position(),
                   subject.empty() ? std::string(message) : subject + " " + std::string(message));
}

bool ObjectView::from_reference(std::string_view key) const {
  // The object itself may be a scalar that stands for one of its keys.
  const YamlNode* node = node_.is_scalar() ? &node_ : value(key);
  return node != nullptr && holds_reference(*node);
}

void ObjectView::hide(std::string_view key) const {
  const Decoder::Scope scope(decoder_, key);
  decoder_.hide(decoder_.path());
}

bool ObjectType::decode(const YamlNode& node, Decoder& decoder, void* out) const {
  if (origin_ != nullptr) {
    const YamlPosition position = node.position();
    *origin_(out) = {position.file, position.line, position.column};
  }
  if (node.is_mapping() || node.is_null()) return decode_mapping(node, decoder, out);
  const Field* shorthand = scalar_field();
  if (!node.is_scalar() || shorthand == nullptr) {
    decoder.mismatch(
        node, false,
        shorthand == nullptr ? "a mapping" : "a mapping, or its \"" + shorthand->name + "\" alone");
    return false;
  }
  std::vector<std::string_view> failed;
  if (!decode_field(*shorthand, node, decoder, out)) failed.push_back(shorthand->name);
  const std::size_t before = decoder.problem_count();
  for (Check check : checks_) check(out, ObjectView(node, decoder, failed, false));
  return failed.empty() && decoder.problem_count() == before;
}

bool ObjectType::decode_field(const Field& field, const YamlNode& node, Decoder& decoder, void* out) const {
  const Decoder::Scope scope(decoder, field.name);
  return field.type->decode(node, decoder, static_cast<char*>(out) + field.offset);
}

bool ObjectType::decode_mapping(const YamlNode& node, Decoder& decoder, void* out) const {
  const std::size_t before = decoder.problem_count();
  std::vector<std::string_view> failed;
  bool has_unknown_keys = false;
  for (const YamlEntry& entry : node.entries()) {
    const Field* field = find(entry.key);
    if (field == nullptr) {
      has_unknown_keys = true;
      report_unknown(entry, decoder);
    } else if (!decode_field(*field, entry.value, decoder, out)) {
      failed.push_back(field->name);
    }
    if (decoder.full()) return false;
  }
  for (const Field& field : fields_) {
    if (!field.required || node.find(field.name) != nullptr) continue;
    decoder.problem(node.position(),
                    decoder.subject() + (decoder.subject().empty() ? "" : " ") + "needs " + field.name);
    failed.push_back(field.name);
  }
  for (Check check : checks_) check(out, ObjectView(node, decoder, failed, has_unknown_keys));
  return decoder.problem_count() == before;
}

void ObjectType::report_unknown(const YamlEntry& entry, Decoder& decoder) const {
  std::vector<std::string_view> known;
  for (const Field& field : fields_) known.push_back(field.name);
  const std::string subject = decoder.subject();
  std::string message = "unknown key " + data::in_quotes(entry.key);
  if (!subject.empty()) message += " in " + subject;
  const std::string_view near = nearest_name(entry.key, known);
  if (entry.key == "<<") {
    message += "; merge keys are not part of YAML 1.2";
  } else if (!near.empty()) {
    message += "; did you mean \"" + std::string(near) + "\"?";
  } else {
    message += "; known keys are ";
    for (const Field& field : fields_) message += (&field == &fields_.front() ? "" : ", ") + field.name;
  }
  decoder.problem(entry.key_position, std::move(message));
}

const Field* ObjectType::find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

bool ObjectType::is_shown(const Field& field, const void* value) const {
  return (field.shown == nullptr || field.shown(value)) &&
         !field.type->is_absent(static_cast<const char*>(value) + field.offset);
}

bool ObjectType::is_absent(const void* value) const {
  return std::none_of(fields_.begin(), fields_.end(),
                      [&](const Field& field) { return is_shown(field, value); });
}

void ObjectType::show(const void* value, ShowWriter& writer) const {
  writer.begin_mapping();
  for (const Field& field : fields_) {
    if (!is_shown(field, value)) continue;
    const ShowWriter::Key key(writer, field.name);
    field.type->show(static_cast<const char*>(value) + field.offset, writer);
  }
  writer.end_mapping();
}

std::string ObjectType::form() const {
  const Field* shorthand = scalar_field();
  return shorthand == nullptr ? "mapping" : "mapping, or its `" + shorthand->name + "` alone";
}

void ObjectType::write_object_schema(JsonStringWriter& json) const {
  const bool may_be_empty =
      std::none_of(fields_.begin(), fields_.end(), [](const Field& field) { return field.required; });
  json.key("type");
  json.begin_array();
  json.value("object");
  if (may_be_empty) json.value("null");
  json.end_array();
  json.member("additionalProperties", false);
  json.key("properties");
  json.begin_object();
  for (const Field& field : fields_) {
    json.key(field.name);
    json.begin_object();
    json.member("description", field.doc);
    field.type->write_schema(json);
    const bool has_default =
        !field.required && field.type->object() == nullptr && !field.type->is_absent(default_of(field));
    if (has_default) write_default(field, default_of(field), json);
    json.end_object();
  }
  json.end_object();
  if (may_be_empty) return;
  json.key("required");
  json.begin_array();
  for (const Field& field : fields_) {
    if (field.required) json.value(field.name);
  }
  json.end_array();
}

void ObjectType::write_schema(JsonStringWriter& json) const {
  const Field* shorthand = scalar_field();
  if (shorthand == nullptr) return write_object_schema(json);
  json.key("anyOf");
  json.begin_array();
  json.begin_object();
  shorthand->type->write_schema(json);
  json.end_object();
  json.begin_object();
  write_object_schema(json);
  json.end_object();
  json.end_array();
}

}  // namespace linkspan::config
