// One attempt at one exchange over a checked-out connection, whole message in and whole response out: what
// the buffered client and the health checks have in common. Loop's thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "io/task.h"
#include "upstream/connection.h"
#include "upstream/response_reader.h"
#include "upstream/retry.h"

namespace linkspan::upstream {

struct ExchangeDeadlines {  // loop time
  MonotonicNs first_byte;
  MonotonicNs total;
};

struct ExchangeResult {
  std::optional<Error> error;  // none: `response` is whole. The detail does not name the server yet.
  Failure failure = Failure::reset;
  bool bytes_sent = false;
  bool reusable = false;  // for Server::release
  Response response;
};

// `message` is the request, head and body; it must live until the end. The connection's stream must have
// `waiter`.
io::Task<ExchangeResult> exchange(Connection& connection, io::Waiter& waiter, std::string_view message,
                                  http::Method method, const ClientLimits& limits,
                                  ExchangeDeadlines deadlines);

}  // namespace linkspan::upstream
