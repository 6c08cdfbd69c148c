// What is known of a request once it is answered: the one record from which the access log and the metrics
// are made. Filled by the connection; views must live for the call. Durations in nanoseconds, negative where
// the phase did not happen.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/trace.h"
#include "http/ip_address.h"
#include "http/method.h"

namespace linkspan::gateway {

struct Endpoint;

struct RequestRecord {
  WallNs finished_at_ns = 0;
  std::string_view request_id;
  const TraceContext* trace = nullptr;  // ours, as sent upstream; may be null
  std::string_view client;              // address as text
  std::string_view consumer;
  std::string_view key_id;
  const Endpoint* endpoint = nullptr;  // null: none matched
  http::Method method = http::Method::other;
  std::string_view method_name;  // a token of at most 32 bytes
  std::string_view host;
  std::string_view path;      // as sent
  std::string_view query;     // logged only if the config names the field: it may hold secrets
  std::string_view protocol;  // "HTTP/1.1"
  std::string_view tls;       // "TLSv1.3"; empty: plain
  std::string_view user_agent;
  std::string_view referer;
  int status = 0;                    // as sent; 0: nothing was sent
  const ErrorKind* error = nullptr;  // of a refusal or failure
  std::uint64_t bytes_in = 0;        // head and body as received
  std::uint64_t bytes_out = 0;

  std::string_view api;
  std::string_view server;  // label of the last server tried
  std::uint32_t attempts = 0;

  std::int64_t wait_ns = -1;        // for a connection out of the pool
  std::int64_t connect_ns = -1;     // TCP and TLS handshakes
  std::int64_t first_byte_ns = -1;  // request sent to first byte of the answer
  std::int64_t total_ns = 0;        // first byte of the request to last byte of the answer
};

}  // namespace linkspan::gateway
