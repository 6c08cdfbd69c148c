// The seam between the connection, which speaks HTTP, and what answers requests: the gateway's proxy, the
// admin API, the demo systems. One handler serves many exchanges at once on its worker's thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "http/protocol_error.h"
#include "io/task.h"

namespace linkspan::gateway {

class Exchange;

class Handler {
 public:
  virtual ~Handler() = default;

  // Answers one request: by respond(), or by writing to the client stream itself and saying so to the
  // exchange. When the task ends without an answer the caller gets a 500.
  virtual io::Task<void> handle(Exchange& exchange) = 0;

  // What the answer to a request that could not be read, and its record, are called by: a text in `storage`,
  // which stays until on_malformed() ends. Empty: they go without.
  static constexpr std::size_t kMalformedIdBytes = 32;
  virtual std::string_view name_malformed(char (& /*storage*/)[kMalformedIdBytes]) { return {}; }

  // A request that could not be read was refused with this error, and the connection will be closed. For the
  // record only; of the exchange, request() and body() must not be used.
  virtual void on_malformed(Exchange& exchange, const ErrorKind& kind, std::string_view detail) = 0;
};

}  // namespace linkspan::gateway
