// Settings of the whole process: logging, limits, and what is told about callers and ourselves in header
// fields.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/units.h"
#include "config/types.h"

namespace linkspan {
enum class LogFormat : unsigned char;  // base/log_sink.h, which is too much to include everywhere
}

namespace linkspan::config {

// What an access log line may hold; AccessLogConfig::fields chooses from these, in this order of
// presentation.
inline constexpr std::string_view kAccessLogFields[] = {
    "time",     "request_id", "client", "consumer",   "endpoint", "method",    "host",     "path",
    "query",    "protocol",   "status", "error",      "bytes_in", "bytes_out", "duration", "api",
    "upstream", "attempts",   "phases", "user_agent", "referer",  "trace_id",  "tls"};

struct AccessLogConfig {
  bool enabled = true;
  std::string output = "stdout";    // "stdout", "stderr" or a path
  std::vector<std::string> fields;  // names out of kAccessLogFields; empty: all but "query"

  bool operator==(const AccessLogConfig&) const = default;
};

struct LogConfig {
  Level level = Level::info;  // "level: info", or "default" in the object form of level
  std::vector<std::pair<std::string, Level>> rooms;  // "level: {gateway: debug}"
  LogFormat format{};                                // LogFormat::automatic; also of the access log
  std::string output = "stderr";                     // "stdout", "stderr" or a path
  AccessLogConfig access;

  bool operator==(const LogConfig&) const = default;
};

struct LimitsConfig {
  uint64_t max_header_bytes = 32 * 1024;  // request line and header fields of one request
  uint64_t max_headers = 100;
  uint64_t max_target_bytes = 8 * 1024;
  uint64_t max_body_bytes = 64 * 1024 * 1024;  // kUnlimited possible; endpoints may override it
  uint64_t max_connections = 0;                // 0: "auto", from the process's descriptor limit
  uint64_t max_buffer_bytes = 64 * 1024;       // per connection and direction
  uint64_t max_requests_per_connection = kUnlimited;
  Duration header_timeout = std::chrono::seconds(10);  // from a request's first byte to its header's end
  Duration body_timeout = std::chrono::seconds(30);    // between two reads of a request body
  Duration send_timeout = std::chrono::seconds(30);    // the client accepts no byte for this long
  Duration idle_timeout = std::chrono::seconds(75);    // keep-alive without a request
  Duration drain_timeout = std::chrono::seconds(30);   // on shutdown: the longest wait for requests in flight

  bool operator==(const LimitsConfig&) const = default;
};

// Which header fields tell the upstream about the caller and about us.
struct ForwardedConfig {
  bool x_forwarded = true;  // X-Forwarded-For, -Proto, -Host
  bool forwarded = false;   // Forwarded (RFC 7239)
  bool via = true;          // Via (RFC 9110 section 7.6.3), in both directions
  std::string via_name = "linkspan";

  bool operator==(const ForwardedConfig&) const = default;
};

}  // namespace linkspan::config
