#include "http/h1_parse.h"

#include "base/strings.h"
#include "http/scan.h"

namespace linkspan::http {

namespace {

constexpr std::size_t kMaxConnectionOptions = 32;
constexpr std::ptrdiff_t kMaxLengthDigits = 18;  // the largest value is far below 2^63

// Fields that every recipient needs, or that we rely on: naming them in Connection has no effect (RFC 9110
// section 7.6.1 forbids senders to do so, and attackers do it to make proxies drop them).
constexpr HeaderSet kNotConnectionSpecific = {HeaderId::host,
                                              HeaderId::content_length,
                                              HeaderId::content_type,
                                              HeaderId::content_encoding,
                                              HeaderId::cache_control,
                                              HeaderId::authorization,
                                              HeaderId::cookie,
                                              HeaderId::forwarded,
                                              HeaderId::via,
                                              HeaderId::x_forwarded_for,
                                              HeaderId::x_forwarded_proto,
                                              HeaderId::x_forwarded_host,
                                              HeaderId::x_request_id,
                                              HeaderId::x_forwarded_port,
                                              HeaderId::x_real_ip};

std::uint32_t narrow(std::ptrdiff_t bytes) {
  return static_cast<std::uint32_t>(bytes);
}

// The name was not followed by a colon: says why.
[[gnu::cold]] Step refuse_name(const HeadCursor& cursor, const char* line, const char* name_end,
                               const HeadKinds& kinds, ProtocolError& error) {
  const std::size_t offset = cursor.offset(name_end);
  const std::string_view name(line, static_cast<std::size_t>(name_end - line));
  const char byte = *name_end;
  if (name.empty() && (byte == ' ' || byte == '\t')) {
    error.set(kinds.field, offset, "a field line begins with white space (obsolete line folding is refused)");
  } else if (byte == '\n') {
    error.set(kinds.field, offset, "a bare LF ends a field line");
  } else if (name.empty() && byte == ':') {
    error.set(kinds.field, offset, "a field line has no name");
  } else if (byte == ' ' || byte == '\t') {
    error.set(kinds.field, offset, "white space before the colon of field", name);
  } else if (byte == '\r') {
    error.set(kinds.field, offset, "a field line has no colon:", name);
  } else {
    error.set_byte(kinds.field, offset, byte, "a field name");
  }
  return Step::error;
}

// The value was not followed by CRLF: says why. `at` is the byte that cannot be in a value.
[[gnu::cold]] Step refuse_value(const HeadCursor& cursor, const char* at, const Field& field,
                                const HeadKinds& kinds, ProtocolError& error) {
  const std::size_t offset = cursor.offset(at);
  if (*at == '\n') {
    error.set(kinds.field, offset, "a bare LF ends the line of field", field.name());
  } else if (*at == '\r') {
    error.set(kinds.field, offset, "a bare CR is in the value of field", field.name());
  } else {
    error.set_byte(kinds.field, offset, *at, "a field value");
  }
  return Step::error;
}

// A field line as nearly all are: a name of letters, digits and '-', one space, a value that is not empty and
// has no white space around it. Makes of it exactly what parse_field_line() would. Null for any other line,
// and for those at the very end of the buffer, of which nothing is said.
inline const char* parse_plain_line(const char* line, const char* end, Field& field) {
  if (end - line < static_cast<std::ptrdiff_t>(kHeaderNameReadAhead + 3)) return nullptr;  // ": " and a byte
  const std::size_t name_bytes = count_common_chars(line);
  const char* const value = line + name_bytes + 2;
  if (name_bytes == 0 || value[-2] != ':' || value[-1] != ' ' || static_cast<unsigned char>(*value) <= ' ') {
    return nullptr;
  }
  const char* const stop = skip_value_chars(line, value, end);
  if (end - stop < 2 || stop[0] != '\r' || stop[1] != '\n') return nullptr;
  if (static_cast<unsigned char>(stop[-1]) <= ' ') return nullptr;
  field.line = line;
  field.name_bytes = static_cast<std::uint32_t>(name_bytes);
  field.value_offset = static_cast<std::uint32_t>(name_bytes + 2);
  field.value_bytes = narrow(stop - value);
  field.connection_named = false;
  field.rewrite = false;
  field.id = header_id_in_buffer({line, name_bytes});
  return stop + 2;
}

// One field line at `line`: fills `field` and gives the place after its CRLF; null if it does not get that
// far, and `stopped` says whether for want of bytes or for an error.
const char* parse_field_line(const char* line, const HeadCursor& cursor, const HeadKinds& kinds, Field& field,
                             Step& stopped, ProtocolError& error) {
  const char* const end = cursor.end;
  stopped = Step::more;
  const char* name_end = skip_token_chars(line, end);
  const char* colon = name_end;
  if (kinds.space_before_colon && name_end != line) {
    while (colon != end && (*colon == ' ' || *colon == '\t')) ++colon;
  }
  if (colon == end) return nullptr;
  if (*colon != ':' || name_end == line) {
    stopped = refuse_name(cursor, line, name_end, kinds, error);
    return nullptr;
  }
  field.line = line;
  field.name_bytes = narrow(name_end - line);
  field.connection_named = false;
  field.rewrite = colon != name_end;

  const char* value = colon + 1;
  while (value != end && (*value == ' ' || *value == '\t')) ++value;
  const char* stop = skip_value_chars(value, end);
  if (stop == end || (*stop == '\r' && end - stop < 2)) return nullptr;
  if (*stop != '\r' || stop[1] != '\n') {
    stopped = refuse_value(cursor, stop, field, kinds, error);
    return nullptr;
  }
  const char* value_end = stop;
  while (value_end != value && (value_end[-1] == ' ' || value_end[-1] == '\t')) --value_end;
  field.value_offset = narrow(value - line);
  field.value_bytes = narrow(value_end - value);
  field.id = end - line >= static_cast<std::ptrdiff_t>(kHeaderNameReadAhead)
                 ? header_id_in_buffer(field.name())
                 : header_id(field.name());
  return stop + 2;
}

void mark_connection_named(Fields& fields, std::string_view name) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    Field& field = fields.at(i);
    if (field.name_bytes == name.size() && !kNotConnectionSpecific.contains(field.id) &&
        equals_ignore_case(field.name(), name)) {
      field.connection_named = true;
    }
  }
}

bool chunked_is_final(std::string_view codings) {
  const std::size_t comma = codings.rfind(',');
  if (comma == std::string_view::npos) return false;
  return equals_ignore_case(trim(codings.substr(comma + 1)), "chunked") &&
         !list_contains(codings.substr(0, comma), "chunked");
}

// Leading zeros are valid but invite other readings of the number: the value is taken without them, and the
// field is written anew when it is forwarded.
Step read_content_length(const HeadCursor& cursor, Fields& fields, const ErrorKind& kind, FramingFields& out,
                         ProtocolError& error) {
  const Field* found = fields.find(HeaderId::content_length);
  if (found == nullptr) return Step::done;
  const std::size_t offset = cursor.offset(found->line);
  if (fields.repeated(HeaderId::content_length)) {
    error.set(kind, offset, "Content-Length is repeated");
    return Step::error;
  }
  Field& field = fields.at(static_cast<std::size_t>(found - fields.begin()));
  const std::string_view digits = field.value();
  const char* end = digits.data() + digits.size();
  const char* first = digits.data();
  while (first != end && *first == '0' && end - first > 1) ++first;
  for (const char* at = first; at != end; ++at) {
    if (!is_digit(*at)) {
      error.set(kind, offset, "Content-Length is not a decimal number");
      return Step::error;
    }
    if (at - first < kMaxLengthDigits) out.length = out.length * 10 + static_cast<std::uint64_t>(*at - '0');
  }
  if (digits.empty()) {
    error.set(kind, offset, "Content-Length is empty");
    return Step::error;
  }
  out.has_length = true;
  out.length_overflow = end - first > kMaxLengthDigits;
  if (first != digits.data()) {
    field.value_offset = narrow(first - field.line);
    field.value_bytes = narrow(end - first);
    field.rewrite = true;
  }
  return Step::done;
}

}  // namespace

Step expect_crlf(HeadCursor& cursor, const ErrorKind& kind, std::string_view where, ProtocolError& error) {
  if (cursor.at == cursor.end) return Step::more;
  if (*cursor.at == '\r') {
    if (cursor.end - cursor.at < 2) return Step::more;
    if (cursor.at[1] == '\n') {
      cursor.at += 2;
      return Step::done;
    }
  }
  error.set_byte(kind, cursor.offset(), *cursor.at, where);
  return Step::error;
}

Step parse_field_lines(HeadCursor& cursor, const HeadLimits& limits, const HeadKinds& kinds, Fields& fields,
                       ProtocolError& error) {
  const char* line = cursor.at;
  while (line != cursor.end) {
    if (*line == '\r') {
      cursor.at = line;
      fields.set_lines_end(line);
      return expect_crlf(cursor, kinds.field, "place of a field name", error);
    }
    if (fields.full(limits.max_fields)) {
      error.set(kinds.too_large, cursor.offset(line), "too many header fields");
      return Step::error;
    }
    Field& field = fields.next();
    const char* next = parse_plain_line(line, cursor.end, field);
    if (next == nullptr) {
      Step stopped;
      next = parse_field_line(line, cursor, kinds, field, stopped, error);
      if (next == nullptr) return stopped;
    }
    line = next;
    fields.take_next();
  }
  return Step::more;
}

bool HeadWindow::has_evidence(std::size_t from) const {
  const char* end = bytes_.data() + bytes_.size();
  const char* at = bytes_.data() + from;
  while (true) {
    at = skip_value_chars(at, end);
    if (at == end) return false;
    if (*at == '\r') return end - at > 1;
    if (*at != 0x7f) return true;
    ++at;
  }
}

ParseStatus HeadWindow::verdict(Step step, const HeadCursor& cursor, const ErrorKind& too_large,
                                ProtocolError& error) const {
  if (step == Step::done) return {ParseState::complete, cursor.offset()};
  if (step == Step::error) {
    return at_limit_ || has_evidence(error.offset()) ? ParseStatus{ParseState::error, 0} : need_more();
  }
  if (!at_limit_) return need_more();
  error.set(too_large, bytes_.size(), "the head of the message is too large");
  return {ParseState::error, 0};
}

Step read_framing_fields(const HeadCursor& cursor, Fields& fields, const ErrorKind& kind, FramingFields& out,
                         ProtocolError& error) {
  const Field* coding = fields.find(HeaderId::transfer_encoding);
  if (coding == nullptr) return read_content_length(cursor, fields, kind, out, error);
  const std::size_t offset = cursor.offset(coding->line);
  if (fields.repeated(HeaderId::transfer_encoding)) {
    error.set(kind, offset, "Transfer-Encoding is repeated");
    return Step::error;
  }
  if (fields.contains(HeaderId::content_length)) {
    error.set(kind, offset, "both Content-Length and Transfer-Encoding are present");
    return Step::error;
  }
  out.has_coding = true;
  out.chunked_only = equals_ignore_case(coding->value(), "chunked");
  out.chunked_final = chunked_is_final(coding->value());
  return Step::done;
}

bool read_connection(Fields& fields, ConnectionOptions& out) {
  if (fields.value(HeaderId::connection) == "keep-alive" && !fields.repeated(HeaderId::connection)) {
    out.keep_alive = true;
    return true;
  }
  std::size_t options = 0;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].id != HeaderId::connection) continue;
    std::string_view list = fields[i].value();
    std::string_view option;
    while (next_list_element(list, option)) {
      if (++options > kMaxConnectionOptions) return false;
      if (equals_ignore_case(option, "close")) {
        out.close = true;
      } else if (equals_ignore_case(option, "keep-alive")) {
        out.keep_alive = true;
      } else if (equals_ignore_case(option, "upgrade")) {
        out.upgrade = true;
      } else {
        mark_connection_named(fields, option);
      }
    }
  }
  return true;
}

int parse_version(std::string_view version) {
  if (version == "HTTP/1.1") return 1;
  if (version.size() != 8 || !version.starts_with("HTTP/") || version[6] != '.') return kVersionMalformed;
  if (!is_digit(version[5]) || !is_digit(version[7])) return kVersionMalformed;
  if (version[5] != '1') return kVersionOther;
  return version[7] == '0' ? 0 : 1;
}

}  // namespace linkspan::http
