#include "systems/transfer.h"

#include <array>
#include <string>

#include "base/error_kinds.h"
#include "gateway/server/server.h"
#include "http/chunked.h"
#include "http/head_writer.h"

namespace linkspan::systems {

using gateway::BodyPiece;
using gateway::BodyState;
using gateway::Exchange;
using gateway::ResponseField;
using gateway::ResponseState;

io::Task<void> send_answer(Exchange& exchange, const Answer& answer, std::string_view served_by,
                           std::span<const ResponseField> more) {
  std::array<ResponseField, 6> fields;
  std::size_t count = 0;
  fields[count++] = {"X-Served-By", served_by};
  if (!answer.location.empty()) fields[count++] = {"Location", answer.location};
  for (const ResponseField& field : more) {
    if (count < fields.size()) fields[count++] = field;
  }
  const bool has_body = answer.status != 204;
  const gateway::Response response{.status = answer.status,
                                   .content_type = has_body ? answer.content_type : std::string_view(),
                                   .fields = std::span(fields).first(count),
                                   .body = answer.body};
  io::Task<void> responding = exchange.respond(response);
  co_await responding;
}

io::Task<bool> delay(Exchange& exchange, std::int64_t ms) {
  const MonotonicNs until = exchange.loop().now() + ms * kNsPerMs;
  while (exchange.loop().now() < until) {
    co_await exchange.waiter().wait(until);
    if (exchange.client().broken()) {
      exchange.set_response_state(ResponseState::broken);
      co_return false;
    }
  }
  co_return true;
}

io::Task<bool> invite_body(Exchange& exchange) {
  if (!exchange.request().expect_continue || exchange.body().finished() || !exchange.input().empty())
    co_return true;
  io::Task<bool> sending = send_bytes(exchange, "HTTP/1.1 100 Continue\r\n\r\n");
  const bool sent = co_await sending;
  co_return sent;
}

io::Task<BodyPiece> next_piece(Exchange& exchange) {
  while (true) {
    const BodyPiece piece =
        exchange.body().next(exchange.client(), exchange.input(), exchange.loop().read_scratch(),
                             exchange.buffers(), gateway::BodySource::Form::payload);
    if (piece.state != BodyState::would_block) co_return piece;
    const MonotonicNs deadline = exchange.loop().now() + exchange.server().limits().body_timeout_ns;
    const io::Wake wake = co_await exchange.waiter().wait(deadline);
    if (wake == io::Wake::timeout) co_return BodyPiece{BodyState::failed, {}};
  }
}

bool is_chunked(const Exchange& exchange, const StreamHead& head) {
  return !head.content_length && exchange.request().version_minor != 0;
}

io::Task<bool> send_head(Exchange& exchange, StreamHead head) {
  const bool until_close = !head.content_length && exchange.request().version_minor == 0;
  if (until_close || !exchange.may_keep_alive()) exchange.set_close();
  std::array<char, 1024> space;
  http::HeadWriter out(space);
  out.status_line(head.status);
  exchange.write_date_field(out);
  if (!head.content_type.empty()) out.checked_field("Content-Type", head.content_type);
  if (head.content_length) {
    out.content_length(*head.content_length);
  } else if (!until_close) {
    out.field("Transfer-Encoding", "chunked");
  }
  exchange.write_connection_field(out);
  out.end();
  exchange.set_status(head.status);
  exchange.set_response_state(out.ok() ? ResponseState::started : ResponseState::broken);
  if (!out.ok()) co_return false;
  io::Task<bool> sending = send_bytes(exchange, out.written());
  const bool sent = co_await sending;
  co_return sent;
}

io::Task<bool> send_bytes(Exchange& exchange, std::string_view bytes) {
  bool alive = exchange.outbox().send(bytes);
  if (alive && !exchange.outbox().empty()) {
    io::Task<bool> flushing = exchange.flush();
    alive = co_await flushing;
  }
  if (!alive) exchange.set_response_state(ResponseState::broken);
  co_return alive;
}

io::Task<bool> send_chunk(Exchange& exchange, std::string_view bytes) {
  std::string chunk;
  if (bytes.empty()) {
    chunk = http::kLastChunk;
  } else {
    std::array<char, http::kMaxChunkHeaderBytes> header;
    chunk.assign(header.data(), http::write_chunk_header(bytes.size(), header.data()));
    chunk += bytes;
    chunk += http::kChunkEnd;
  }
  io::Task<bool> sending = send_bytes(exchange, chunk);
  const bool sent = co_await sending;
  co_return sent;
}

void complete(Exchange& exchange) {
  if (!exchange.body().finished()) exchange.set_close();
  exchange.set_response_state(ResponseState::complete);
}

}  // namespace linkspan::systems
