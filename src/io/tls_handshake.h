// Waiting for a TLS handshake.
#pragma once

#include "base/result.h"
#include "io/stream.h"
#include "io/task.h"

namespace linkspan::io {

// Finishes the handshake of a stream on which start_tls was called, as its server. The stream's waiter must
// be `waiter`. On error the stream is closed. Errors: tls_handshake_failed (which says what the client did or
// lacks).
Task<Result<void>> tls_accept(Stream& stream, Waiter& waiter, MonotonicNs deadline);

// The same as a client of another system. Errors: upstream_tls_failed, upstream_reset,
// upstream_timeout_connect.
Task<Result<void>> tls_connect(Stream& stream, Waiter& waiter, MonotonicNs deadline);

}  // namespace linkspan::io
