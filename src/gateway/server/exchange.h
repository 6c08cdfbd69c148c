// One request and its answer on a client connection: the parsed head, the body to be read, and the way to
// answer. Lives while the request is handled; objects are recycled. Used by the worker's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "gateway/response_field.h"
#include "gateway/server/body_source.h"
#include "gateway/server/buffer_pool.h"
#include "gateway/server/outbox.h"
#include "http/h1_request.h"
#include "http/head_writer.h"
#include "http/ip_address.h"
#include "io/stream.h"
#include "io/task.h"
#include "io/waiter.h"

namespace linkspan::gateway {

class Connection;
class Server;
struct ListenerOptions;

// An answer that is there as a whole. Views are used until respond() ends.
struct Response {
  int status = 200;
  std::string_view content_type = {};  // left out if empty
  std::span<const ResponseField> fields = {};
  std::string_view lines = {};  // further fields as complete lines, "Name: value\r\n"
  std::string_view body = {};
};

// How far the answer is.
enum class ResponseState : std::uint8_t {
  none,
  started,   // bytes of it may have reached the client
  complete,  // all of it has been handed to the kernel
  broken     // it cannot be completed; the connection ends with a reset
};

class Exchange {
 public:
  explicit Exchange(std::size_t max_fields);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // What was asked.
  const http::RequestHead& request() const { return head_; }
  std::size_t head_bytes() const { return head_bytes_; }  // of one that could not be read, what came of it
  // When the head was complete; where it could not be read, when its first byte came.
  MonotonicNs started_ns() const { return started_ns_; }
  BodySource& body() { return body_; }
  // Makes the body readable from its start again; only while body().can_rewind().
  void rewind_body();
  // Who asked: the other end of the connection, or what a PROXY protocol header told.
  const http::IpAddress& peer() const;
  bool is_tls() const;
  const ListenerOptions& listener() const;

  // The rest of the body's content, at most `max_bytes`; sends 100 (Continue) if the client waits for it.
  // Errors: body_too_large, body_incomplete, chunk_invalid, request_timeout.
  io::Task<Result<std::string>> read_body(std::size_t max_bytes);

  // Sends a whole answer and ends when it is with the kernel. Adds Date, Content-Length and Connection. A
  // client that does not take it in time breaks the response.
  io::Task<void> respond(Response response);
  // A problem document (RFC 9457) for the kind, in the format that the client asked for.
  io::Task<void> respond_problem(const ErrorKind& kind, std::string_view detail,
                                 std::span<const ResponseField> fields = {});

  // For handlers that stream: the parts of the connection, and what the connection must know afterwards.
  io::Stream& client();
  Outbox& outbox() { return *outbox_; }
  io::Waiter& waiter();
  io::Loop& loop();
  BufferPool& buffers();
  Server& server();
  InputBuffer& input() { return input_; }
  ResponseState response_state() const { return response_state_; }
  void set_response_state(ResponseState state) { response_state_ = state; }
  int status() const { return status_; }
  void set_status(int status) { status_ = status; }
  // Bytes of this request's answers that the kernel has taken.
  std::uint64_t response_bytes() const { return outbox_->bytes_sent() - sent_before_; }
  // The connection ends after this response; decided when the response head is written.
  bool closes() const { return close_; }
  void set_close() { close_ = true; }
  // Whether the connection may go on after this response, as far as is known before its head is written.
  bool may_keep_alive() const;
  // "Connection: close" or "keep-alive" where the client needs to be told, and Date unless the message has
  // one.
  void write_connection_field(http::HeadWriter& out) const;
  void write_date_field(http::HeadWriter& out) const;

  // Gives back all that a request needed memory for.
  void recycle();

  // Put as "instance" into problem documents; set by the handler, valid while the exchange is.
  void set_request_id(std::string_view id) { request_id_ = id; }
  std::string_view request_id() const { return request_id_; }
  // Waits until the outbox is empty; false if the client is gone or too slow.
  io::Task<bool> flush();

 private:
  friend class Connection;

  void skip_buffered_body();
  io::Task<void> send_all(std::string_view head, std::string_view body);

  std::unique_ptr<http::Field[]> field_storage_;
  http::RequestHead head_;
  Connection* connection_ = nullptr;
  InputBuffer input_;
  std::size_t head_bytes_ = 0;
  std::size_t scanned_ = 0;
  std::size_t body_at_ = 0;  // of input_
  BodySource body_;
  std::optional<Outbox> outbox_;
  MonotonicNs started_ns_ = 0;
  std::string_view request_id_;
  std::uint64_t sent_before_ = 0;
  int status_ = 0;
  ResponseState response_state_ = ResponseState::none;
  bool close_ = false;
  bool malformed_ = false;
};

}  // namespace linkspan::gateway
