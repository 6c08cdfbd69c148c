#include "http/fields.h"

#include "base/strings.h"

namespace linkspan::http {

const Field* Fields::find(std::string_view name) const {
  for (const Field& field : *this) {
    if (field.name_bytes == name.size() && equals_ignore_case(field.name(), name)) return &field;
  }
  return nullptr;
}

namespace {

// Where the element at the front ends; `quoted` says whether inside a quoted string.
std::size_t element_end(std::string_view list, char separator, bool& quoted) {
  std::size_t end = 0;
  for (; end < list.size(); ++end) {
    const char c = list[end];
    if (c == '"') quoted = !quoted;
    if (quoted && c == '\\' && end + 1 < list.size()) ++end;
    if (c == separator && !quoted) break;
  }
  return end;
}

}  // namespace

bool next_list_element(std::string_view& list, std::string_view& element, char separator) {
  while (!list.empty()) {
    bool quoted = false;
    const std::size_t end = element_end(list, separator, quoted);
    element = trim(list.substr(0, end));
    list.remove_prefix(end < list.size() ? end + 1 : end);
    if (!element.empty()) return true;
  }
  return false;
}

bool quotes_balance(std::string_view list) {
  bool quoted = false;
  while (!list.empty()) {
    const std::size_t end = element_end(list, ',', quoted);
    list.remove_prefix(end < list.size() ? end + 1 : end);
  }
  return !quoted;
}

bool list_contains(std::string_view list, std::string_view token) {
  std::string_view element;
  while (next_list_element(list, element)) {
    if (equals_ignore_case(element, token)) return true;
  }
  return false;
}

}  // namespace linkspan::http
