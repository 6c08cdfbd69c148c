// Natives on values of any type: types, texts of values, paths, order.
#include <algorithm>
#include <cmath>
#include <string>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/jq/builtins.h"
#include "data/jq/paths.h"
#include "data/jq/source.h"
#include "data/json_parse.h"

namespace linkspan::data::jq {

namespace {

using Values = std::span<JsonValue>;

bool not_(Context&, Values v) {
  v[0] = !v[0].is_truthy();
  return true;
}

bool type(Context&, Values v) {
  v[0] = type_name(v[0]);
  return true;
}

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

// Keeps the digits of numbers that have them.
bool absolute(JsonValue& value) {
  if (value.is_int64() && value.int64() >= 0) return true;
  if (value.number_kind() == JsonNumberKind::real) {
    value = number(std::fabs(value.real()));
    return true;
  }
  return value.as_double() < 0 ? negate(value) : true;
}

bool length(Context&, Values v) {
  if (v[0].is_boolean()) return fail(v, described(v[0]) + " has no length");
  if (v[0].is_number()) return absolute(v[0]);
  v[0] = v[0].is_string() ? characters(v[0].string()) : v[0].size();
  return true;
}

bool abs(Context&, Values v) {
  if (!v[0].is_number()) {
    // What sorts above all numbers is its own absolute value; the rest cannot be negated.
    if (v[0].is_string() || v[0].is_array() || v[0].is_object()) return true;
    return fail(v, described(v[0]) + " has no absolute value");
  }
  return absolute(v[0]);
}

bool utf8bytelength(Context&, Values v) {
  if (!v[0].is_string()) return fail(v, described(v[0]) + " only strings have UTF-8 byte length");
  v[0] = v[0].size();
  return true;
}

bool tojson(Context& context, Values v) {
  std::string text;
  if (!to_text(context, v[0], text)) return false;
  v[0] = text;
  return true;
}

bool tostring(Context& context, Values v) {
  return v[0].is_string() || tojson(context, v);
}

// What jq says of a text that is no JSON, where what is wrong is a word that is neither literal nor number;
// else our own words.
std::string json_fault(std::string_view text, std::size_t offset, const std::string& own_words) {
  constexpr std::string_view kDelimiters = "[{:,]}\" \t\r\n";
  if (offset >= text.size() || kDelimiters.find(text[offset]) != std::string_view::npos) return own_words;
  const std::size_t end = text.find_first_of(kDelimiters, offset);
  std::string words =
      text[offset] == '\'' ? "Invalid string literal; expected \", but got '" : "Invalid numeric literal";
  if (end == std::string_view::npos) words += " at EOF";
  const std::size_t last = std::min(end, text.size() - 1);
  const LineColumn place = line_column(text, static_cast<std::uint32_t>(last));
  return words + " at line " + std::to_string(place.line) + ", column " + std::to_string(place.column);
}

// What a parsed text takes, per byte of it, unless there is little in it but brackets.
constexpr std::size_t kParsedPerByte = 8;

bool fromjson(Context& context, Values v) {
  if (!v[0].is_string()) return fail(v, described(v[0]) + " only strings can be parsed");
  const std::string text(v[0].string());
  if (!context.count_bytes(text.size() * kParsedPerByte)) return false;
  JsonParser parser({.max_depth = kMaxNesting, .allow_non_finite = true});
  auto parsed = parser.parse(text);
  if (parsed) {
    v[0] = *std::move(parsed);
    return true;
  }
  const std::string why = parsed.error().slug() == errors::json_too_large.slug
                              ? "Exceeds depth limit for parsing"
                              : json_fault(text, parser.error_offset(), parsed.error().detail());
  return fail(v, why + " (while parsing '" + (text.size() > 200 ? text.substr(0, 200) + "..." : text) + "')");
}

bool tonumber(Context&, Values v) {
  if (v[0].is_number()) return true;
  if (!v[0].is_string()) return fail(v, described(v[0]) + " cannot be parsed as a number");
  std::string text(v[0].string());
  const bool negative = text.starts_with('-');
  std::string digits = negative || text.starts_with('+') ? text.substr(1) : text;
  std::size_t zeros = 0;
  while (zeros + 1 < digits.size() && digits[zeros] == '0' && is_digit(digits[zeros + 1])) ++zeros;
  digits.erase(0, zeros);
  if (digits.starts_with('.')) digits.insert(0, 1, '0');
  const std::size_t point = digits.find('.');
  if (point != std::string::npos &&
      (point + 1 == digits.size() || digits[point + 1] < '0' || digits[point + 1] > '9'))
    digits.erase(point, 1);
  const bool starts_well = !digits.empty() && digits[0] >= '0' && digits[0] <= '9';
  if (negative) digits.insert(0, 1, '-');
  const auto number = starts_well && text != "." ? JsonValue::number(digits) : std::nullopt;
  if (number) {
    v[0] = *number;
    return true;
  }
  const std::string_view name = negative || text.starts_with('+') ? std::string_view(text).substr(1) : text;
  if (name == "nan" || name == "NaN") {
    v[0] = std::nan("");
    return true;
  }
  return fail(v, described(v[0]) + " cannot be parsed as a number");
}

bool toboolean(Context&, Values v) {
  if (v[0].is_boolean()) return true;
  if (v[0].is_string() && (v[0].string() == "true" || v[0].string() == "false")) {
    v[0] = v[0].string() == "true";
    return true;
  }
  return fail(v, described(v[0]) + " cannot be parsed as a boolean");
}

bool setpath(Context& context, Values v) {
  std::string error;
  return set_path(context, v[0], v[1], v[2], error) || fail(v, error);
}

bool delpaths(Context& context, Values v) {
  std::string error;
  return delete_paths(context, v[0], v[1], error) || fail(v, error);
}

bool has_key(Context&, Values v) {
  std::string error;
  bool found = false;
  if (!has(v[0], v[1], found, error)) return fail(v, error);
  v[0] = found;
  return true;
}

bool now(Context& context, Values v) {
  v[0] = context.now_seconds();
  return true;
}

constexpr Native kNatives[] = {
    {"not", 0, not_, false},
    {"type", 0, type, false},
    {"length", 0, length, false},
    {"abs", 0, abs, false},
    {"utf8bytelength", 0, utf8bytelength},
    {"tojson", 0, tojson, false},
    {"tostring", 0, tostring, false},
    {"fromjson", 0, fromjson},
    {"tonumber", 0, tonumber},
    {"toboolean", 0, toboolean},
    {"setpath", 2, setpath, false},
    {"delpaths", 1, delpaths, false},
    {"has", 1, has_key, false},
    {"now", 0, now},
};

}  // namespace

std::span<const Native> core_natives() {
  return kNatives;
}

}  // namespace linkspan::data::jq
