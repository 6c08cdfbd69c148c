// `format`: those of JSON Schema 2020-12 (RFC 3339, 5321, 1123, 2673, 4291, 3986, 3987, 4122, 6901, 6570) and
// those of OpenAPI. idn-hostname is approximate: labels are looked at for length, hyphens and characters that
// no label may have, not against all tables of IDNA 2008. Pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "data/json.h"

namespace linkspan::data::schema {

enum class Format : unsigned char {
  none,  // also what is not known: any value will do
  date_time,
  date,
  time,
  duration,
  email,
  idn_email,
  hostname,
  idn_hostname,
  ipv4,
  ipv6,
  uri,
  uri_reference,
  iri,
  iri_reference,
  uri_template,
  uuid,
  json_pointer,
  relative_json_pointer,
  regex,
  byte,
  int32,
  int64,
  float32,
  float64
};

// `openapi` adds int32, int64, float, double and byte; its binary and password ask for nothing.
Format format_named(std::string_view name, bool openapi);
std::string_view name_of(Format format);
// Whether it is about numbers; all others are about strings.
bool is_number_format(Format format);

// Takes what it costs from `steps`.
bool matches_format(Format format, std::string_view text, std::uint64_t& steps);
bool matches_number_format(Format format, const JsonValue& number);

// The single checks, each in one of the formats_*.cc.
bool is_date(std::string_view text);
bool is_time(std::string_view text);
bool is_date_time(std::string_view text);
bool is_duration(std::string_view text);
bool is_email(std::string_view text, bool international);
bool is_hostname(std::string_view text);
bool is_idn_hostname(std::string_view text);
bool is_ipv4(std::string_view text);
bool is_ipv6(std::string_view text);
// International ones (IRIs) may have characters beyond ASCII.
bool is_uri(std::string_view text, bool international);
bool is_uri_reference(std::string_view text, bool international);
bool is_uri_template(std::string_view text);

}  // namespace linkspan::data::schema
