// JsonValue to text: compact or as jq lays it out. Pure functions; nothing recurses.
//
//   std::string text = write_json(value);                       // {"a":[1,2.5]}
//   append_json(out, value, {.indent = 2, .sort_keys = true});  // as jq -S prints
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "data/json.h"

namespace linkspan::data {

struct JsonFormat {
  // Per level; 0 for all on one line.
  std::uint32_t indent = 0;
  char indent_with = ' ';      // '\t' for jq --tab, with indent 1
  bool sort_keys = false;      // by bytes of UTF-8, which is the order of code points
  bool sort_utf16 = false;     // with sort_keys: by units of UTF-16 instead, as RFC 8785 wants
  bool ascii = false;          // other characters as \uXXXX, in pairs of surrogates where needed
  bool escape_delete = false;  // U+007F as \u007f, as jq does
  // Writes a number in another way than append_json_number. Not asked about integers up to +-2^53: those are
  // always digits.
  void (*append_number)(std::string& out, const JsonValue& number) = nullptr;
};

void append_json(std::string& out, const JsonValue& value, const JsonFormat& format = {});
std::string write_json(const JsonValue& value, const JsonFormat& format = {});

// Bytes that append_json would add, without making them.
std::size_t json_bytes(const JsonValue& value, const JsonFormat& format = {});

// Integers by digits, literals by their text, doubles as the shortest decimal that reads back as the same
// double, laid out as ECMAScript does (1e+23, 0.000001, 100000000000000000000); NaN is null, infinities are
// +-1.7976931348623157e+308, as in jq.
void append_json_number(std::string& out, const JsonValue& number);

// With quotes and escapes.
void append_json_string(std::string& out, std::string_view text, const JsonFormat& format = {});

}  // namespace linkspan::data
