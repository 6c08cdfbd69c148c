// JSON Pointer (RFC 6901): "/orders/0/id" names a place in a value.
//
//   Result<JsonPointer> pointer = JsonPointer::parse("/orders/0/id");
//   if (const JsonValue* id = pointer->find(document)) ...
//
// Immutable; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/json.h"

namespace linkspan::data {

class JsonPointer {
 public:
  JsonPointer() = default;  // the whole document, ""
  explicit JsonPointer(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {}

  // errors::json_pointer_invalid unless empty or beginning with "/", with "~" only in "~0" and "~1".
  static Result<JsonPointer> parse(std::string_view text);
  // From a URI fragment without its "#" (RFC 6901 section 6): percent escapes are taken away first.
  static Result<JsonPointer> parse_fragment(std::string_view fragment);

  // Names and indices, unescaped.
  std::span<const std::string> tokens() const { return tokens_; }
  bool is_prefix_of(const JsonPointer& other) const;
  std::string to_string() const;

  // nullptr if there is nothing at that place. The result lives in `document`.
  const JsonValue* find(const JsonValue& document) const;

 private:
  std::vector<std::string> tokens_;
};

// Appends "/" and the token, escaped: for building the pointer of a place while walking.
void append_pointer_token(std::string& pointer, std::string_view token);
void append_pointer_token(std::string& pointer, std::size_t index);

// The index that a token is in an array: digits without leading zeros; nullopt otherwise, also for "-".
std::optional<std::size_t> parse_array_index(std::string_view token);

}  // namespace linkspan::data
