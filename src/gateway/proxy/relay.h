// One attempt at one server: the request on its way to it and the answer on its way back, at the same time,
// with at most one buffer of each held back. step() moves whatever can be moved and never waits; the
// exchange's coroutine waits in between. Plain code over two streams; used by the worker's thread.
//
// Order of events: start() sends the head, with what of the body is there; step() until finished(); then
// outcome() and the error say what became of it, and reusable() whether the connection may carry another
// exchange.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "gateway/proxy/response_writer.h"
#include "gateway/server/exchange.h"
#include "gateway/server/outbox.h"
#include "http/chunked.h"
#include "http/h1_response.h"
#include "upstream/connection.h"
#include "upstream/retry.h"
#include "upstream/settings.h"

namespace linkspan::gateway {

// How an attempt ended.
enum class RelayEnd : std::uint8_t {
  none,             // still under way
  complete,         // the answer has been relayed
  tunnel,           // 101: both sides now speak another protocol
  rejected_status,  // an answer that the caller may want to replace by a retry; nothing has been relayed
  upstream_failed,  // see failure()
  client_failed     // the client left (error_kind() is client_closed), or its body was wrong
};

class Relay {
 public:
  // What decides about an answer before any of it is relayed: true keeps it, false ends with rejected_status.
  using AcceptStatus = bool (*)(void* owner, int status);

  struct Settings {
    upstream::Timeouts timeouts;
    MonotonicNs total_deadline_ns = io::Waiter::kNever;
    std::size_t max_read_bytes = 64 * 1024;
  };

  Relay(Exchange& exchange, http::ResponseHead& head_space) : exchange_(exchange), head_(head_space) {}
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // Begins: `head` is the whole request head for the server (used within the call only).
  void start(upstream::Connection& connection, const Settings& settings, const ResponseRules& rules,
             std::string_view head, void* owner, AcceptStatus accept);
  // Moves on as far as both sides allow.
  void step();
  bool finished() const { return end_ != RelayEnd::none; }
  // It could go on at once, but others should get their turn.
  bool yields() const { return yields_; }
  // Loop time by which something must happen, and what it means that it did not.
  MonotonicNs deadline() const;
  void on_timeout();

  RelayEnd end() const { return end_; }
  upstream::Failure failure() const { return failure_; }
  const ErrorKind& error_kind() const { return *error_kind_; }  // of the two failed ends
  const std::string& error_detail() const { return error_detail_; }
  int status() const { return status_; }
  bool request_bytes_sent() const { return to_server_.has_value() && to_server_->bytes_sent() != 0; }
  bool interim_sent() const { return interim_sent_; }  // the client has got a 1xx of this server
  bool reusable() const { return reusable_; }
  MonotonicNs sent_ns() const { return sent_ns_; }              // the request was sent; -1: not yet
  MonotonicNs first_byte_ns() const { return first_byte_ns_; }  // of the answer; -1: none

 private:
  enum class Phase : std::uint8_t { head, body, tunnel };

  void pump_request();
  void note_sent();
  void read_head();
  void parse_heads(std::string_view bytes);
  void keep_partial_head(std::string_view bytes);
  void relay_interim();
  void on_head(std::string_view rest);
  void flush_to_client();
  void read_body();
  void relay_body(std::string_view head, std::string_view bytes);
  std::string_view take_chunked(std::string_view bytes, std::span<char> space);
  std::string_view wrap_chunk(std::string_view bytes, std::span<char> space);
  void send_to_client(std::string_view head, std::string_view body);
  void on_server_end(const io::IoResult& result);
  void end_if_delivered();
  void pump_tunnel();
  void pump_one_way(io::Stream& from, Outbox& to, io::Stream& to_stream, bool& open);
  void note_moved();
  bool waits_for_client() const;
  void fail_server(upstream::Failure failure, const ErrorKind& kind, std::string_view what);
  void fail_client(const ErrorKind& kind, std::string_view detail);

  Exchange& exchange_;
  http::ResponseHead& head_;  // used within one step only: shared by the worker's exchanges
  upstream::Connection* connection_ = nullptr;
  Settings settings_;
  ResponseRules rules_;
  void* owner_ = nullptr;
  AcceptStatus accept_ = nullptr;
  std::optional<Outbox> to_server_;

  RelayEnd end_ = RelayEnd::none;
  upstream::Failure failure_ = upstream::Failure::reset;
  const ErrorKind* error_kind_ = nullptr;
  std::string error_detail_;

  Phase phase_ = Phase::head;
  bool moved_ = false;
  bool yields_ = false;
  bool request_done_ = false;
  bool request_stopped_ = false;    // the server takes no more of it, but may still answer
  bool waits_for_client_ = false;   // there was nothing to read of the request's body
  bool response_received_ = false;  // all of it; the client may not have it yet
  bool excess_ = false;             // the server sent more than its answer
  bool reusable_ = false;
  bool interim_sent_ = false;
  bool continue_sent_ = false;
  bool server_open_ = true;  // tunnel: directions that are still open
  bool client_open_ = true;

  int status_ = 0;
  Buffer head_buffer_;  // an answer head that came in parts
  std::size_t head_used_ = 0;
  std::size_t head_scanned_ = 0;
  BodyCoding coding_ = BodyCoding::none;
  http::Framing framing_ = http::Framing::none;
  bool server_keeps_alive_ = false;
  std::uint64_t left_ = 0;
  std::optional<http::ChunkedDecoder> decoder_;
  std::array<char, 2048> trailers_;  // of a chunked answer; left as it is until used

  MonotonicNs started_ns_ = 0;
  MonotonicNs sent_ns_ = -1;
  MonotonicNs first_byte_ns_ = -1;
  MonotonicNs moved_ns_ = 0;  // when bytes last moved in either direction
};

}  // namespace linkspan::gateway
