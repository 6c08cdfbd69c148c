// @text and its kin.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/strings.h"
#include "data/jq/builtins.h"
#include "data/jq/operators.h"
#include "data/json_write.h"
#include "data/utf8.h"

namespace linkspan::data::jq {

namespace {

constexpr std::array<std::string_view, 12> kNames = {
    "text", "json", "csv", "tsv", "html", "uri", "urid", "sh", "base64", "base64d", "base32", "base32d"};
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

// Bytes to characters of `bits` bits each, padded with "=" to groups of `group`.
std::string encode(std::string_view bytes, std::string_view alphabet, unsigned bits, std::size_t group) {
  std::string out;
  std::uint32_t held = 0;
  unsigned count = 0;
  for (const char c : bytes) {
    held = held << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= bits; count -= bits)
      out += alphabet[held >> (count - bits) & ((1U << bits) - 1)];
  }
  if (count > 0) out += alphabet[held << (bits - count) & ((1U << bits) - 1)];
  while (out.size() % group != 0) out += '=';
  return out;
}

// False where a character is not of the alphabet, or nothing can be made of the last one.
bool decode(std::string_view text, std::string_view alphabet, unsigned bits, std::string& out,
            bool& trailing) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::uint32_t held = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t digit = alphabet.find(c);
    if (digit == std::string_view::npos) return false;
    held = held << bits | static_cast<std::uint32_t>(digit);
    count += bits;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(static_cast<unsigned char>(held >> count));
    }
  }
  trailing = count >= bits;
  return true;
}

// `value` is a string.
bool decode_value(JsonValue& value, std::string_view name, std::string_view alphabet, unsigned bits) {
  const JsonValue text = value;
  std::string out;
  bool trailing = false;
  if (!decode(text.string(), alphabet, bits, out, trailing)) {
    value = described(text) + " is not valid " + std::string(name) + " data";
    return false;
  }
  if (trailing) {
    value = described(text) + " trailing " + std::string(name) + " byte found";
    return false;
  }
  value = replace_invalid_utf8(out);
  return true;
}

std::string escaped(std::string_view text, std::string_view special, const std::string_view* replacements) {
  std::string out;
  for (const char c : text) {
    const std::size_t at = special.find(c);
    if (at == std::string_view::npos) {
      out += c;
    } else {
      out += replacements[at];
    }
  }
  return out;
}

std::string to_html(std::string_view text) {
  static constexpr std::string_view kReplacements[] = {"&lt;", "&gt;", "&amp;", "&apos;", "&quot;"};
  return escaped(text, "<>&'\"", kReplacements);
}

std::string to_uri(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
      continue;
    }
    constexpr std::string_view kHex = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

bool from_uri(JsonValue& value) {
  const JsonValue text = value;
  const std::string_view in = text.string();
  std::string out;
  bool ok = true;
  for (std::size_t i = 0; i < in.size() && ok; ++i) {
    if (in[i] != '%') {
      out += in[i];
      continue;
    }
    const auto byte = i + 2 < in.size() ? parse_hex_u64(in.substr(i + 1, 2)) : std::nullopt;
    ok = byte.has_value();
    if (ok) out += static_cast<char>(static_cast<unsigned char>(*byte));
    i += 2;
  }
  if (!ok || valid_utf8_bytes(out) != out.size()) {
    value = described(text) + " is not a valid uri encoding";
    return false;
  }
  value = out;
  return true;
}

// Counts what was put behind `before`.
bool count_growth(Context& context, const std::string& out, std::size_t before) {
  return context.count_steps(1) && context.count_bytes(out.size() - before);
}

bool to_row(Context& context, JsonValue& value, bool csv) {
  if (!value.is_array()) {
    value = described(value) + " cannot be " + (csv ? "csv" : "tsv") + "-formatted, only an array can be";
    return false;
  }
  static constexpr std::string_view kTsv[] = {"\\t", "\\r", "\\n", "\\\\"};
  std::string out;
  bool is_first = true;
  for (const JsonValue& item : value.items()) {
    const std::size_t before = out.size();
    if (!std::exchange(is_first, false)) out += csv ? ',' : '\t';
    if (item.is_string() && csv) {
      static constexpr std::string_view kQuote[] = {"\"\""};
      out += '"' + escaped(item.string(), "\"", kQuote) + '"';
    } else if (item.is_string()) {
      out += escaped(item.string(), "\t\r\n\\", kTsv);
    } else if (item.is_boolean() || (item.is_number() && !std::isnan(item.as_double()))) {
      append_json(out, item);
    } else if (!item.is_null() && !item.is_number()) {
      value = described(item) + " is not valid in a " + (csv ? "csv" : "tsv") + " row";
      return false;
    }
    if (!count_growth(context, out, before)) return false;
  }
  value = out;
  return true;
}

bool to_shell(Context& context, JsonValue& value) {
  const JsonValue whole = value.is_array() ? value : JsonValue::array({value});
  static constexpr std::string_view kQuote[] = {"'\\''"};
  std::string out;
  bool is_first = true;
  for (const JsonValue& item : whole.items()) {
    const std::size_t before = out.size();
    if (!std::exchange(is_first, false)) out += ' ';
    if (item.is_array() || item.is_object()) {
      value = described(item) + " can not be escaped for shell";
      return false;
    }
    if (item.is_string()) {
      out += '\'' + escaped(item.string(), "'", kQuote) + '\'';
    } else {
      append_json(out, item);
    }
    if (!count_growth(context, out, before)) return false;
  }
  value = out;
  return true;
}

// Of a string.
bool convert_text(Format format, JsonValue& value) {
  switch (format) {
    case Format::html:
      value = to_html(value.string());
      return true;
    case Format::uri:
      value = to_uri(value.string());
      return true;
    case Format::urid:
      return from_uri(value);
    case Format::base64:
      value = encode(value.string(), kBase64, 6, 4);
      return true;
    case Format::base64d:
      return decode_value(value, "base64", kBase64, 6);
    case Format::base32:
      value = encode(value.string(), kBase32, 5, 8);
      return true;
    case Format::base32d:
      return decode_value(value, "base32", kBase32, 5);
    default:
      return true;
  }
}

}  // namespace

bool find_format(std::string_view name, Format& format) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return false;
  format = static_cast<Format>(found - kNames.begin());
  return true;
}

bool apply_format(Context& context, Format format, JsonValue& value) {
  bool ok = true;
  if (format == Format::csv || format == Format::tsv) {
    ok = to_row(context, value, format == Format::csv);
  } else if (format == Format::sh) {
    ok = to_shell(context, value);
  } else {
    if (!value.is_string() || format == Format::json) {
      std::string text;
      if (!to_text(context, value, text)) return false;
      value = text;
    }
    ok = context.count_text(value.size()) && convert_text(format, value);
  }
  return context.count_bytes(value.size()) && ok;
}

}  // namespace linkspan::data::jq
