// Response heads on arbitrary bytes. The first input byte chooses where the rest is split, the second the
// method. Invariants: no split changes an outcome; the fields that go on to the client form a valid response.
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/accept.h"
#include "http/date.h"
#include "http/h1_response.h"
#include "http/head_writer.h"

namespace {

using namespace linkspan::http;

constexpr HeadLimits kLimits{.max_header_bytes = 1024, .max_target_bytes = 256, .max_fields = 16};

void require(bool condition) {
  if (!condition) std::abort();
}

struct Parsed {
  FieldStorage<16> storage;
  ResponseHead head{storage};
  ParseStatus status{};
};

void check_split(std::string_view bytes, std::size_t at, Method method, const Parsed& whole) {
  Parsed split;
  split.status = parse_response_head(bytes.substr(0, at), method, kLimits, 0, split.head);
  if (split.status.state == ParseState::need_more) {
    split.status = parse_response_head(bytes, method, kLimits, split.status.bytes, split.head);
  }
  require(split.status.state == whole.status.state);
  if (whole.status.state == ParseState::error) {
    require(split.head.error.detail() == whole.head.error.detail());
    return;
  }
  require(split.status.bytes == whole.status.bytes);
  if (whole.status.state == ParseState::need_more) return;
  require(split.head.status == whole.head.status && split.head.framing == whole.head.framing);
  require(split.head.content_length == whole.head.content_length &&
          split.head.keep_alive == whole.head.keep_alive);
  require(split.head.fields.size() == whole.head.fields.size());
}

// Lines at the end of the buffer are read another way than those with more behind them.
void check_followed(std::string_view bytes, Method method, const Parsed& alone) {
  if (alone.status.state == ParseState::need_more) return;
  const std::string followed = std::string(bytes) + std::string(64, 'x');
  if (followed.size() > kLimits.max_header_bytes) return;
  Parsed other;
  other.status = parse_response_head(followed, method, kLimits, 0, other.head);
  require(other.status.state == alone.status.state);
  if (alone.status.state == ParseState::error) {
    require(other.head.error.detail() == alone.head.error.detail());
    return;
  }
  require(other.status.bytes == alone.status.bytes && other.head.fields.size() == alone.head.fields.size());
  for (std::size_t i = 0; i < alone.head.fields.size(); ++i) {
    const Field& one = alone.head.fields[i];
    require(one.name() == other.head.fields[i].name() && one.value() == other.head.fields[i].value() &&
            one.id == other.head.fields[i].id && one.rewrite == other.head.fields[i].rewrite);
  }
}

void check_forwarded(const ResponseHead& head) {
  std::array<char, 4096> space;
  HeadWriter out(space);
  out.status_line(head.status);
  copy_end_to_end(head.fields, {}, out);
  if (head.framing == Framing::chunked) out.field("Transfer-Encoding", "chunked");
  out.end();
  require(out.ok());
  Parsed again;
  const std::string sent(out.written());
  again.status =
      parse_response_head(sent, Method::get, {.max_header_bytes = 4096, .max_fields = 16}, 0, again.head);
  if (head.status == 101) return;  // needs its Upgrade written anew
  require(again.status.state == ParseState::complete && again.status.bytes == sent.size());
  require(again.head.status == head.status);
  for (const Field& field : again.head.fields) require(!field.rewrite);
}

void check_values(const ResponseHead& head) {
  for (const Field& field : head.fields) {
    require(is_token(field.name()) && is_field_value(field.value()));
    const auto date = parse_http_date(field.value(), 0);
    if (date && *date >= 0) {
      char text[kHttpDateBytes];
      format_http_date(*date, text);
      require(parse_http_date({text, kHttpDateBytes}, 0) == date);
    }
    const int weight = media_type_weight(field.value(), "application/json");
    require(weight >= 0 && weight <= 1000);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t split = data[0] * bytes.size() / 256;
  const Method method = data[1] % 4 == 0 ? Method::head : Method::get;
  Parsed parsed;
  parsed.status = parse_response_head(bytes, method, kLimits, 0, parsed.head);
  check_split(bytes, split, method, parsed);
  check_followed(
      bytes.substr(0, parsed.status.state == ParseState::complete ? parsed.status.bytes : bytes.size()),
      method, parsed);
  if (parsed.status.state == ParseState::complete) {
    check_forwarded(parsed.head);
    check_values(parsed.head);
  }
  return 0;
}
