// The request path of the HTTP room on arbitrary bytes. The first input byte chooses where the rest is split.
// Invariants: no split changes an outcome; a head written anew from its parts means the same; a normalised
// path is normal; what passes through the chunk decoder is a valid message of the same payload.
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/chunked.h"
#include "http/forwarded.h"
#include "http/h1_request.h"
#include "http/head_writer.h"
#include "http/url.h"

namespace {

using namespace linkspan::http;

constexpr HeadLimits kLimits{.max_header_bytes = 1024, .max_target_bytes = 256, .max_fields = 16};

void require(bool condition) {
  if (!condition) std::abort();
}

struct Parsed {
  FieldStorage<16> storage;
  RequestHead head{storage};
  ParseStatus status{};
};

bool same_meaning(const RequestHead& a, const RequestHead& b) {
  bool same = a.method_name == b.method_name && a.path == b.path && a.query == b.query &&
              a.has_query == b.has_query && a.authority == b.authority && a.host == b.host &&
              a.port == b.port && a.framing == b.framing && a.content_length == b.content_length &&
              a.keep_alive == b.keep_alive && a.expect_continue == b.expect_continue &&
              a.upgrade == b.upgrade && a.accepts_trailers == b.accepts_trailers &&
              a.fields.size() == b.fields.size();
  for (std::size_t i = 0; same && i < a.fields.size(); ++i) {
    same = a.fields[i].name() == b.fields[i].name() && a.fields[i].value() == b.fields[i].value() &&
           a.fields[i].id == b.fields[i].id && a.fields[i].connection_named == b.fields[i].connection_named;
  }
  return same;
}

void check_split(std::string_view bytes, std::size_t at, const Parsed& whole) {
  Parsed split;
  split.status = parse_request_head(bytes.substr(0, at), kLimits, 0, split.head);
  if (split.status.state == ParseState::need_more) {
    split.status = parse_request_head(bytes, kLimits, split.status.bytes, split.head);
  }
  require(split.status.state == whole.status.state);
  if (whole.status.state == ParseState::error) {
    require(&split.head.error.kind() == &whole.head.error.kind());
    require(split.head.error.detail() == whole.head.error.detail());
  } else {
    require(split.status.bytes == whole.status.bytes);
  }
  if (whole.status.state == ParseState::complete) require(same_meaning(split.head, whole.head));
}

// Lines at the end of the buffer are read another way than those with more behind them.
void check_followed(std::string_view bytes, const Parsed& alone) {
  if (alone.status.state == ParseState::need_more) return;
  const std::string followed = std::string(bytes) + std::string(64, 'x');
  if (followed.size() > kLimits.max_header_bytes) return;
  Parsed other;
  other.status = parse_request_head(followed, kLimits, 0, other.head);
  require(other.status.state == alone.status.state);
  if (alone.status.state == ParseState::complete) {
    require(other.status.bytes == alone.status.bytes && same_meaning(other.head, alone.head));
  } else {
    require(other.head.error.detail() == alone.head.error.detail());
  }
}

void check_rewritten(const Parsed& parsed) {
  std::string written;
  written.append(parsed.head.method_name).append(" ").append(parsed.head.target);
  written.append(parsed.head.version_minor == 0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
  for (const Field& field : parsed.head.fields) {
    written.append(field.name()).append(": ").append(field.value()).append("\r\n");
  }
  written += "\r\n";
  Parsed again;
  constexpr HeadLimits kRoomy{.max_header_bytes = 4096, .max_target_bytes = 256, .max_fields = 16};
  again.status = parse_request_head(written, kRoomy, 0, again.head);
  require(again.status.state == ParseState::complete && again.status.bytes == written.size());
  require(same_meaning(again.head, parsed.head));
}

// What goes upstream parses, and carries no field of this connection.
void check_forwarded(const Parsed& parsed) {
  std::array<char, 8192> space;
  HeadWriter out(space);
  out.request_line("GET", "/");
  out.field("Host", "upstream.example");
  copy_end_to_end(parsed.head.fields,
                  {.drop = HeaderSet{HeaderId::host, HeaderId::expect} | kForwardedHeaders, .drop_names = {}},
                  out);
  write_forwarded(parsed.head.fields, "192.0.2.1", false, parsed.head.authority,
                  {.forwarded = true, .peer_trusted = true}, out);
  out.end();
  require(out.ok());
  FieldStorage<32> storage;
  RequestHead head(storage);
  const std::string sent(out.written());
  require(parse_request_head(sent, {.max_header_bytes = 8192}, 0, head).state == ParseState::complete);
  require(!head.fields.present().intersects(kHopByHop));

  NetworkSet trusted;
  if (!trusted.add("::/0").ok()) std::abort();
  (void)client_info(parsed.head.fields, IpAddress::v4({192, 0, 2, 1}), false, trusted);
  (void)via_count(parsed.head.fields, "linkspan");
}

void check_path(const RequestHead& head) {
  if (head.target_form == TargetForm::asterisk) return;
  std::string scratch(head.path.size(), '\0');
  ProtocolError error;
  const std::string once(normalize_path(head.path, scratch, error));
  require(once.empty() == error.is_set());
  if (once.empty()) return;
  require(once.find("/../") == std::string::npos && !once.ends_with("/..") &&
          once.find('\\') == std::string::npos);
  std::string scratch_again(once.size(), '\0');
  require(normalize_path(once, scratch_again, error) == once);
}

std::string read_body(std::string_view body, std::size_t split,
                      ChunkStep (ChunkedDecoder::*read)(std::string_view), ChunkState& state,
                      std::string& trailers) {
  std::array<char, 128> storage;
  ChunkedDecoder decoder(MessageSide::request, storage);
  std::string out;
  for (std::string_view input : {body.substr(0, split), body.substr(split)}) {
    do {
      const ChunkStep step = (decoder.*read)(input);
      require(step.consumed <= input.size());
      out += step.bytes;
      state = step.state;
      input.remove_prefix(step.consumed);
    } while (state == ChunkState::data);
    if (state != ChunkState::need_more) break;
  }
  trailers = decoder.trailers();
  return out;
}

void check_chunked(std::string_view body, std::size_t split) {
  ChunkState whole_state{};
  ChunkState split_state{};
  ChunkState passed_state{};
  std::string trailers;
  std::string other_trailers;
  const std::string payload = read_body(body, body.size(), &ChunkedDecoder::decode, whole_state, trailers);
  const std::string again = read_body(body, split, &ChunkedDecoder::decode, split_state, other_trailers);
  require(whole_state == split_state && payload == again && trailers == other_trailers);
  const std::string passed =
      read_body(body, split, &ChunkedDecoder::pass_through, passed_state, other_trailers);
  require(passed_state == whole_state);
  if (passed_state != ChunkState::end) return;
  require(read_body(passed, passed.size(), &ChunkedDecoder::decode, passed_state, other_trailers) == payload);
  require(passed_state == ChunkState::end && trailers == other_trailers);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t split = data[0] * bytes.size() / 256;
  Parsed parsed;
  parsed.status = parse_request_head(bytes, kLimits, 0, parsed.head);
  check_split(bytes, split, parsed);
  check_followed(
      bytes.substr(0, parsed.status.state == ParseState::complete ? parsed.status.bytes : bytes.size()),
      parsed);
  if (parsed.status.state == ParseState::complete) {
    check_rewritten(parsed);
    check_forwarded(parsed);
    check_path(parsed.head);
    const std::string_view body = bytes.substr(parsed.status.bytes);
    check_chunked(body, split < body.size() ? split : body.size());
  }
  check_chunked(bytes, split);
  return 0;
}
