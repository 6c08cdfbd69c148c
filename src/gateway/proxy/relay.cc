#include "gateway/proxy/relay.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error_kinds.h"
#include "gateway/proxy/request_writer.h"
#include "gateway/server/server.h"
#include "upstream/server.h"

namespace linkspan::gateway {

namespace {

// Turns that one exchange may take before others get theirs.
constexpr int kMaxTurns = 16;
// Bodies up to this size are copied behind their head: cheaper than a gathering write.
constexpr std::size_t kJoinBytes = 4096;
constexpr std::size_t kMaxReadBytes = 72 * 1024;
// Of answers, whatever a config allows to requests: a head that comes in parts is put together in 64 KiB, so
// that no read into what is left of them brings more than kMaxReadBytes.
constexpr http::HeadLimits kHeadLimits{
    .max_header_bytes = 48 * 1024, .max_target_bytes = 0, .max_fields = 256};
// What a coding may add to the bytes of one read: a chunk's header and end.
constexpr std::size_t kCodingBytes = http::kMaxChunkHeaderBytes + http::kChunkEnd.size();
static_assert(kMaxReadBytes + kCodingBytes <= io::Loop::kScratchBytes);

MonotonicNs earlier(MonotonicNs a, MonotonicNs b) {
  if (a == io::Waiter::kNever) return b;
  return b == io::Waiter::kNever ? a : std::min(a, b);
}

bool is_event_stream(const http::ResponseHead& head) {
  return head.fields.value(http::HeaderId::content_type).starts_with("text/event-stream");
}

}  // namespace

void Relay::start(upstream::Connection& connection, const Settings& settings, const ResponseRules& rules,
                  std::string_view head, void* owner, AcceptStatus accept) {
  connection_ = &connection;
  settings_ = settings;
  settings_.max_read_bytes = std::min(settings.max_read_bytes + BufferPool::kSmallest, kMaxReadBytes);
  rules_ = rules;
  owner_ = owner;
  accept_ = accept;
  to_server_.emplace(connection.stream, exchange_.buffers());
  started_ns_ = moved_ns_ = exchange_.loop().now();
  std::string_view body;
  if (!exchange_.body().finished() && !exchange_.input().empty()) {
    const BodyPiece piece =
        exchange_.body().next(exchange_.client(), exchange_.input(),
                              exchange_.loop().read_scratch().first(settings_.max_read_bytes),
                              exchange_.buffers(), BodySource::Form::raw);
    if (piece.state == BodyState::failed) {
      fail_client(exchange_.body().error_kind(), exchange_.body().error_detail());
      return;
    }
    body = piece.bytes;
  }
  const bool alive = body.empty() ? to_server_->send(head) : to_server_->send(head, body);
  if (alive) {
    note_sent();
  } else {
    request_stopped_ = true;
  }
}

void Relay::step() {
  yields_ = false;
  // In a tunnel that the server has ended, the client's connection is broken as soon as the client ends it
  // too; its last bytes are still to be read.
  if (exchange_.client().broken() && (phase_ != Phase::tunnel || server_open_)) {
    fail_client(errors::client_closed, "the client closed the connection");
    return;
  }
  for (int turn = 0; turn < kMaxTurns; ++turn) {
    moved_ = false;
    if (phase_ == Phase::tunnel) {
      pump_tunnel();
    } else {
      pump_request();
      if (finished()) return;
      if (phase_ == Phase::head) {
        if (!exchange_.outbox().empty()) flush_to_client();  // an interim answer
        if (!finished()) read_head();
      } else {
        read_body();
      }
    }
    if (finished() || !moved_) return;
  }
  yields_ = true;
}

void Relay::note_moved() {
  moved_ = true;
  moved_ns_ = exchange_.loop().now();
}

// --- The request, client to server.

void Relay::note_sent() {
  if (!exchange_.body().finished() || !to_server_->empty()) return;
  request_done_ = true;
  sent_ns_ = exchange_.loop().now();
}

void Relay::pump_request() {
  if (request_done_ || request_stopped_) return;
  if (!to_server_->empty()) {
    const std::uint64_t before = to_server_->bytes_sent();
    if (!to_server_->flush()) {
      request_stopped_ = true;
      return;
    }
    if (to_server_->bytes_sent() != before) note_moved();
    if (!to_server_->empty()) return;
  }
  BodySource& body = exchange_.body();
  const BodyPiece piece = body.next(exchange_.client(), exchange_.input(),
                                    exchange_.loop().read_scratch().first(settings_.max_read_bytes),
                                    exchange_.buffers(), BodySource::Form::raw);
  waits_for_client_ = piece.state == BodyState::would_block;
  if (piece.state == BodyState::data) {
    note_moved();
    if (!to_server_->send(piece.bytes)) request_stopped_ = true;
  } else if (piece.state == BodyState::failed) {
    fail_client(body.error_kind(), body.error_detail());
    return;
  }
  note_sent();
}

// --- The answer's head, server to client.

void Relay::read_head() {
  io::Stream& stream = connection_->stream;
  if (!stream.may_read()) return;
  std::span<char> space = exchange_.loop().read_scratch().first(settings_.max_read_bytes);
  if (head_used_ != 0) {
    if (head_used_ == head_buffer_.capacity()) {
      Buffer larger = exchange_.buffers().acquire(head_buffer_.capacity() * 2);
      std::memcpy(larger.data(), head_buffer_.data(), head_used_);
      head_buffer_ = std::move(larger);
    }
    space = {head_buffer_.data() + head_used_, head_buffer_.capacity() - head_used_};
  }
  const io::IoResult result = stream.read(space);
  if (result.status == io::IoStatus::would_block) return;
  if (result.status != io::IoStatus::ok) {
    on_server_end(result);
    return;
  }
  note_moved();
  if (first_byte_ns_ < 0) first_byte_ns_ = moved_ns_;
  if (head_used_ != 0) {
    head_used_ += result.bytes;
    parse_heads({head_buffer_.data(), head_used_});
  } else {
    parse_heads({space.data(), result.bytes});
  }
}

void Relay::parse_heads(std::string_view bytes) {
  while (true) {
    const http::ParseStatus status =
        http::parse_response_head(bytes, exchange_.request().method, kHeadLimits, head_scanned_, head_);
    if (status.state == http::ParseState::error) {
      fail_server(upstream::Failure::bad_response, errors::upstream_bad_response, head_.error.detail());
      return;
    }
    if (status.state == http::ParseState::need_more) {
      head_scanned_ = status.bytes;
      keep_partial_head(bytes);
      return;
    }
    head_scanned_ = 0;
    if (!head_.interim) {
      on_head(bytes.substr(status.bytes));
      head_used_ = 0;
      head_buffer_.release();
      return;
    }
    relay_interim();
    bytes.remove_prefix(status.bytes);
    if (finished()) return;
    if (bytes.empty()) {
      head_used_ = 0;
      return;
    }
  }
}

void Relay::keep_partial_head(std::string_view bytes) {
  if (head_used_ == 0) {
    if (head_buffer_.capacity() < bytes.size() + 1)
      head_buffer_ = exchange_.buffers().acquire(bytes.size() + 1);
  }
  std::memmove(head_buffer_.data(), bytes.data(), bytes.size());
  head_used_ = bytes.size();
}

// 1xx (RFC 9110 section 15.2): passed on to a client that can take it, and 100 to one that asked.
void Relay::relay_interim() {
  const http::RequestHead& request = exchange_.request();
  if (request.version_minor == 0 || (head_.status == 100 && !request.expect_continue)) return;
  if (!exchange_.outbox().empty()) return;
  http::HeadWriter out(exchange_.loop().write_scratch());
  out.status_line(head_.status);
  http::CopyRules copied = response_copy_rules(*rules_.target);
  copied.drop.add(http::HeaderId::content_length);  // RFC 9110 section 8.6
  http::copy_end_to_end(head_.fields, copied, out);
  out.end();
  if (!out.ok()) return;
  interim_sent_ = true;
  if (head_.status == 100) continue_sent_ = true;
  if (!exchange_.outbox().send(out.written()))
    fail_client(errors::client_closed, "the client closed the connection");
}

void Relay::on_head(std::string_view rest) {
  status_ = head_.status;
  if (head_.switches_protocol && !asks_for_upgrade(exchange_.request())) {
    fail_server(upstream::Failure::bad_response, errors::upstream_bad_response,
                "it switches protocols (101) although the request did not ask for it");
    return;
  }
  if (!head_.switches_protocol && !accept_(owner_, status_)) {
    const bool whole = head_.framing == http::Framing::none ||
                       (head_.framing == http::Framing::length && rest.size() == head_.content_length);
    reusable_ = whole && head_.keep_alive && request_done_;
    end_ = RelayEnd::rejected_status;
    return;
  }
  coding_ = choose_coding(head_, exchange_.request().version_minor);
  framing_ = head_.framing;
  left_ = head_.content_length;
  server_keeps_alive_ = head_.keep_alive;
  if (framing_ == http::Framing::chunked) {
    decoder_.emplace(http::MessageSide::response, trailers_);
    decoder_->drop_trailers(response_copy_rules(*rules_.target));
  }
  if (is_event_stream(head_)) settings_.total_deadline_ns = io::Waiter::kNever;
  const bool closes = coding_ == BodyCoding::until_close || coding_ == BodyCoding::decode_chunks ||
                      !exchange_.body().finished() || !exchange_.may_keep_alive();
  if (closes || head_.switches_protocol) exchange_.set_close();
  exchange_.set_status(status_);

  http::HeadWriter out(exchange_.loop().write_scratch());
  write_response_head(exchange_, head_, rules_, coding_, out);
  if (!out.ok()) {
    fail_server(upstream::Failure::bad_response, errors::upstream_bad_response,
                "its header section is too large to pass on");
    return;
  }
  exchange_.set_response_state(ResponseState::started);
  if (head_.switches_protocol) {
    phase_ = Phase::tunnel;
    send_to_client(out.written(), rest);
  } else {
    phase_ = Phase::body;
    relay_body(out.written(), rest);
  }
}

// --- The answer's body.

void Relay::flush_to_client() {
  Outbox& out = exchange_.outbox();
  const std::uint64_t before = out.bytes_sent();
  if (!out.flush()) {
    fail_client(errors::client_closed, "the client closed the connection");
  } else if (out.bytes_sent() != before) {
    note_moved();
  }
}

void Relay::read_body() {
  if (!exchange_.outbox().empty()) {
    flush_to_client();
    if (finished() || !exchange_.outbox().empty()) return;
  }
  if (response_received_) {
    end_if_delivered();
    return;
  }
  io::Stream& stream = connection_->stream;
  if (!stream.may_read()) return;
  const std::span<char> space = exchange_.loop().read_scratch().first(settings_.max_read_bytes);
  const io::IoResult result = stream.read(space);
  if (result.status == io::IoStatus::would_block) return;
  if (result.status != io::IoStatus::ok) {
    on_server_end(result);
    return;
  }
  note_moved();
  relay_body({}, {space.data(), result.bytes});
}

// `head`, if any, is at the beginning of the write scratch; what a coding makes of `bytes` goes behind it.
void Relay::relay_body(std::string_view head, std::string_view bytes) {
  std::span<char> space = exchange_.loop().write_scratch();
  if (space.size() - head.size() < bytes.size() + kCodingBytes) {
    send_to_client(head, {});
    if (finished()) return;
    head = {};
  }
  space = space.subspan(head.size());
  std::string_view body;
  switch (framing_) {
    case http::Framing::none:
      excess_ = !bytes.empty();
      response_received_ = true;
      break;
    case http::Framing::length:
      excess_ = bytes.size() > left_;
      body = bytes.substr(0, left_);
      left_ -= body.size();
      response_received_ = left_ == 0;
      break;
    case http::Framing::chunked:
      body = take_chunked(bytes, space);
      if (finished()) {
        // Nothing of it has gone out yet, so another answer can take its place.
        if (!head.empty()) exchange_.set_response_state(ResponseState::none);
        return;
      }
      break;
    case http::Framing::until_close:
      body = coding_ == BodyCoding::chunk && !bytes.empty() ? wrap_chunk(bytes, space) : bytes;
      break;
  }
  send_to_client(head, body);
  if (!finished()) end_if_delivered();
}

std::string_view Relay::take_chunked(std::string_view bytes, std::span<char> space) {
  // Usually the whole input is passed on in one piece; otherwise the pieces are joined in `space`.
  std::size_t joined = 0;
  while (!bytes.empty()) {
    const http::ChunkStep step =
        coding_ == BodyCoding::as_is ? decoder_->pass_through(bytes) : decoder_->decode(bytes);
    if (step.state == http::ChunkState::error) {
      fail_server(upstream::Failure::bad_response, errors::upstream_bad_response, decoder_->error().detail());
      return {};
    }
    bytes.remove_prefix(step.consumed);
    response_received_ = step.state == http::ChunkState::end;
    const bool last = bytes.empty() || response_received_;
    if (last && joined == 0) {
      excess_ = !bytes.empty();
      return step.bytes;
    }
    if (step.bytes.size() > space.size() - joined) {
      fail_server(upstream::Failure::bad_response, errors::upstream_bad_response,
                  "its chunks are too small to pass on");
      return {};
    }
    if (!step.bytes.empty()) std::memcpy(space.data() + joined, step.bytes.data(), step.bytes.size());
    joined += step.bytes.size();
    if (response_received_) break;
  }
  excess_ = !bytes.empty();
  return {space.data(), joined};
}

std::string_view Relay::wrap_chunk(std::string_view bytes, std::span<char> space) {
  std::size_t used = http::write_chunk_header(bytes.size(), space.data());
  std::memcpy(space.data() + used, bytes.data(), bytes.size());
  used += bytes.size();
  std::memcpy(space.data() + used, http::kChunkEnd.data(), http::kChunkEnd.size());
  return {space.data(), used + http::kChunkEnd.size()};
}

void Relay::send_to_client(std::string_view head, std::string_view body) {
  Outbox& out = exchange_.outbox();
  // An interim answer may still be on its way out.
  if (!out.empty() && !out.flush()) {
    fail_client(errors::client_closed, "the client closed the connection");
    return;
  }
  bool alive = true;
  if (!out.empty()) {
    alive = out.append(head) && out.append(body);
  } else if (head.empty()) {
    alive = body.empty() || out.send(body);
  } else if (body.data() == head.data() + head.size()) {
    alive = out.send({head.data(), head.size() + body.size()});
  } else if (body.size() <= kJoinBytes) {
    if (!body.empty()) std::memcpy(const_cast<char*>(head.data()) + head.size(), body.data(), body.size());
    alive = out.send({head.data(), head.size() + body.size()});
  } else {
    alive = out.send(head, body);
  }
  if (!alive) fail_client(errors::client_closed, "the client closed the connection");
}

void Relay::end_if_delivered() {
  if (!response_received_ || !exchange_.outbox().empty()) return;
  exchange_.set_response_state(ResponseState::complete);
  reusable_ = server_keeps_alive_ && request_done_ && !excess_;
  end_ = RelayEnd::complete;
}

void Relay::on_server_end(const io::IoResult& result) {
  const bool orderly = result.status == io::IoStatus::closed;
  if (phase_ == Phase::body) {
    if (orderly && framing_ == http::Framing::until_close) {
      response_received_ = true;
      send_to_client({}, coding_ == BodyCoding::chunk ? http::kLastChunk : std::string_view());
      if (!finished()) end_if_delivered();
      return;
    }
    fail_server(upstream::Failure::reset, errors::upstream_incomplete,
                orderly ? "it closed the connection in the middle of its answer"
                        : "the connection broke in the middle of its answer");
  } else if (head_used_ != 0) {
    fail_server(upstream::Failure::reset, errors::upstream_incomplete,
                "it closed the connection in the middle of its answer's header section");
  } else {
    const bool stale = connection_->reused() && first_byte_ns_ < 0;
    fail_server(stale ? upstream::Failure::stale : upstream::Failure::reset, errors::upstream_reset,
                orderly ? "it closed the connection without an answer" : "it reset the connection");
  }
}

// --- After 101: bytes both ways until both sides are done.

void Relay::pump_tunnel() {
  InputBuffer& input = exchange_.input();
  if (to_server_->empty() && !input.empty()) {
    note_moved();
    if (!to_server_->send(input.unread())) server_open_ = client_open_ = false;
    input.at = input.end;
  }
  pump_one_way(exchange_.client(), *to_server_, connection_->stream, client_open_);
  pump_one_way(connection_->stream, exchange_.outbox(), exchange_.client(), server_open_);
  if (client_open_ || server_open_ || !to_server_->empty() || !exchange_.outbox().empty()) return;
  exchange_.set_response_state(ResponseState::complete);
  end_ = RelayEnd::tunnel;
}

void Relay::pump_one_way(io::Stream& from, Outbox& to, io::Stream& to_stream, bool& open) {
  if (!to.empty()) {
    const std::uint64_t before = to.bytes_sent();
    if (!to.flush()) {
      fail_client(errors::client_closed, "one side of the tunnel closed");
      return;
    }
    if (to.bytes_sent() != before) note_moved();
    if (!to.empty()) return;
    if (!open) to_stream.shutdown_write();
  }
  if (!open || !from.may_read()) return;
  const std::span<char> space = exchange_.loop().read_scratch().first(settings_.max_read_bytes);
  const io::IoResult result = from.read(space);
  if (result.status == io::IoStatus::would_block) return;
  note_moved();
  if (result.status == io::IoStatus::ok) {
    if (!to.send({space.data(), result.bytes}))
      fail_client(errors::client_closed, "one side of the tunnel closed");
    return;
  }
  open = false;
  if (to.empty()) to_stream.shutdown_write();
}

// --- Time and failure.

bool Relay::waits_for_client() const {
  if (!waits_for_client_ || request_done_ || request_stopped_) return false;
  // A client that asked waits for the server's 100 (Continue) itself.
  const http::RequestHead& request = exchange_.request();
  const bool asked = request.expect_continue && request.version_minor != 0 && !continue_sent_;
  return !asked || exchange_.body().payload_bytes() != 0;
}

MonotonicNs Relay::deadline() const {
  const ServerLimits& limits = exchange_.server().limits();
  if (phase_ == Phase::tunnel) return moved_ns_ + settings_.timeouts.idle_ns;
  MonotonicNs next = moved_ns_ + settings_.timeouts.idle_ns;
  if (!exchange_.outbox().empty()) {
    next = moved_ns_ + limits.send_timeout_ns;
  } else if (phase_ == Phase::head) {
    next = request_done_
               ? sent_ns_ + settings_.timeouts.first_byte_ns
               : moved_ns_ + (waits_for_client() ? limits.body_timeout_ns : settings_.timeouts.first_byte_ns);
  }
  return earlier(next, settings_.total_deadline_ns);
}

// Charged to the side that is waited for: a client that takes or sends slowly says nothing about the server.
void Relay::on_timeout() {
  const MonotonicNs now = exchange_.loop().now();
  if (phase_ == Phase::tunnel) {
    exchange_.set_response_state(ResponseState::complete);
    end_ = RelayEnd::tunnel;
    return;
  }
  const bool total = settings_.total_deadline_ns != io::Waiter::kNever && now >= settings_.total_deadline_ns;
  if (!exchange_.outbox().empty()) {
    if (!total && exchange_.outbox().peer_took_some()) {
      note_moved();
    } else {
      fail_client(errors::client_closed, "the client did not take the answer in time");
    }
  } else if (waits_for_client()) {
    fail_client(errors::request_timeout, total ? "the request's body did not come within the total timeout"
                                               : "the request's body stopped coming");
  } else if (total) {
    fail_server(upstream::Failure::timeout, errors::upstream_timeout_total,
                "the exchange took longer than its total timeout");
  } else if (phase_ == Phase::body) {
    fail_server(upstream::Failure::timeout, errors::upstream_timeout_idle,
                "it stopped in the middle of its answer");
  } else {
    fail_server(upstream::Failure::timeout, errors::upstream_timeout_first_byte,
                "it did not begin to answer within timeout.first_byte");
  }
}

void Relay::fail_server(upstream::Failure failure, const ErrorKind& kind, std::string_view what) {
  failure_ = failure;
  error_kind_ = &kind;
  error_detail_ = "server " + connection_->server().label() + ": ";
  error_detail_ += what;
  end_ = RelayEnd::upstream_failed;
}

void Relay::fail_client(const ErrorKind& kind, std::string_view detail) {
  error_kind_ = &kind;
  error_detail_ = detail;
  end_ = RelayEnd::client_failed;
}

}  // namespace linkspan::gateway
