// Natives on strings.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/strings.h"
#include "data/jq/builtins.h"
#include "data/jq/text_search.h"
#include "data/utf8.h"

namespace linkspan::data::jq {

namespace {

using Values = std::span<JsonValue>;

bool both_strings(Values v) {
  return v[0].is_string() && v[1].is_string();
}

bool startswith(Context&, Values v) {
  if (!both_strings(v)) return fail(v, "startswith() requires string inputs");
  v[0] = v[0].string().starts_with(v[1].string());
  return true;
}

bool endswith(Context&, Values v) {
  if (!both_strings(v)) return fail(v, "endswith() requires string inputs");
  v[0] = v[0].string().ends_with(v[1].string());
  return true;
}

void cut(Values v, std::size_t front, std::size_t back) {
  const std::string text(v[0].string());
  v[0] = std::string_view(text).substr(front, text.size() - front - back);
}

bool ltrimstr(Context&, Values v) {
  if (!both_strings(v)) return fail(v, "startswith() requires string inputs");
  if (v[0].string().starts_with(v[1].string())) cut(v, v[1].size(), 0);
  return true;
}

bool rtrimstr(Context&, Values v) {
  if (!both_strings(v)) return fail(v, "endswith() requires string inputs");
  if (v[0].string().ends_with(v[1].string())) cut(v, 0, v[1].size());
  return true;
}

bool trimstr(Context& context, Values v) {
  return ltrimstr(context, v) && rtrimstr(context, v);
}

// White_Space of Unicode.
bool is_space(char32_t c) {
  return (c >= 9 && c <= 13) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

bool trim_sides(Values v, bool left, bool right) {
  if (!v[0].is_string()) return fail(v, "trim input must be a string");
  const std::string_view text = v[0].string();
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* first = nullptr;
  const char* last = begin;
  for (const char* at = begin; at < end;) {
    const char* const start = at;
    if (is_space(next_code_point(at, end))) continue;
    if (first == nullptr) first = start;
    last = at;
  }
  if (first == nullptr) first = end;
  const char* const from = left ? first : begin;
  const char* const to = right ? std::max(last, from) : end;
  cut(v, static_cast<std::size_t>(from - begin), static_cast<std::size_t>(end - to));
  return true;
}

bool trim_both(Context&, Values v) {
  return trim_sides(v, true, true);
}
bool ltrim(Context&, Values v) {
  return trim_sides(v, true, false);
}
bool rtrim(Context&, Values v) {
  return trim_sides(v, false, true);
}

bool change_case(Values v, std::string_view name, char (*change)(char)) {
  if (!v[0].is_string()) return fail(v, std::string(name) + " input must be a string");
  std::string text(v[0].string());
  for (char& c : text) c = change(c);
  v[0] = text;
  return true;
}

bool ascii_downcase(Context&, Values v) {
  return change_case(v, "ascii_downcase", [](char c) { return to_lower_ascii(c); });
}
bool ascii_upcase(Context&, Values v) {
  return change_case(v, "ascii_upcase",
                     [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
}

bool explode(Context& context, Values v) {
  if (!v[0].is_string()) return fail(v, described(v[0]) + " cannot be exploded");
  const std::string_view text = v[0].string();
  if (!context.count_bytes(text.size() * sizeof(JsonValue))) return false;
  JsonArrayBuilder out(text.size());
  const char* at = text.data();
  for (const char* const end = at + text.size(); at < end;)
    out.add(static_cast<std::int64_t>(next_code_point(at, end)));
  v[0] = out.build();
  return true;
}

bool implode(Context&, Values v) {
  if (!v[0].is_array()) return fail(v, "implode input must be an array");
  std::string out;
  for (const JsonValue& item : v[0].items()) {
    if (!item.is_number() || std::isnan(item.as_double()))
      return fail(v, described(item) + " can't be imploded, unicode codepoint needs to be numeric");
    const double number = item.as_double();
    const bool fits = number > -1 && number < 0x110000;
    char32_t c = fits ? static_cast<char32_t>(number) : 0xfffd;
    if (c >= 0xd800 && c < 0xe000) c = 0xfffd;
    char buffer[4];
    out.append(buffer, put_utf8(c, buffer));
  }
  v[0] = out;
  return true;
}

// A string shorter than this takes no memory of its own; others this much and their bytes.
constexpr std::size_t kInText = 15;
constexpr std::size_t kNodeBytes = 32;

bool split_text(Context& context, Values v) {
  if (!both_strings(v)) return fail(v, "split input and separator must be strings");
  const std::string_view text = v[0].string();
  const std::string_view separator = v[1].string();
  JsonArrayBuilder out;
  const auto add = [&](std::string_view part) {
    out.add(part);
    return context.count_bytes(sizeof(JsonValue) + (part.size() < kInText ? 0 : kNodeBytes + part.size()));
  };
  if (separator.empty()) {
    const char* at = text.data();
    for (const char* const end = at + text.size(); at < end;) {
      const char* const start = at;
      next_code_point(at, end);
      if (!add(std::string_view(start, static_cast<std::size_t>(at - start)))) return false;
    }
  } else if (!text.empty()) {
    std::size_t begin = 0;
    for (std::size_t at; (at = find_text(text, separator, begin)) != std::string_view::npos;
         begin = at + separator.size()) {
      if (!add(text.substr(begin, at - begin)) || !context.count_text(separator.size())) return false;
    }
    if (!add(text.substr(begin))) return false;
  }
  v[0] = out.build();
  return true;
}

// In characters; matches may overlap.
bool strindices(Context& context, Values v) {
  if (!v[0].is_string()) return fail(v, described(v[0]) + " cannot be searched, as it is not a string");
  if (!v[1].is_string()) return fail(v, described(v[1]) + " is not a string");
  const std::string_view text = v[0].string();
  const std::string_view part = v[1].string();
  if (part.empty()) {
    v[0] = JsonValue();
    return true;
  }
  if (!context.count_text(4 * text.size())) return false;
  JsonArrayBuilder out;
  std::int64_t characters = 0;
  std::size_t counted = 0;
  for (std::size_t at = find_text(text, part); at != std::string_view::npos;
       at = find_text(text, part, at + 1)) {
    for (; counted < at; ++counted) characters += (static_cast<unsigned char>(text[counted]) & 0xc0) != 0x80;
    out.add(characters);
    if (!context.count_bytes(sizeof(JsonValue)) || !context.count_text(4 * part.size())) return false;
  }
  v[0] = out.build();
  return true;
}

bool join(Context& context, Values v) {
  if (!v[0].is_array() && !v[0].is_object()) return fail(v, "Cannot iterate over " + described(v[0]));
  std::string text;
  bool is_first = true;
  std::string error;
  const auto add = [&](const JsonValue& item) {
    const std::size_t before = text.size();
    if (!std::exchange(is_first, false)) {
      if (!v[1].is_string() && !v[1].is_null()) {
        error = described(JsonValue(text)) + " and " + described(v[1]) + " cannot be added";
        return false;
      }
      if (v[1].is_string()) text += v[1].string();
    }
    if (item.is_array() || item.is_object()) {
      error = described(JsonValue(text)) + " and " + described(item) + " cannot be added";
      return false;
    }
    if (item.is_string()) {
      text += item.string();
    } else if (!item.is_null()) {
      if (!to_text(context, item, text)) return false;
    }
    return context.count_steps(1) && context.count_bytes(text.size() - before);
  };
  for (const JsonValue& item : v[0].items())
    if (!add(item)) return fail(v, error);
  for (const JsonMember& member : v[0].members())
    if (!add(member.value)) return fail(v, error);
  v[0] = text;
  return true;
}

bool format_by_name(Context& context, Values v) {
  if (!v[1].is_string()) return fail(v, described(v[1]) + " is not a valid format");
  Format format{};
  const std::string name(v[1].string());
  if (!find_format(name, format)) return fail(v, name + " is not a valid format");
  return apply_format(context, format, v[0]);
}

constexpr Native kNatives[] = {
    {"startswith", 1, startswith},
    {"endswith", 1, endswith},
    {"ltrimstr", 1, ltrimstr},
    {"rtrimstr", 1, rtrimstr},
    {"trimstr", 1, trimstr},
    {"trim", 0, trim_both},
    {"ltrim", 0, ltrim},
    {"rtrim", 0, rtrim},
    {"ascii_downcase", 0, ascii_downcase},
    {"ascii_upcase", 0, ascii_upcase},
    {"explode", 0, explode},
    {"implode", 0, implode},
    {"split", 1, split_text},
    {"join", 1, join},
    {"_strindices", 1, strindices},
    {"format", 1, format_by_name},
};

}  // namespace

std::span<const Native> string_natives() {
  return kNatives;
}

}  // namespace linkspan::data::jq
