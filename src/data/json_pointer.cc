#include "data/json_pointer.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/in_quotes.h"
#include "data/utf8.h"

namespace linkspan::data {

namespace {

Error invalid(std::string_view pointer, std::string_view why) {
  return {errors::json_pointer_invalid, in_quotes(pointer) + ": " + std::string(why)};
}

// False at a "~" that is neither "~0" nor "~1".
bool unescape_token(std::string_view escaped, std::string& token) {
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    if (escaped[i] != '~') {
      token += escaped[i];
      continue;
    }
    const char next = ++i < escaped.size() ? escaped[i] : '\0';
    if (next != '0' && next != '1') return false;
    token += next == '0' ? '~' : '/';
  }
  return true;
}

}  // namespace

Result<JsonPointer> JsonPointer::parse(std::string_view text) {
  JsonPointer pointer;
  if (text.empty()) return pointer;
  if (text.front() != '/') return invalid(text, "a JSON Pointer is empty or begins with \"/\"");
  if (valid_utf8_bytes(text) != text.size()) return invalid(text, "invalid UTF-8");
  for (const std::string_view escaped : split(text.substr(1), '/')) {
    if (!unescape_token(escaped, pointer.tokens_.emplace_back()))
      return invalid(text, "\"~\" stands for itself as \"~0\", and \"/\" is \"~1\"");
  }
  return pointer;
}

Result<JsonPointer> JsonPointer::parse_fragment(std::string_view fragment) {
  std::string text;
  for (std::size_t i = 0; i < fragment.size(); ++i) {
    if (fragment[i] != '%') {
      text += fragment[i];
      continue;
    }
    std::uint8_t byte = 0;
    if (!decode_hex(fragment.substr(i + 1, 2), {&byte, 1}))
      return invalid(fragment, "\"%\" without two hex digits after it");
    text += static_cast<char>(byte);
    i += 2;
  }
  return parse(text);
}

bool JsonPointer::is_prefix_of(const JsonPointer& other) const {
  return tokens_.size() <= other.tokens_.size() &&
         std::equal(tokens_.begin(), tokens_.end(), other.tokens_.begin());
}

std::string JsonPointer::to_string() const {
  std::string text;
  for (const std::string& token : tokens_) append_pointer_token(text, token);
  return text;
}

const JsonValue* JsonPointer::find(const JsonValue& document) const {
  const JsonValue* at = &document;
  for (const std::string& token : tokens_) {
    if (at->is_object()) {
      at = at->find(token);
      if (at == nullptr) return nullptr;
      continue;
    }
    const auto index = parse_array_index(token);
    if (!index || *index >= at->items().size()) return nullptr;
    at = &at->items()[*index];
  }
  return at;
}

void append_pointer_token(std::string& pointer, std::string_view token) {
  pointer += '/';
  for (const char c : token) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

void append_pointer_token(std::string& pointer, std::size_t index) {
  pointer += '/';
  append_u64(pointer, index);
}

std::optional<std::size_t> parse_array_index(std::string_view token) {
  if (token.size() > 1 && token.front() == '0') return std::nullopt;
  const auto index = parse_u64(token);
  if (!index) return std::nullopt;
  return static_cast<std::size_t>(*index);
}

}  // namespace linkspan::data
