#include "systems/tools.h"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>

#include <openssl/evp.h>

#include "base/json_writer.h"
#include "base/strings.h"
#include "http/status.h"
#include "systems/transfer.h"
#include "systems/tunnel.h"

namespace linkspan::systems {

using gateway::BodyPiece;
using gateway::BodyState;
using gateway::Exchange;

namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{16} << 30;
constexpr std::size_t kMaxEchoBytes = 16 * 1024 * 1024;
constexpr std::uint64_t kMaxEvents = 1'000'000;
constexpr std::uint64_t kMaxDelayMs = 10 * 60 * 1000;

// "abc...z" over and over: what is missing or doubled in a transfer shows.
const std::string& filler() {
  static const std::string text = [] {
    std::string letters(26 * 2521, '\0');  // close to 64 KiB
    for (std::size_t i = 0; i < letters.size(); ++i) letters[i] = static_cast<char>('a' + i % 26);
    return letters;
  }();
  return text;
}

io::Task<void> refuse(Exchange& exchange, int status, std::string_view message, std::string_view served_by) {
  Answer answer{.status = status};
  JsonStringWriter json(answer.body);
  json.begin_object();
  json.member("error", http::reason_phrase(status));
  json.member("message", message);
  json.end_object();
  io::Task<void> sending = send_answer(exchange, answer, served_by);
  co_await sending;
}

io::Task<void> bytes(Exchange& exchange, std::string_view rest, std::string_view served_by) {
  const auto count = parse_u64(rest);
  if (!count || *count > kMaxBytes) {
    io::Task<void> refusing = refuse(exchange, 400, "a number of bytes is expected", served_by);
    co_await refusing;
    co_return;
  }
  const bool wants_chunks = query_value(exchange.request().query, "chunked").has_value();
  if (*count <= filler().size() && !wants_chunks) {
    const gateway::ResponseField field{"X-Served-By", served_by};
    const gateway::Response whole{
        .content_type = "text/plain",
        .fields = std::span(&field, 1),
        .body = std::string_view(filler()).substr(0, static_cast<std::size_t>(*count))};
    io::Task<void> responding = exchange.respond(whole);
    co_await responding;
    co_return;
  }
  StreamHead head{.content_type = "text/plain", .content_length = *count};
  if (wants_chunks) head.content_length.reset();
  const bool chunked = is_chunked(exchange, head);
  io::Task<bool> heading = send_head(exchange, head);
  bool alive = co_await heading;
  std::uint64_t left = exchange.request().method == http::Method::head ? 0 : *count;
  const bool has_end = chunked && exchange.request().method != http::Method::head;
  while (alive && left > 0) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, filler().size()));
    const std::string_view piece = std::string_view(filler()).substr(0, size);
    left -= size;
    io::Task<bool> sending = chunked ? send_chunk(exchange, piece) : send_bytes(exchange, piece);
    alive = co_await sending;
  }
  if (alive && has_end) {
    io::Task<bool> ending = send_chunk(exchange, {});
    alive = co_await ending;
  }
  if (alive) complete(exchange);
}

io::Task<void> stream(Exchange& exchange, std::string_view rest, std::string_view served_by) {
  const auto count = parse_u64(rest);
  const auto interval_ms = parse_u64(query_value(exchange.request().query, "interval_ms").value_or("100"));
  if (!count || *count > kMaxEvents || !interval_ms || *interval_ms > kMaxDelayMs) {
    io::Task<void> refusing = refuse(exchange, 400, "a number of events is expected", served_by);
    co_await refusing;
    co_return;
  }
  const StreamHead head{.content_type = "text/event-stream"};
  const bool chunked = is_chunked(exchange, head);
  io::Task<bool> heading = send_head(exchange, head);
  bool alive = co_await heading;
  const bool head_only = exchange.request().method == http::Method::head;
  for (std::uint64_t i = 1; alive && !head_only && i <= *count; ++i) {
    const std::string number = std::to_string(i);
    const std::string event = "id: " + number + "\ndata: {\"tick\":" + number + "}\n\n";
    io::Task<bool> sending = chunked ? send_chunk(exchange, event) : send_bytes(exchange, event);
    alive = co_await sending;
    if (!alive || i == *count) break;
    io::Task<bool> pausing = delay(exchange, static_cast<std::int64_t>(*interval_ms));
    alive = co_await pausing;
  }
  if (alive && chunked && !head_only) {
    io::Task<bool> ending = send_chunk(exchange, {});
    alive = co_await ending;
  }
  if (alive) complete(exchange);
}

// Reads what there is of the body and forgets it. False if it did not come whole.
io::Task<bool> discard_body(Exchange& exchange) {
  io::Task<bool> inviting = invite_body(exchange);
  const bool invited = co_await inviting;
  if (!invited) co_return false;
  while (true) {
    io::Task<BodyPiece> reading = next_piece(exchange);
    const BodyPiece piece = co_await reading;
    if (piece.state != BodyState::data) co_return piece.state == BodyState::end;
  }
}

std::string describe(const http::RequestHead& head, std::string_view served_by) {
  std::string text;
  JsonStringWriter json(text);
  json.begin_object();
  json.member("served_by", served_by);
  json.member("method", head.method_name);
  json.member("target", head.target);
  json.member("version", head.version_minor == 0 ? "HTTP/1.0" : "HTTP/1.1");
  json.key("headers");
  json.begin_array();
  for (const http::Field& field : head.fields) {
    json.begin_array();
    json.value(field.name());
    json.value(field.value());
    json.end_array();
  }
  json.end_array();
  json.end_object();
  return text;
}

io::Task<void> headers(Exchange& exchange, std::string_view, std::string_view served_by) {
  const Answer answer{.body = describe(exchange.request(), served_by)};
  io::Task<bool> discarding = discard_body(exchange);
  co_await discarding;
  io::Task<void> sending = send_answer(exchange, answer, served_by);
  co_await sending;
}

io::Task<void> echo_while_reading(Exchange& exchange) {
  const http::RequestHead& request = exchange.request();
  StreamHead head{.content_type = request.fields.value(http::HeaderId::content_type)};
  if (request.framing != http::Framing::chunked) head.content_length = request.content_length;
  const bool chunked = is_chunked(exchange, head);
  io::Task<bool> inviting = invite_body(exchange);
  bool alive = co_await inviting;
  if (!alive) co_return;
  io::Task<bool> heading = send_head(exchange, head);
  alive = co_await heading;
  while (alive) {
    io::Task<BodyPiece> reading = next_piece(exchange);
    const BodyPiece piece = co_await reading;
    if (piece.state == BodyState::failed) exchange.set_response_state(gateway::ResponseState::broken);
    if (piece.state != BodyState::data) break;
    io::Task<bool> sending = chunked ? send_chunk(exchange, piece.bytes) : send_bytes(exchange, piece.bytes);
    alive = co_await sending;
  }
  if (exchange.response_state() == gateway::ResponseState::broken) co_return;
  if (chunked) {
    io::Task<bool> ending = send_chunk(exchange, {});
    alive = co_await ending;
  }
  if (alive) complete(exchange);
}

io::Task<void> echo(Exchange& exchange, std::string_view, std::string_view served_by) {
  if (query_value(exchange.request().query, "stream")) {
    io::Task<void> echoing = echo_while_reading(exchange);
    co_await echoing;
    co_return;
  }
  io::Task<Result<std::string>> reading = exchange.read_body(kMaxEchoBytes);
  Result<std::string> body = co_await reading;
  if (!body) {
    io::Task<void> refusing = exchange.respond_problem(body.error().kind(), body.error().detail());
    co_await refusing;
    co_return;
  }
  const Answer answer{.body = std::move(*body),
                      .content_type = exchange.request().fields.value(http::HeaderId::content_type)};
  io::Task<void> sending = send_answer(exchange, answer, served_by);
  co_await sending;
}

io::Task<void> sink(Exchange& exchange, std::string_view, std::string_view served_by) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::uint64_t count = 0;
  io::Task<bool> inviting = invite_body(exchange);
  const bool invited = co_await inviting;
  if (!invited) co_return;
  while (true) {
    io::Task<BodyPiece> reading = next_piece(exchange);
    const BodyPiece piece = co_await reading;
    if (piece.state == BodyState::end) break;
    if (piece.state == BodyState::failed) {
      io::Task<void> refusing = refuse(exchange, 400, "the body did not come whole", served_by);
      co_await refusing;
      co_return;
    }
    EVP_DigestUpdate(context.get(), piece.bytes.data(), piece.bytes.size());
    count += piece.bytes.size();
  }
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  Answer answer;
  JsonStringWriter json(answer.body);
  json.begin_object();
  json.member("bytes", count);
  json.member("sha256", encode_hex(std::span(digest).first(size)));
  json.end_object();
  io::Task<void> sending = send_answer(exchange, answer, served_by);
  co_await sending;
}

io::Task<void> answer_with(Exchange& exchange, int status, std::string_view served_by) {
  io::Task<bool> discarding = discard_body(exchange);
  co_await discarding;
  Answer answer{.status = status};
  if (!http::never_has_body(status)) answer.body = "{\"status\":" + std::to_string(status) + "}";
  io::Task<void> sending = send_answer(exchange, answer, served_by);
  co_await sending;
}

io::Task<void> status(Exchange& exchange, std::string_view rest, std::string_view served_by) {
  const auto wanted = parse_u64(rest);
  const bool valid = wanted && *wanted >= 200 && *wanted <= 599;
  io::Task<void> answering = answer_with(exchange, valid ? static_cast<int>(*wanted) : 400, served_by);
  co_await answering;
}

io::Task<void> delayed(Exchange& exchange, std::string_view rest, std::string_view served_by) {
  const auto ms = parse_u64(rest);
  const bool valid = ms && *ms <= kMaxDelayMs;
  io::Task<bool> pausing = delay(exchange, valid ? static_cast<std::int64_t>(*ms) : 0);
  const bool alive = co_await pausing;
  if (!alive) co_return;
  io::Task<void> answering = answer_with(exchange, valid ? 200 : 400, served_by);
  co_await answering;
}

struct NamedTool {
  std::string_view name;
  Tool tool;
};
constexpr std::array<NamedTool, 8> kTools = {{{"bytes", &bytes},
                                              {"stream", &stream},
                                              {"headers", &headers},
                                              {"echo", &echo},
                                              {"sink", &sink},
                                              {"status", &status},
                                              {"delay", &delayed},
                                              {"upgrade", &upgrade}}};

}  // namespace

Tool find_tool(std::string_view path, std::string_view& rest) {
  const auto [name, after] = split_once(path.substr(1), '/');
  for (const NamedTool& named : kTools) {
    if (named.name == name) {
      rest = after.value_or(std::string_view());
      return named.tool;
    }
  }
  return nullptr;
}

}  // namespace linkspan::systems
