#include "gateway/server/exchange.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error_kinds.h"
#include "gateway/server/connection.h"
#include "gateway/server/server.h"
#include "http/problem.h"
#include "http/status.h"

namespace linkspan::gateway {

namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::size_t kMaxProblemBytes = 4096;

// Room that suffices for the head of the response.
std::size_t head_size(const Response& response) {
  constexpr std::size_t kStatusDateLengthConnection = 256;
  constexpr std::size_t kBetweenNameAndValue = 4;
  std::size_t bytes = kStatusDateLengthConnection + response.content_type.size() + response.lines.size();
  for (const ResponseField& field : response.fields) {
    bytes += field.name.size() + field.value.size() + kBetweenNameAndValue;
  }
  return bytes;
}

}  // namespace

Exchange::Exchange(std::size_t max_fields)
    : field_storage_(new http::Field[max_fields]), head_(std::span(field_storage_.get(), max_fields)) {}

void Exchange::recycle() {
  body_.reset();
  input_.clear();
  outbox_.reset();
  scanned_ = 0;
}

const http::IpAddress& Exchange::peer() const {
  return connection_->peer_;
}
bool Exchange::is_tls() const {
  return connection_->stream_.is_tls();
}
const ListenerOptions& Exchange::listener() const {
  return *connection_->listener_;
}
io::Stream& Exchange::client() {
  return connection_->stream_;
}
io::Waiter& Exchange::waiter() {
  return connection_->waiter_;
}
io::Loop& Exchange::loop() {
  return connection_->server_.loop();
}
BufferPool& Exchange::buffers() {
  return connection_->server_.buffers();
}
Server& Exchange::server() {
  return connection_->server_;
}

void Exchange::rewind_body() {
  input_.at = body_at_;
  body_.rewind();
}

// So that an answer which does not need the body costs no connection where the body is already here.
void Exchange::skip_buffered_body() {
  while (!body_.finished() && !input_.empty()) {
    const BodyPiece piece =
        body_.next(client(), input_, loop().read_scratch(), buffers(), BodySource::Form::payload);
    if (piece.state != BodyState::data) return;
  }
}

bool Exchange::may_keep_alive() const {
  const Server& server = connection_->server_;
  const std::uint32_t max_requests = server.limits().max_requests_per_connection;
  return !close_ && !malformed_ && head_.keep_alive && !server.draining() &&
         (max_requests == 0 || connection_->requests_ < max_requests);
}

void Exchange::write_connection_field(http::HeadWriter& out) const {
  if (close_) {
    out.raw("Connection: close\r\n");
  } else if (!malformed_ && head_.version_minor == 0) {
    out.raw("Connection: keep-alive\r\n");
  }
}

void Exchange::write_date_field(http::HeadWriter& out) const {
  out.field("Date", connection_->server_.date());
}

io::Task<bool> Exchange::flush() {
  io::Stream& stream = client();
  const std::int64_t timeout_ns = server().limits().send_timeout_ns;
  MonotonicNs deadline = loop().now() + timeout_ns;
  while (!outbox_->empty()) {
    const std::uint64_t before = outbox_->bytes_sent();
    if (!outbox_->flush()) co_return false;
    if (outbox_->empty()) break;
    if (outbox_->bytes_sent() != before) deadline = loop().now() + timeout_ns;
    const io::Wake wake = co_await waiter().wait(deadline);
    if (stream.broken()) co_return false;
    if (wake == io::Wake::timeout) {
      if (!outbox_->peer_took_some()) co_return false;
      deadline = loop().now() + timeout_ns;
    }
  }
  co_return true;
}

io::Task<void> Exchange::send_all(std::string_view head, std::string_view body) {
  response_state_ = ResponseState::started;
  // The outbox would copy what the kernel does not take at once: offer a long body in pieces.
  const std::size_t piece = std::max<std::size_t>(server().limits().max_buffer_bytes, BufferPool::kSmallest);
  bool alive = true;
  if (!outbox_->empty()) alive = co_await flush();  // the rest of an interim answer
  if (alive) alive = outbox_->send(head, body.substr(0, piece));
  body.remove_prefix(std::min(piece, body.size()));
  while (alive) {
    if (!outbox_->empty()) alive = co_await flush();
    if (!alive || body.empty()) break;
    alive = outbox_->send(body.substr(0, piece));
    body.remove_prefix(std::min(piece, body.size()));
  }
  response_state_ = alive ? ResponseState::complete : ResponseState::broken;
}

io::Task<void> Exchange::respond(Response response) {
  status_ = response.status;
  if (!malformed_) skip_buffered_body();
  if (!may_keep_alive() || !body_.finished()) close_ = true;
  Buffer buffer = buffers().acquire(head_size(response));
  http::HeadWriter out({buffer.data(), buffer.capacity()});
  out.status_line(response.status);
  write_date_field(out);
  if (!response.content_type.empty()) out.field("Content-Type", response.content_type);
  const bool bodiless = http::never_has_body(response.status);
  if (!bodiless) out.content_length(response.body.size());
  for (const ResponseField& field : response.fields) out.checked_field(field.name, field.value);
  out.raw(response.lines);
  write_connection_field(out);
  out.end();
  if (!out.ok()) {
    server().log().error("response fields do not fit, request not answered", {{"status", response.status}});
    response_state_ = ResponseState::broken;
    co_return;
  }
  const bool head_only = bodiless || (!malformed_ && head_.method == http::Method::head);
  io::Task<void> sending = send_all(out.written(), head_only ? std::string_view() : response.body);
  co_await sending;
}

io::Task<void> Exchange::respond_problem(const ErrorKind& kind, std::string_view detail,
                                         std::span<const ResponseField> fields) {
  const std::string_view accept =
      malformed_ ? std::string_view() : head_.fields.value(http::HeaderId::accept);
  const http::ProblemFormat format = http::problem_format(accept);
  const http::Problem problem{.kind = &kind, .detail = detail, .instance = request_id_, .extensions = {}};
  Buffer buffer = buffers().acquire(kMaxProblemBytes);
  const std::string_view body = http::render_problem(problem, format, {buffer.data(), kMaxProblemBytes});
  const Response response{.status = kind.status != 0 ? kind.status : 500,
                          .content_type = http::problem_content_type(format),
                          .fields = fields,
                          .lines = {},
                          .body = body};
  io::Task<void> responding = respond(response);
  co_await responding;
}

io::Task<Result<std::string>> Exchange::read_body(std::size_t max_bytes) {
  std::string content;
  if (head_.framing == http::Framing::length && head_.content_length > max_bytes) {
    co_return Error(errors::body_too_large, "the body has " + std::to_string(head_.content_length) +
                                                " bytes; at most " + std::to_string(max_bytes) +
                                                " are taken");
  }
  if (head_.expect_continue && !body_.finished() && input_.empty()) {
    bool sent = outbox_->send(kContinue);
    if (sent && !outbox_->empty()) {
      io::Task<bool> flushing = flush();
      sent = co_await flushing;
    }
    if (!sent) co_return Error(errors::body_incomplete, "the client is gone");
  }
  while (true) {
    const BodyPiece piece =
        body_.next(client(), input_, loop().read_scratch(), buffers(), BodySource::Form::payload);
    if (piece.state == BodyState::end) break;
    if (piece.state == BodyState::failed)
      co_return Error(body_.error_kind(), std::string(body_.error_detail()));
    if (piece.state == BodyState::data) {
      if (content.size() + piece.bytes.size() > max_bytes) {
        co_return Error(errors::body_too_large, "at most " + std::to_string(max_bytes) + " bytes are taken");
      }
      content.append(piece.bytes);
      continue;
    }
    const MonotonicNs deadline = loop().now() + server().limits().body_timeout_ns;
    const io::Wake wake = co_await waiter().wait(deadline);
    if (wake == io::Wake::timeout) co_return Error(errors::request_timeout, "the body stopped coming");
  }
  co_return content;
}

}  // namespace linkspan::gateway
