#include <map>
#include <set>
#include <vector>

#include "base/strings.h"
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
  if (own_section || field.type->is_absent(value)) return "";
  const std::set<std::string, std::less<>> no_secrets;
  data::YamlWriter yaml;
  ShowWriter writer(yaml, no_secrets);
  field.type->show(value, writer);
  const std::string text = std::move(yaml).finish();
  return "`" + text.substr(0, text.find('\n')) + "`";
}

// The anchor that Markdown renderers make of a heading.
std::string anchor(std::string_view heading) {
  std::string result;
  for (char c : heading) {
    if (is_alpha(c) || is_digit(c) || c == '_') result += to_lower_ascii(c);
  }
  return result;
}

class Page {
 public:
  void write_section(const std::string& path, const ObjectType& object) {
    sections_[&object] = path;
    text_ += "\n### " + (path.empty() ? std::string("Top level") : "`" + path + "`") + "\n\n" + object.doc() +
             "\n\n";
    text_ += "| key | what to write | default | meaning |\n|---|---|---|---|\n";
    std::vector<std::pair<std::string, const ObjectType*>> next;
    for (const Field& field : object.fields()) {
      std::string form = field.type->form();
      if (const ObjectType* nested = field.type->object()) {
        const std::string name =
            (path.empty() ? "" : path + ".") + field.name + std::string(field.type->object_suffix());
        // An object that is described already is not described again.
        const auto [section, is_new] = sections_.emplace(nested, name);
        if (is_new) next.emplace_back(name, nested);
        form += ": [`" + section->second + "`](#" + anchor(section->second) + ")";
      }
      text_ += "| `" + field.name + "` | " + cell(form) + " | " + cell(default_text(object, field)) + " | " +
               cell(field.doc) + " |\n";
    }
    for (const auto& [name, nested] : next) write_section(name, *nested);
  }

  // Without the empty line in front.
  std::string text() const { return text_.substr(1); }

 private:
  std::string text_;
  std::map<const ObjectType*, std::string> sections_;
};

}  // namespace

std::string reference_markdown() {
  const Typed<Config> config = config_type();
  Page page;
  page.write_section("", *config.type()->object());
  return page.text();
}

}  // namespace linkspan::config
