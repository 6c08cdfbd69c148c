#include "data/form_parameters.h"

#include <algorithm>

#include "base/strings.h"

namespace linkspan::data {

namespace {

bool is_token_character(char c) {
  return is_alpha(c) || is_digit(c) ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

std::string_view take_token(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && is_token_character(text[size])) ++size;
  const std::string_view token = text.substr(0, size);
  text.remove_prefix(size);
  return token;
}

// Behind its opening quote; takes the closing one. False if there is none.
bool take_quoted(std::string_view& text, std::string& out) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') {
      text.remove_prefix(at + 1);
      return true;
    }
    const bool escapes =
        text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\');
    if (escapes) ++at;
    out += text[at];
  }
  return false;
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

const ParameterizedValue::Parameter* ParameterizedValue::find(std::string_view name) const {
  for (const Parameter& parameter : parameters)
    if (equals_ignore_case(parameter.name, name)) return &parameter;
  return nullptr;
}

std::optional<ParameterizedValue> parse_parameters(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), is_control)) return std::nullopt;
  ParameterizedValue parsed;
  const std::size_t end = std::min(text.find(';'), text.size());
  parsed.value = trim(text.substr(0, end));
  text.remove_prefix(end);
  while (true) {
    skip_blanks(text);
    if (text.empty()) return parsed;
    if (text.front() != ';') return std::nullopt;
    text.remove_prefix(1);
    skip_blanks(text);
    if (text.empty()) return parsed;  // a semicolon too many, which some clients send
    ParameterizedValue::Parameter parameter;
    parameter.name = take_token(text);
    if (parameter.name.empty() || !text.starts_with('=') || parsed.find(parameter.name) != nullptr)
      return std::nullopt;
    text.remove_prefix(1);
    if (text.starts_with('"')) {
      text.remove_prefix(1);
      parameter.is_quoted = true;
      if (!take_quoted(text, parameter.text)) return std::nullopt;
    } else {
      parameter.text = take_token(text);
      if (parameter.text.empty()) return std::nullopt;
    }
    parsed.parameters.push_back(std::move(parameter));
  }
}

}  // namespace linkspan::data
