#include "io/tls_handshake.h"

#include <cstring>
#include <string>

#include "base/error_kinds.h"

namespace linkspan::io {

namespace {

enum class Outcome : unsigned char { done, timeout, failed, reset };

Task<Outcome> finish(Stream& stream, Waiter& waiter, MonotonicNs deadline) {
  while (true) {
    const IoResult result = stream.handshake();
    if (result.status == IoStatus::ok) co_return Outcome::done;
    if (result.status != IoStatus::would_block)
      co_return result.error != 0 ? Outcome::reset : Outcome::failed;
    const Wake wake = co_await waiter.wait(deadline);
    if (wake == Wake::timeout) co_return Outcome::timeout;
  }
}

}  // namespace

Task<Result<void>> tls_accept(Stream& stream, Waiter& waiter, MonotonicNs deadline) {
  const Outcome outcome = co_await finish(stream, waiter, deadline);
  if (outcome == Outcome::done) co_return Result<void>();
  std::string detail =
      outcome == Outcome::timeout ? "the client did not finish the handshake in time" : stream.tls_error();
  stream.close();
  co_return Error(errors::tls_handshake_failed, std::move(detail));
}

Task<Result<void>> tls_connect(Stream& stream, Waiter& waiter, MonotonicNs deadline) {
  const Outcome outcome = co_await finish(stream, waiter, deadline);
  if (outcome == Outcome::done) co_return Result<void>();
  std::string detail = stream.tls_error();
  stream.close();
  switch (outcome) {
    case Outcome::timeout:
      co_return Error(errors::upstream_timeout_connect, "the TLS handshake was not finished in time");
    case Outcome::reset:
      co_return Error(errors::upstream_reset, "in the TLS handshake: " + detail);
    default:
      co_return Error(errors::upstream_tls_failed, std::move(detail));
  }
}

}  // namespace linkspan::io
