#include "http/h1_response.h"

#include "base/error_kinds.h"
#include "base/strings.h"
#include "http/h1_parse.h"
#include "http/scan.h"
#include "http/status.h"

namespace linkspan::http {

namespace {

constexpr std::size_t kVersionBytes = 8;
constexpr std::size_t kStatusEnd = kVersionBytes + 4;  // "HTTP/1.1 200"

constexpr HeadKinds kKinds{errors::upstream_bad_response, errors::upstream_bad_response, true};

[[gnu::cold]] Step refuse(ResponseHead& head, std::size_t offset, std::string_view what,
                          std::string_view echo = {}) {
  head.error.set(errors::upstream_bad_response, offset, what, echo);
  return Step::error;
}

Step parse_status_code(HeadCursor& cursor, ResponseHead& head) {
  const char* digits = cursor.at + kVersionBytes + 1;
  if (!is_digit(digits[0]) || !is_digit(digits[1]) || !is_digit(digits[2]) || digits[0] < '1' ||
      digits[0] > '5') {
    return refuse(head, cursor.offset(digits), "the status is not a number from 100 to 599:", {digits, 3});
  }
  head.status =
      static_cast<std::uint16_t>((digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0'));
  return Step::done;
}

// status-line (RFC 9112 section 4). The line is judged once its end has come.
Step parse_status_line(HeadCursor& cursor, ResponseHead& head) {
  const char* begin = cursor.at;
  const char* line_end = skip_value_chars(begin, cursor.end);
  if (line_end == cursor.end) return Step::more;
  const auto bytes = static_cast<std::size_t>(line_end - begin);
  const std::string_view version(begin, bytes < kVersionBytes ? bytes : kVersionBytes);
  const int minor = parse_version(version);
  if (minor < 0) return refuse(head, 0, "the answer does not begin with HTTP/1.1 or HTTP/1.0 but", version);
  head.version_minor = static_cast<std::uint8_t>(minor);
  if (bytes < kStatusEnd || begin[kVersionBytes] != ' ')
    return refuse(head, kVersionBytes, "malformed status line");
  const Step step = parse_status_code(cursor, head);
  if (step != Step::done) return step;
  head.reason = {};
  if (bytes > kStatusEnd) {
    if (begin[kStatusEnd] != ' ') return refuse(head, kStatusEnd, "malformed status line");
    head.reason = {begin + kStatusEnd + 1, bytes - kStatusEnd - 1};
  }
  cursor.at = line_end;
  return expect_crlf(cursor, errors::upstream_bad_response, "the status line", head.error);
}

// What a gateway cannot take for a length: Transfer-Encoding must be exactly chunked, all that our requests
// ask for.
Step check_framing(const HeadCursor& cursor, const FramingFields& framing, ResponseHead& head) {
  if (framing.length_overflow) {
    const Field* length = head.fields.find(HeaderId::content_length);
    return refuse(head, cursor.offset(length->line), "Content-Length is beyond any limit");
  }
  if (!framing.has_coding) return Step::done;
  const std::size_t offset = cursor.offset(head.fields.find(HeaderId::transfer_encoding)->line);
  if (head.version_minor == 0) return refuse(head, offset, "Transfer-Encoding in an HTTP/1.0 answer");
  if (!framing.chunked_only) return refuse(head, offset, "Transfer-Encoding is not exactly chunked");
  return Step::done;
}

// RFC 9112 section 6.3. Fields that cannot be understood are errors even where the message has no body.
Step digest_framing(const HeadCursor& cursor, Method method, ResponseHead& head) {
  FramingFields framing;
  Step step = read_framing_fields(cursor, head.fields, errors::upstream_bad_response, framing, head.error);
  if (step != Step::done) return step;
  step = check_framing(cursor, framing, head);
  if (step != Step::done) return step;
  head.content_length = framing.length;
  if (method == Method::head || never_has_body(head.status)) {
    head.framing = Framing::none;
  } else if (framing.has_coding) {
    head.framing = Framing::chunked;
  } else if (!framing.has_length) {
    head.framing = Framing::until_close;
    head.keep_alive = false;
  } else {
    head.framing = framing.length == 0 ? Framing::none : Framing::length;
  }
  return Step::done;
}

Step digest_switch(ResponseHead& head, const ConnectionOptions& options) {
  head.upgrade = head.fields.value(HeaderId::upgrade);
  if (head.upgrade.empty() || !options.upgrade || head.version_minor == 0) {
    return refuse(head, 0, "status 101 without Upgrade and Connection: upgrade");
  }
  head.switches_protocol = true;
  return Step::done;
}

Step finish(const HeadCursor& cursor, Method method, ResponseHead& head) {
  head.switches_protocol = false;
  head.upgrade = {};
  ConnectionOptions options;
  if (head.fields.contains(HeaderId::connection) && !read_connection(head.fields, options)) {
    const Field* connection = head.fields.find(HeaderId::connection);
    return refuse(head, cursor.offset(connection->line), "Connection has too many options");
  }
  head.keep_alive = !options.close && (head.version_minor == 1 || options.keep_alive);
  head.interim = head.status < 200 && head.status != 101;
  const Step step = digest_framing(cursor, method, head);
  if (step != Step::done || head.status != 101) return step;
  return digest_switch(head, options);
}

Step parse_all(HeadCursor& cursor, Method method, const HeadLimits& limits, ResponseHead& head) {
  Step step = parse_status_line(cursor, head);
  if (step != Step::done) return step;
  step = parse_field_lines(cursor, limits, kKinds, head.fields, head.error);
  if (step != Step::done) return step;
  return finish(cursor, method, head);
}

}  // namespace

ParseStatus parse_response_head(std::string_view buffer, Method method, const HeadLimits& limits,
                                std::size_t already_scanned, ResponseHead& out) {
  const HeadWindow window(buffer, limits);
  if (window.nothing_new(already_scanned)) return window.need_more();
  HeadCursor cursor = window.cursor();
  out.fields.clear();
  out.error.clear();
  const Step step = parse_all(cursor, method, limits, out);
  return window.verdict(step, cursor, errors::upstream_bad_response, out.error);
}

}  // namespace linkspan::http
