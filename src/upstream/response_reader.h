// Gathers a whole HTTP/1.1 response from the bytes of a connection, within limits. No I/O; one object per
// response, one thread. For buffered clients; the proxy path streams instead.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "http/chunked.h"
#include "http/h1_head.h"
#include "http/h1_response.h"
#include "http/method.h"

namespace linkspan::upstream {

struct HeaderLine {
  std::string name;
  std::string value;
};

struct Response {
  int status = 0;
  std::vector<HeaderLine> headers;
  std::string body;
  std::uint32_t attempts = 1;
  std::string server;  // label of the one that answered

  // Value of the first field of that name, in any case; empty if there is none.
  std::string_view header(std::string_view name) const;
};

struct ClientLimits {
  std::size_t max_header_bytes = 32 * 1024;
  std::size_t max_body_bytes = 4 * 1024 * 1024;
};

class ResponseReader {
 public:
  ResponseReader(http::Method method, const ClientLimits& limits) : method_(method), limits_(limits) {}

  enum class State : std::uint8_t { need_more, complete, failed };

  State feed(std::string_view bytes);
  // The server has ended the connection.
  State end();

  bool started() const { return started_; }  // a byte has come
  // After complete: the connection may carry another exchange.
  bool keep_alive() const { return keep_alive_; }
  Response take() { return std::move(response_); }
  // After failed: upstream_bad_response, upstream_incomplete, or upstream_reset when the head was not
  // complete.
  Error take_error() { return std::move(*error_); }

 private:
  State read_head();
  State read_body(std::string_view bytes);
  State read_chunks(std::string_view bytes);
  State append(std::string_view payload);
  State finish(std::string_view left_over);
  State fail(const ErrorKind& kind, std::string detail);

  http::Method method_;
  ClientLimits limits_;
  bool started_ = false;
  bool head_done_ = false;
  bool done_ = false;
  bool keep_alive_ = false;
  http::Framing framing_ = http::Framing::none;
  std::uint64_t body_left_ = 0;
  std::size_t scanned_ = 0;
  std::string head_;
  http::ChunkedDecoder chunks_{http::MessageSide::response};
  Response response_;
  std::optional<Error> error_;
};

}  // namespace linkspan::upstream
