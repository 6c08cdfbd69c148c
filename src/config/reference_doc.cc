#include <set>

#include "config/describe.h"
#include "config/object_type.h"
#include "config/publish.h"
#include "config/show_writer.h"

namespace linkspan::config {
namespace {

// A cell of a table: one line, and no bar that ends it.
std::string cell(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c == '|') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result;
}

std::string default_text(const ObjectType& object, const Field& field) {
  if (field.required) return "required";
  const void* value = object.default_of(field);
  const bool own_section = field.type->object() != nullptr;
  if (own_section || !field.shown || field.type->is_absent(value)) return "";
  const std::set<std::string, std::less<>> no_secrets;
  data::YamlWriter yaml;
  ShowWriter writer(yaml, no_secrets);
  field.type->show(value, writer);
  const std::string text = std::move(yaml).finish();
  return "`" + text.substr(0, text.find('\n')) + "`";
}

void write_section(const std::string& path, const ObjectType& object, std::string& out) {
  out += "\n### " + (path.empty() ? std::string("Top level") : "`" + path + "`") + "\n\n" + object.doc() +
         "\n\n";
  out += "| key | what to write | default | meaning |\n|---|---|---|---|\n";
  for (const Field& field : object.fields()) {
    const bool own_section = field.type->object() != nullptr;
    const std::string form = own_section ? field.type->form() + ", see below" : field.type->form();
    out += "| `" + field.name + "` | " + cell(form) + " | " + cell(default_text(object, field)) + " | " +
           cell(field.doc) + " |\n";
  }
  for (const Field& field : object.fields()) {
    const ObjectType* nested = field.type->object();
    if (nested == nullptr) continue;
    const std::string name = (path.empty() ? "" : path + ".") + field.name;
    write_section(name + std::string(field.type->object_suffix()), *nested, out);
  }
}

}  // namespace

std::string reference_markdown() {
  std::string text;
  write_section("", *config_type().type()->object(), text);
  return text.substr(1);
}

}  // namespace linkspan::config
