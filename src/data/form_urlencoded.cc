#include "data/form_urlencoded.h"

#include <cstdint>
#include <optional>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/utf8.h"

namespace linkspan::data {

namespace {

Error fail(const ErrorKind& kind, std::size_t offset, std::string_view what) {
  std::string detail = "byte ";
  append_u64(detail, offset);
  detail += ": ";
  detail += what;
  return Error(kind, std::move(detail));
}

// Of two hexadecimal digits at the start of `text`.
std::optional<char> decode_escape(std::string_view text) {
  const auto value = text.size() < 2 ? std::nullopt : parse_hex_u64(text.substr(0, 2));
  if (!value) return std::nullopt;
  return static_cast<char>(*value);
}

std::string decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const auto escaped = c == '%' ? decode_escape(text.substr(at + 1)) : std::nullopt;
    if (escaped) {
      out += *escaped;
      at += 2;
    } else {
      out += c == '+' ? ' ' : c;
    }
  }
  return out;
}

// A name or value that begins at `offset` of the whole; `limit` is named in the error.
Result<std::string> decode_part(std::string_view text, std::size_t offset, std::string_view limit,
                                std::size_t max_bytes) {
  std::string out = decode(text);
  if (out.size() > max_bytes)
    return fail(errors::form_too_large, offset,
                "longer than " + std::string(limit) + ", " + std::to_string(max_bytes));
  if (valid_utf8_bytes(out) != out.size())
    return fail(errors::form_invalid, offset, "a name or value with invalid UTF-8 begins here");
  return out;
}

void append_encoded(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_alpha(c) || is_digit(c) || c == '*' || c == '-' || c == '.' || c == '_') {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 0xf];
    }
  }
}

}  // namespace

Result<std::vector<FormField>> parse_urlencoded(std::string_view text, const UrlencodedLimits& limits) {
  if (text.size() > limits.max_bytes)
    return fail(errors::form_too_large, limits.max_bytes,
                "longer than max_bytes, " + std::to_string(limits.max_bytes));
  std::vector<FormField> fields;
  for (const std::string_view field : split(text, '&')) {
    if (field.empty()) continue;
    const auto offset = static_cast<std::size_t>(field.data() - text.data());
    if (fields.size() == limits.max_fields)
      return fail(errors::form_too_large, offset,
                  "more fields than max_fields, " + std::to_string(limits.max_fields));
    const auto [raw_name, raw_value] = split_once(field, '=');
    Result<std::string> name = decode_part(raw_name, offset, "max_name_bytes", limits.max_name_bytes);
    if (!name) return std::move(name).error();
    Result<std::string> value =
        decode_part(raw_value.value_or(std::string_view()), offset + raw_name.size() + 1, "max_value_bytes",
                    limits.max_value_bytes);
    if (!value) return std::move(value).error();
    fields.push_back({*std::move(name), *std::move(value)});
  }
  return fields;
}

std::string write_urlencoded(std::span<const FormField> fields) {
  std::string out;
  for (const FormField& field : fields) {
    if (&field != fields.data()) out += '&';
    append_encoded(out, field.name);
    out += '=';
    append_encoded(out, field.value);
  }
  return out;
}

}  // namespace linkspan::data
