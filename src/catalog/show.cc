#include "catalog/show.h"

#include <algorithm>

#include "base/strings.h"
#include "catalog/uri.h"
#include "data/json_write.h"

namespace linkspan::catalog {

using data::JsonValue;

namespace {

constexpr std::size_t kMaxEnumShown = 5;
// Cells are not padded beyond, so that one long path does not make every line long.
constexpr std::size_t kMaxColumn = 150;

// Lines of cells, each as wide as the widest of its column; the last is not padded.
class Table {
 public:
  explicit Table(std::string_view indent) : indent_(indent) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  void append_to(std::string& out) const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (std::size_t i = 0; i < row.size(); ++i)
        widths[i] = std::min(kMaxColumn, std::max(widths[i], row[i].size()));
    }
    for (const auto& row : rows_) {
      std::string line(indent_);
      for (std::size_t i = 0; i < row.size(); ++i) {
        line += row[i];
        if (i + 1 < row.size()) line.append(std::max(widths[i], row[i].size()) - row[i].size() + 2, ' ');
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out.append(line).append("\n");
    }
  }

 private:
  std::string_view indent_;
  std::vector<std::vector<std::string>> rows_;
};

// What a terminal may get from a file: no control characters.
std::string clean(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return result;
}

std::string first_line(std::string_view text) {
  return clean(text.substr(0, text.find('\n')));
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string result;
  for (const std::string& part : parts) result.append(result.empty() ? "" : separator).append(part);
  return result;
}

std::string describe_requirement(const SecurityRequirement& requirement) {
  if (requirement.schemes.empty()) return "nothing";
  std::vector<std::string> parts;
  for (const auto& [name, scopes] : requirement.schemes)
    parts.push_back(clean(scopes.empty() ? name : name + " (" + joined(scopes, ", ") + ")"));
  return joined(parts, " and ");
}

std::string describe_security(const std::vector<SecurityRequirement>& security) {
  if (security.empty()) return "nothing";
  std::vector<std::string> parts;
  for (const SecurityRequirement& requirement : security) parts.push_back(describe_requirement(requirement));
  return joined(parts, ", or ");
}

void append_servers(std::string& out, const std::vector<Server>& servers) {
  for (const Server& server : servers) {
    out += "  " + clean(server.url);
    if (!server.description.empty()) out += "  " + first_line(server.description);
    out += '\n';
    for (const ServerVariable& variable : server.variables) {
      out += "    {" + clean(variable.name) + "} = " + clean(variable.default_value);
      if (!variable.values.empty()) out += ", one of " + clean(joined(variable.values, ", "));
      out += '\n';
    }
  }
}

std::string schema_text(const std::optional<Schema>& schema) {
  return schema ? clean(describe_schema(schema->value)) : "anything";
}

void append_content(std::string& out, const std::vector<MediaType>& content, std::string_view indent) {
  Table table(indent);
  for (const MediaType& media : content) {
    std::string what = media.item_schema ? "items: " + clean(describe_schema(media.item_schema->value))
                                         : schema_text(media.schema);
    table.add({clean(media.type), std::move(what)});
  }
  table.append_to(out);
}

void append_operations(std::string& out, const std::vector<Operation>& operations) {
  Table table("  ");
  for (const Operation& operation : operations) {
    std::string what = first_line(operation.summary);
    if (operation.deprecated) what = "(deprecated) " + what;
    table.add({clean(operation.method), clean(operation.path), clean(operation.id), std::move(what)});
  }
  table.append_to(out);
}

std::string parameter_facts(const Parameter& parameter) {
  std::string facts = parameter.content.empty()
                          ? schema_text(parameter.schema)
                          : clean(parameter.content[0].type) + " " + schema_text(parameter.content[0].schema);
  if (parameter.required) facts += ", required";
  if (parameter.deprecated) facts += ", deprecated";
  const bool is_usual_style = parameter.style == Style::form || parameter.style == Style::simple;
  if (!is_usual_style) facts.append(", ").append(to_string(parameter.style));
  if (parameter.explode != (parameter.style == Style::form || parameter.style == Style::cookie))
    facts += parameter.explode ? ", exploded" : ", not exploded";
  return facts;
}

void append_parameters(std::string& out, const std::vector<Parameter>& parameters) {
  out += "Parameters:\n";
  Table table("  ");
  for (const Parameter& parameter : parameters)
    table.add({std::string(to_string(parameter.in)), clean(parameter.name), parameter_facts(parameter),
               first_line(parameter.description)});
  table.append_to(out);
}

void append_responses(std::string& out, const std::vector<Response>& responses) {
  out += "Responses:\n";
  for (const Response& response : responses) {
    out += "  " + response.status;
    const std::string& what = response.summary.empty() ? response.description : response.summary;
    if (!what.empty()) out += "  " + first_line(what);
    out += '\n';
    for (const Header& header : response.headers)
      out += "    header " + clean(header.name) + "  " + schema_text(header.schema) + "\n";
    append_content(out, response.content, "    ");
    for (const std::string& link : response.links) out += "    link " + clean(link) + "\n";
  }
}

std::string one_of_values(const JsonValue& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size() && i < kMaxEnumShown; ++i)
    text.append(i == 0 ? "" : " or ").append(data::write_json(values.items()[i]));
  if (values.size() > kMaxEnumShown) text += " or " + std::to_string(values.size() - kMaxEnumShown) + " more";
  return text;
}

}  // namespace

std::string describe_schema(const JsonValue& schema) {
  std::string prefix;
  const JsonValue* at = &schema;
  // Arrays of arrays, up to what anyone would read.
  for (int depth = 0; depth < 4; ++depth) {
    const JsonValue* items = at->find("items");
    const JsonValue* type = at->find("type");
    if (items == nullptr || type == nullptr || *type != JsonValue("array")) break;
    prefix += "array of ";
    at = items;
  }
  if (const JsonValue* reference = at->find("$ref"); reference != nullptr && reference->is_string()) {
    const std::string_view text = reference->string();
    return prefix + percent_decode(text.substr(text.find_last_of("/#") + 1));
  }
  if (const JsonValue* values = at->find("enum"); values != nullptr && values->is_array())
    return prefix + one_of_values(*values);
  std::string text = "anything";
  if (const JsonValue* type = at->find("type")) {
    if (type->is_string()) text = type->string();
    if (type->is_array()) {
      text.clear();
      for (const JsonValue& one : type->items())
        if (one.is_string()) text.append(text.empty() ? "" : " or ").append(one.string());
    }
  } else {
    for (std::string_view key : {"oneOf", "anyOf", "allOf"}) {
      const JsonValue* parts = at->find(key);
      if (parts != nullptr && parts->is_array())
        text = std::string(key) + " " + std::to_string(parts->size()) + " schemas";
    }
    if (at->contains("properties")) text = "object";
  }
  const JsonValue* format = at->find("format");
  if (format != nullptr && format->is_string()) text += " (" + std::string(format->string()) + ")";
  return prefix + text;
}

std::string show_api(const Api& api) {
  std::string out = clean(api.title.empty() ? "(no title)" : api.title);
  if (!api.api_version.empty()) out += " " + clean(api.api_version);
  out += api.version == SpecVersion::swagger_2_0 ? " (Swagger " : " (OpenAPI ";
  out += clean(api.version_text) + ")\n";
  if (!api.servers.empty()) {
    out += "Servers:\n";
    append_servers(out, api.servers);
  }
  if (!api.security.empty()) out += "Security: " + describe_security(api.security) + "\n";
  out += "Operations:";
  out += api.operations.empty() ? " none\n" : "\n";
  append_operations(out, api.operations);
  if (!api.webhooks.empty()) {
    out += "Webhooks:\n";
    append_operations(out, api.webhooks);
  }
  return out;
}

std::string show_operation(const Api& api, const Operation& operation) {
  std::string out = clean(operation.id) + ": " + clean(operation.method) + " " + clean(operation.path) + "\n";
  if (operation.deprecated) out += "Deprecated.\n";
  if (!operation.summary.empty()) out += first_line(operation.summary) + "\n";
  if (!operation.tags.empty()) out += "Tags: " + clean(joined(operation.tags, ", ")) + "\n";
  if (!operation.parameters.empty()) append_parameters(out, operation.parameters);
  if (operation.request_body) {
    out += operation.request_body->required ? "Body, required:\n" : "Body:\n";
    append_content(out, operation.request_body->content, "  ");
  }
  if (!operation.responses.empty()) append_responses(out, operation.responses);
  out += "Security: " + describe_security(operation.security) + "\n";
  if (!operation.servers.empty()) {
    out += "Servers:\n";
    append_servers(out, operation.servers);
  }
  for (const Callback& callback : operation.callbacks)
    out += "Callback " + clean(callback.name) + ": " + clean(callback.method) + " " +
           clean(callback.expression) + "\n";
  if (!operation.place.pointer.empty() && operation.place.document < api.documents->size())
    out += "Described in " + clean((*api.documents)[operation.place.document].name) + "#" +
           clean(operation.place.pointer) + "\n";
  return out;
}

}  // namespace linkspan::catalog
