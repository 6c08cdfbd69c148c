#include <algorithm>

#include "base/strings.h"
#include "catalog/linter.h"

namespace linkspan::catalog {

namespace {

bool is_valid_in_url(std::string_view id) {
  constexpr std::string_view kAllowed = "-._~:/?#[]@!$&'()*+,;=";
  return std::all_of(id.begin(), id.end(), [&](char c) {
    return is_alpha(c) || is_digit(c) || kAllowed.find(c) != std::string_view::npos;
  });
}

bool is_success(const Response& response) {
  return response.status[0] == '2' || response.status[0] == '3';
}

}  // namespace

void Linter::check_operations() {
  for (const auto* list : {&api_.operations, &api_.webhooks})
    for (const Operation& operation : *list) check_operation(operation);
}

void Linter::check_operation(const Operation& operation) {
  const Place& place = operation.place;
  if (operation.description.empty()) report("operation-description", place, "there is no \"description\"");
  check_markdown(operation.description, {place.document, place.pointer + "/description"});
  if (!operation.has_own_id) {
    report("operation-operationId", place,
           "there is no \"operationId\"; it is called " + operation.id + " here");
  } else if (!is_valid_in_url(operation.id)) {
    report("operation-operationId-valid-in-url", {place.document, place.pointer + "/operationId"},
           "the operationId \"" + operation.id + "\" has characters that a URL must escape");
  }
  if (std::none_of(operation.responses.begin(), operation.responses.end(), is_success))
    report("operation-success-response", {place.document, place.pointer + "/responses"},
           "there is no 2XX or 3XX response");
  if (operation.tags.empty()) report("operation-tags", place, "there are no \"tags\"");
  for (const std::string& name : operation.tags) {
    const bool is_defined =
        std::any_of(api_.tags.begin(), api_.tags.end(), [&](const Tag& tag) { return tag.name == name; });
    if (!is_defined)
      report("operation-tag-defined", {place.document, place.pointer + "/tags"},
             "the tag \"" + name + "\" is not described at the top");
  }
}

}  // namespace linkspan::catalog
