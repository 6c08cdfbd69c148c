// JSON text to JsonValue (RFC 8259), exactly: 64-bit integers, literals of numbers that fit nothing smaller.
//
//   Result<JsonValue> order = parse_json(body, {.max_depth = 64});
//   if (!order) return std::move(order).error();   // "json-invalid: byte 17: the key \"id\" comes twice"
//
// Refused with errors::json_invalid and the byte where: malformed text, a key that an object has twice,
// invalid UTF-8, lone surrogates, a byte order mark, anything after the value. Text or nesting past a limit
// is errors::json_too_large. simdjson finds the structure; nothing recurses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "data/json.h"

namespace linkspan::data {

struct JsonLimits {
  std::size_t max_bytes = 64 * 1024 * 1024;  // at most 4 GiB - 1, whatever is given
  std::uint32_t max_depth = 1024;            // of arrays and objects: [[1]] has 2
  // jq's extension: nan, NaN, Infinity and -Infinity are numbers, in any case.
  bool allow_non_finite = false;
};

// Keeps its working memory from text to text: make one per thread where many texts are parsed. The values it
// returns do not depend on it.
class JsonParser {
 public:
  explicit JsonParser(const JsonLimits& limits = {});
  ~JsonParser();
  JsonParser(JsonParser&&) noexcept;
  JsonParser& operator=(JsonParser&&) noexcept;

  // One value and nothing else but blanks.
  Result<JsonValue> parse(std::string_view text);

  // Several values one after the other, blanks between them or not, as jq reads its input:
  //   if (auto ok = parser.begin_stream(text); !ok) ...
  //   while (true) { auto value = parser.next(); if (!value) ...; if (!*value) break; use(**value); }
  // `text` must stay until the end. What is wrong in the structure of any part (UTF-8, unclosed strings) is
  // found at the start, all else when its value is reached. After an error the stream is at its end.
  Result<void> begin_stream(std::string_view text);
  Result<std::optional<JsonValue>> next();

  // Where the last error was found, in bytes from the start of the text.
  std::size_t error_offset() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

Result<JsonValue> parse_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace linkspan::data
