// What the gateway keeps of one request in flight, besides the exchange. Recycled; used by the worker's
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/trace.h"
#include "gateway/proxy/relay.h"
#include "gateway/proxy/worker_view.h"
#include "gateway/request_context.h"
#include "http/ip_address.h"

namespace linkspan::gateway {

struct RequestState {
  static constexpr std::size_t kMaxRequestIdBytes = 64;

  WorkerViewRef view;
  RequestContext context;
  std::optional<Relay> relay;

  std::array<char, kMaxRequestIdBytes> request_id;
  TraceContext trace;
  bool keep_trace_state = false;
  bool peer_trusted = false;
  std::array<char, http::kMaxIpAddressText> peer_text;
  std::array<char, http::kMaxIpAddressText> client_text;
  std::string_view peer;
  std::string_view client;

  // For the record.
  const ErrorKind* error = nullptr;
  std::string_view api;
  upstream::Server* server = nullptr;  // the last one tried; pinned through the view
  std::uint32_t attempts = 0;
  std::int64_t wait_ns = -1;     // in line for a connection (pool.max_connections), all attempts
  std::int64_t connect_ns = -1;  // opening connections, all attempts
  std::int64_t first_byte_ns = -1;
};

}  // namespace linkspan::gateway
