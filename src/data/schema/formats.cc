#include "data/schema/formats.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/strings.h"
#include "data/json_pointer.h"
#include "data/schema/pattern.h"

namespace linkspan::data::schema {

namespace {

struct Named {
  std::string_view name;
  Format format;
};

constexpr Named kFormats[] = {
    {"date-time", Format::date_time},
    {"date", Format::date},
    {"time", Format::time},
    {"duration", Format::duration},
    {"email", Format::email},
    {"idn-email", Format::idn_email},
    {"hostname", Format::hostname},
    {"idn-hostname", Format::idn_hostname},
    {"ipv4", Format::ipv4},
    {"ipv6", Format::ipv6},
    {"uri", Format::uri},
    {"uri-reference", Format::uri_reference},
    {"iri", Format::iri},
    {"iri-reference", Format::iri_reference},
    {"uri-template", Format::uri_template},
    {"uuid", Format::uuid},
    {"json-pointer", Format::json_pointer},
    {"relative-json-pointer", Format::relative_json_pointer},
    {"regex", Format::regex},
};
constexpr Named kOpenapiFormats[] = {
    {"byte", Format::byte},     {"int32", Format::int32},    {"int64", Format::int64},
    {"float", Format::float32}, {"double", Format::float64},
};

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !is_hex_digit(text[i])) return false;
  }
  return true;
}

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) return false;
  }
  return true;
}

bool is_relative_json_pointer(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  if (digits == 0 || (digits > 1 && text[0] == '0')) return false;
  const std::string_view rest = text.substr(digits);
  return rest == "#" || is_json_pointer(rest);
}

// RFC 4648 section 4, padded.
bool is_base64(std::string_view text) {
  if (text.size() % 4 != 0) return false;
  for (int pads = 0; pads < 2 && text.ends_with('='); ++pads) text.remove_suffix(1);
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '/'; });
}

}  // namespace

Format format_named(std::string_view name, bool openapi) {
  for (const Named& known : kFormats) {
    if (known.name == name) return known.format;
  }
  for (const Named& known : kOpenapiFormats) {
    if (openapi && known.name == name) return known.format;
  }
  return Format::none;
}

std::string_view name_of(Format format) {
  for (const Named& known : kFormats) {
    if (known.format == format) return known.name;
  }
  for (const Named& known : kOpenapiFormats) {
    if (known.format == format) return known.name;
  }
  return "";
}

bool is_number_format(Format format) {
  return format >= Format::int32;
}

bool matches_format(Format format, std::string_view text, std::uint64_t& steps) {
  steps -= std::min<std::uint64_t>(steps, text.size() / 16);
  switch (format) {
    case Format::date_time:
      return is_date_time(text);
    case Format::date:
      return is_date(text);
    case Format::time:
      return is_time(text);
    case Format::duration:
      return is_duration(text);
    case Format::email:
    case Format::idn_email:
      return is_email(text, format == Format::idn_email);
    case Format::hostname:
      return is_hostname(text);
    case Format::idn_hostname:
      return is_idn_hostname(text);
    case Format::ipv4:
      return is_ipv4(text);
    case Format::ipv6:
      return is_ipv6(text);
    case Format::uri:
    case Format::iri:
      return is_uri(text, format == Format::iri);
    case Format::uri_reference:
    case Format::iri_reference:
      return is_uri_reference(text, format == Format::iri_reference);
    case Format::uri_template:
      return is_uri_template(text);
    case Format::uuid:
      return is_uuid(text);
    case Format::json_pointer:
      return is_json_pointer(text);
    case Format::relative_json_pointer:
      return is_relative_json_pointer(text);
    case Format::regex:
      return is_pattern(text, steps);
    case Format::byte:
      return is_base64(text);
    default:
      return true;
  }
}

bool matches_number_format(Format format, const JsonValue& number) {
  switch (format) {
    case Format::int32: {
      const auto integer = number.to_int64();
      return integer && *integer >= std::numeric_limits<std::int32_t>::min() &&
             *integer <= std::numeric_limits<std::int32_t>::max();
    }
    case Format::int64:
      return number.to_int64().has_value();
    case Format::float32:
      return std::abs(number.as_double()) <= static_cast<double>(std::numeric_limits<float>::max());
    case Format::float64:
      return std::isfinite(number.as_double());
    default:
      return true;
  }
}

}  // namespace linkspan::data::schema
