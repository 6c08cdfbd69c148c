#include <algorithm>

#include "catalog/linter.h"

namespace linkspan::catalog {

using data::JsonMember;
using data::JsonValue;

namespace {

// The names between braces.
std::vector<std::string> names_in(std::string_view url) {
  std::vector<std::string> names;
  for (std::size_t at = url.find('{'); at != std::string_view::npos; at = url.find('{', at + 1)) {
    const std::size_t end = url.find('}', at);
    if (end == std::string_view::npos) break;
    names.emplace_back(url.substr(at + 1, end - at - 1));
  }
  return names;
}

}  // namespace

void Linter::check_description() {
  const Node root{0, "", &(*api_.documents)[0].root};
  const JsonValue* info = root.value->find("info");
  if (info != nullptr && info->is_object()) {
    if (!info->contains("contact")) report("info-contact", {0, "/info"}, "info has no \"contact\"");
    if (api_.description.empty()) report("info-description", {0, "/info"}, "info has no \"description\"");
    check_markdown(api_.description, {0, "/info/description"});
  }
  check_servers(root);
  check_tags(root);
  check_paths(root);
}

void Linter::check_servers(const Node& root) {
  if (api_.version == SpecVersion::swagger_2_0) {
    if (!root.value->contains("host")) report("oas2-api-host", {0, ""}, "there is no \"host\"");
    if (!root.value->contains("schemes")) report("oas2-api-schemes", {0, ""}, "there are no \"schemes\"");
    return;
  }
  if (api_.servers.empty()) report("oas3-api-servers", {0, ""}, "there are no \"servers\"");
  for (const Server& server : api_.servers) {
    const Place url{server.place.document, server.place.pointer + "/url"};
    if (server.url.size() > 1 && server.url.ends_with('/'))
      report("oas3-server-trailing-slash", url, "the URL ends with a slash");
    const std::vector<std::string> names = names_in(server.url);
    for (const std::string& name : names) {
      const bool is_defined =
          std::any_of(server.variables.begin(), server.variables.end(),
                      [&](const ServerVariable& variable) { return variable.name == name; });
      if (!is_defined) report("oas3-server-variables", url, "the variable {" + name + "} is not defined");
    }
    for (const ServerVariable& variable : server.variables) {
      const Place place{server.place.document, server.place.pointer + "/variables"};
      if (std::find(names.begin(), names.end(), variable.name) == names.end())
        report("oas3-server-variables", place, "the variable \"" + variable.name + "\" is not in the URL");
      const auto& values = variable.values;
      if (!values.empty() && std::find(values.begin(), values.end(), variable.default_value) == values.end())
        report("oas3-server-variables", place,
               "the default of \"" + variable.name + "\" is not among its values");
    }
  }
}

void Linter::check_tags(const Node&) {
  std::set<std::string> seen;
  for (const Tag& tag : api_.tags) {
    if (!seen.insert(tag.name).second)
      report("openapi-tags-uniqueness", tag.place, "the tag \"" + tag.name + "\" is described twice");
    check_markdown(tag.description, {tag.place.document, tag.place.pointer + "/description"});
  }
}

void Linter::check_paths(const Node& root) {
  const Node paths = root.child("paths");
  if (paths.value == nullptr) return;
  for (const JsonMember& member : paths.value->members()) {
    const std::string_view path = member.key.string();
    const Node node = paths.child(path);
    if (path.size() > 1 && path.ends_with('/'))
      report("path-keys-no-trailing-slash", {node.document, node.pointer}, "the path ends with a slash");
    if (path.find('?') != std::string_view::npos)
      report("path-not-include-query", {node.document, node.pointer}, "the path has a query");
  }
}

void Linter::check_markdown(const std::string& text, const Place& place) {
  if (text.find("<script") != std::string::npos)
    report("no-script-tags-in-markdown", place, "the description has a <script>");
  if (text.find("eval(") != std::string::npos)
    report("no-eval-in-markdown", place, "the description has an eval()");
}

}  // namespace linkspan::catalog
