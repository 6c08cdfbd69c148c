#include "http/h1_request.h"

#include <cstring>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "http/h1_parse.h"
#include "http/scan.h"
#include "http/url.h"

namespace linkspan::http {

namespace {

constexpr int kMaxEmptyLines = 4;            // before the request line
constexpr std::size_t kMaxMethodBytes = 32;  // longer than any that we could know: 501 (RFC 9112 section 3)

constexpr HeadKinds kKinds{errors::header_invalid, errors::headers_too_large, false};

// What finish() has to look at beyond Host.
constexpr HeaderSet kDigested = {HeaderId::connection, HeaderId::content_length, HeaderId::transfer_encoding,
                                 HeaderId::expect, HeaderId::te};

[[gnu::cold]] Step refuse(RequestHead& head, const ErrorKind& kind, std::size_t offset, std::string_view what,
                          std::string_view echo = {}) {
  head.error.set(kind, offset, what, echo);
  return Step::error;
}

Step skip_empty_lines(HeadCursor& cursor, RequestHead& head) {
  for (int lines = 0; cursor.at != cursor.end && *cursor.at == '\r'; ++lines) {
    if (lines == kMaxEmptyLines) {
      return refuse(head, errors::request_line_invalid, cursor.offset(),
                    "too many empty lines before the request");
    }
    const Step step =
        expect_crlf(cursor, errors::request_line_invalid, "an empty line before the request", head.error);
    if (step != Step::done) return step;
  }
  return Step::done;
}

Step parse_method_name(HeadCursor& cursor, RequestHead& head) {
  const char* begin = cursor.at;
  const char* stop = skip_token_chars(begin, cursor.end);
  const auto bytes = static_cast<std::size_t>(stop - begin);
  if (stop == cursor.end) return Step::more;
  head.method_name = {begin, bytes};
  const std::size_t offset = cursor.offset(stop);
  if (*stop != ' ' || bytes == 0) {
    if (bytes == 0 && *stop == 0x16) {
      return refuse(head, errors::request_line_invalid, offset,
                    "this is TLS, but the listener speaks plain HTTP");
    }
    if (*stop == '\r' || *stop == '\n') {
      return refuse(head, errors::request_line_invalid, offset, "the request line has no target");
    }
    head.error.set_byte(errors::method_invalid, offset, *stop, bytes == 0 ? "place of a method" : "a method");
    return Step::error;
  }
  head.method = parse_method(head.method_name);
  if (bytes > kMaxMethodBytes) {
    return refuse(head, errors::method_not_implemented, cursor.offset(), "no such method", head.method_name);
  }
  cursor.at = stop + 1;
  return Step::done;
}

// Takes the characters of the target and the space after it; its structure is read in parse_target().
Step take_target(HeadCursor& cursor, const HeadLimits& limits, RequestHead& head) {
  const char* begin = cursor.at;
  const char* stop = skip_target_chars(begin, cursor.end);
  const auto bytes = static_cast<std::size_t>(stop - begin);
  if (bytes > limits.max_target_bytes) {
    return refuse(head, errors::target_too_long, cursor.offset(), "the request target is too long");
  }
  if (stop == cursor.end) return Step::more;
  const std::size_t offset = cursor.offset(stop);
  if (*stop == '\r' || *stop == '\n') {
    return refuse(head, errors::request_line_invalid, offset,
                  "the request line ends without an HTTP version");
  }
  if (*stop != ' ') {
    head.error.set_byte(errors::target_invalid, offset, *stop, "a request target");
    return Step::error;
  }
  if (bytes == 0) return refuse(head, errors::request_line_invalid, offset, "two spaces in the request line");
  head.target = {begin, bytes};
  cursor.at = stop + 1;
  return Step::done;
}

// "HTTP/1.1" CRLF.
Step parse_version_and_crlf(HeadCursor& cursor, RequestHead& head) {
  constexpr std::size_t kVersionBytes = 8;
  const char* begin = cursor.at;
  const char* line_end = skip_value_chars(begin, cursor.end);
  if (line_end == cursor.end) return Step::more;
  const std::string_view version(begin, static_cast<std::size_t>(line_end - begin));
  const int minor = parse_version(version);
  if (minor == kVersionOther) {
    return refuse(head, errors::version_not_supported, cursor.offset(),
                  "only HTTP/1.1 and HTTP/1.0 are spoken here, not", version.substr(0, kVersionBytes));
  }
  if (minor == kVersionMalformed) {
    return refuse(head, errors::request_line_invalid, cursor.offset(), "malformed HTTP version", version);
  }
  head.version_minor = static_cast<std::uint8_t>(minor);
  cursor.at = line_end;
  return expect_crlf(cursor, errors::request_line_invalid, "the request line", head.error);
}

void split_query(std::string_view path_and_query, RequestHead& head) {
  const void* mark = std::memchr(path_and_query.data(), '?', path_and_query.size());
  head.has_query = mark != nullptr;
  if (mark == nullptr) {
    head.path = path_and_query;
    head.query = {};
    return;
  }
  const auto at = static_cast<std::size_t>(static_cast<const char*>(mark) - path_and_query.data());
  head.path = path_and_query.substr(0, at);
  head.query = path_and_query.substr(at + 1);
}

bool take_scheme(std::string_view& target, bool& https) {
  https = starts_with_ignore_case(target, "https://");
  if (!https && !starts_with_ignore_case(target, "http://")) return false;
  target.remove_prefix(https ? 8 : 7);
  return true;
}

// absolute-form (RFC 9112 section 3.2.2): its authority wins over Host.
Step parse_absolute_target(const HeadCursor& cursor, RequestHead& head) {
  const std::size_t offset = cursor.offset(head.target.data());
  std::string_view rest = head.target;
  if (!take_scheme(rest, head.target_is_https)) {
    return refuse(head, errors::target_invalid, offset,
                  "the request target is neither a path nor an http(s) URL");
  }
  head.target_form = TargetForm::absolute;
  head.authority = rest.substr(0, rest.find_first_of("/?"));
  rest.remove_prefix(head.authority.size());
  HostPort parts;
  if (!parse_host_port(head.authority, parts)) {
    return refuse(head, errors::target_invalid, offset, "the request target has a malformed authority");
  }
  head.host = parts.host;
  head.port = parts.port;
  if (rest.empty()) {
    head.has_query = false;
    head.query = {};
    // RFC 9112 section 3.2.4: the last hop reads this as asterisk-form.
    if (head.method == Method::options) head.target_form = TargetForm::asterisk;
    head.path = head.method == Method::options ? "*" : "/";
    return Step::done;
  }
  split_query(rest, head);
  if (head.path.empty()) head.path = "/";
  return Step::done;
}

Step parse_target(const HeadCursor& cursor, RequestHead& head) {
  head.authority = {};
  head.host = {};
  head.port = 0;
  head.target_is_https = false;
  const std::size_t offset = cursor.offset(head.target.data());
  if (head.method == Method::connect) {
    return refuse(head, errors::method_not_implemented, 0,
                  "CONNECT is not served: this is a gateway, not a forward proxy");
  }
  if (head.target.front() == '/') {
    head.target_form = TargetForm::origin;
    split_query(head.target, head);
    return Step::done;
  }
  if (head.target == "*") {
    if (head.method != Method::options) {
      return refuse(head, errors::target_invalid, offset, "the request target * is for OPTIONS only");
    }
    head.target_form = TargetForm::asterisk;
    split_query(head.target, head);
    return Step::done;
  }
  return parse_absolute_target(cursor, head);
}

Step parse_request_line(HeadCursor& cursor, const HeadLimits& limits, RequestHead& head) {
  Step step = skip_empty_lines(cursor, head);
  if (step != Step::done) return step;
  step = parse_method_name(cursor, head);
  if (step != Step::done) return step;
  step = take_target(cursor, limits, head);
  if (step != Step::done) return step;
  step = parse_version_and_crlf(cursor, head);
  if (step != Step::done) return step;
  return parse_target(cursor, head);
}

// RFC 9112 section 3.2: exactly one valid Host, or 400.
Step digest_host(const HeadCursor& cursor, RequestHead& head) {
  const Field* host = head.fields.find(HeaderId::host);
  if (host == nullptr) {
    if (head.version_minor == 0) return Step::done;
    return refuse(head, errors::host_invalid, cursor.offset(head.fields.lines_end()), "Host is missing");
  }
  const std::size_t offset = cursor.offset(host->line);
  if (head.fields.repeated(HeaderId::host))
    return refuse(head, errors::host_invalid, offset, "Host is repeated");
  HostPort parts;
  if (!parse_host_port(host->value(), parts)) {
    return refuse(head, errors::host_invalid, offset,
                  host->value_bytes == 0 ? "Host is empty" : "Host is malformed");
  }
  if (!head.authority.empty()) return Step::done;
  head.authority = host->value();
  head.host = parts.host;
  head.port = parts.port;
  return Step::done;
}

[[gnu::cold]] Step refuse_coding(const HeadCursor& cursor, RequestHead& head, const FramingFields& framing) {
  const std::size_t offset = cursor.offset(head.fields.find(HeaderId::transfer_encoding)->line);
  if (head.version_minor == 0) {
    return refuse(head, errors::framing_ambiguous, offset, "Transfer-Encoding in an HTTP/1.0 request");
  }
  if (framing.chunked_final) {
    return refuse(head, errors::coding_not_implemented, offset,
                  "the only transfer coding accepted is chunked");
  }
  return refuse(head, errors::framing_ambiguous, offset, "the final transfer coding is not chunked");
}

// RFC 9112 section 6.3.
Step digest_framing(const HeadCursor& cursor, RequestHead& head) {
  FramingFields framing;
  const Step step = read_framing_fields(cursor, head.fields, errors::framing_ambiguous, framing, head.error);
  if (step != Step::done) return step;
  if (framing.has_coding) {
    if (!framing.chunked_only || head.version_minor == 0) return refuse_coding(cursor, head, framing);
    head.framing = Framing::chunked;
  } else if (framing.has_length) {
    if (framing.length_overflow) {
      const std::size_t offset = cursor.offset(head.fields.find(HeaderId::content_length)->line);
      return refuse(head, errors::body_too_large, offset, "Content-Length is beyond any limit");
    }
    head.content_length = framing.length;
    head.framing = framing.length == 0 ? Framing::none : Framing::length;
  }
  return Step::done;
}

// Tunnelled, HTTP/2 would carry requests past every policy.
bool asks_for_http2(std::string_view upgrade) {
  return list_contains(upgrade, "h2c") || list_contains(upgrade, "h2") || list_contains(upgrade, "HTTP/2.0");
}

Step digest_connection(const HeadCursor& cursor, RequestHead& head) {
  const Field* connection = head.fields.find(HeaderId::connection);
  if (connection == nullptr) return Step::done;
  ConnectionOptions options;
  if (!read_connection(head.fields, options)) {
    return refuse(head, errors::header_invalid, cursor.offset(connection->line),
                  "Connection has too many options");
  }
  head.keep_alive = !options.close && (head.version_minor == 1 || options.keep_alive);
  const std::string_view upgrade = head.fields.value(HeaderId::upgrade);
  if (options.upgrade && head.version_minor == 1 && !head.fields.repeated(HeaderId::upgrade) &&
      !asks_for_http2(upgrade)) {
    head.upgrade = upgrade;
  }
  return Step::done;
}

// RFC 9110 section 10.1.1; an HTTP/1.0 client cannot expect anything.
Step digest_expect(const HeadCursor& cursor, RequestHead& head) {
  if (head.version_minor == 0) return Step::done;
  for (const Field& field : head.fields) {
    if (field.id != HeaderId::expect) continue;
    if (!equals_ignore_case(field.value(), "100-continue")) {
      return refuse(head, errors::expectation_failed, cursor.offset(field.line),
                    "Expect is not 100-continue");
    }
    head.expect_continue = true;
  }
  return Step::done;
}

Step finish(const HeadCursor& cursor, RequestHead& head) {
  head.framing = Framing::none;
  head.content_length = 0;
  head.keep_alive = head.version_minor == 1;
  head.expect_continue = false;
  head.accepts_trailers = false;
  head.upgrade = {};
  Step step = digest_host(cursor, head);
  if (step != Step::done || !head.fields.present().intersects(kDigested)) return step;
  step = digest_framing(cursor, head);
  if (step != Step::done) return step;
  step = digest_connection(cursor, head);
  if (step != Step::done) return step;
  head.accepts_trailers =
      head.fields.contains(HeaderId::te) && list_contains(head.fields.value(HeaderId::te), "trailers");
  return digest_expect(cursor, head);
}

Step parse_all(HeadCursor& cursor, const HeadLimits& limits, RequestHead& head) {
  Step step = parse_request_line(cursor, limits, head);
  if (step != Step::done) return step;
  step = parse_field_lines(cursor, limits, kKinds, head.fields, head.error);
  if (step != Step::done) return step;
  return finish(cursor, head);
}

}  // namespace

ParseStatus parse_request_head(std::string_view buffer, const HeadLimits& limits, std::size_t already_scanned,
                               RequestHead& out) {
  const HeadWindow window(buffer, limits);
  if (window.nothing_new(already_scanned)) return window.need_more();
  HeadCursor cursor = window.cursor();
  out.fields.clear();
  out.error.clear();
  const Step step = parse_all(cursor, limits, out);
  return window.verdict(step, cursor, errors::headers_too_large, out.error);
}

}  // namespace linkspan::http
