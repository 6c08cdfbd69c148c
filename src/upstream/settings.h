// What one API is and how to treat it: plain values, made by whoever reads the configuration (the gateway)
// and immutable from then on. Durations are nanoseconds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/units.h"
#include "base/metrics.h"

namespace linkspan::upstream {

enum class BalancePolicy : std::uint8_t { round_robin, least_requests, random, consistent_hash };

// How one attempt at a server ended, as far as the server is to blame. `success` is any answer but those of
// outcome_of_status() (outlier.h); `cancelled` is an attempt that ended for reasons of the caller's.
enum class Outcome : std::uint8_t {
  success,
  status_5xx,
  connect_failed,
  reset,
  timeout,
  bad_response,
  cancelled
};
inline constexpr std::size_t kOutcomeCount = 7;
// "success", "status_5xx", ...: the value of metric labels.
std::string_view to_string(Outcome outcome);

// Inclusive: {500, 599}.
struct StatusRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;

  bool contains(int status) const { return status >= first && status <= last; }
  bool operator==(const StatusRange&) const = default;
};

// Where to count; the defaults count nowhere.
struct ServerMetrics {
  std::array<CounterId, kOutcomeCount> attempts{};  // by Outcome
  CounterId ejections;
  CounterId connects;            // connections opened
  HistogramId connect_duration;  // name lookup, TCP and TLS handshakes
  GaugeId connections;           // open now, idle ones included
  GaugeId idle_connections;

  bool operator==(const ServerMetrics& other) const;
};

struct ClusterMetrics {
  CounterId retries;
  CounterId retries_over_budget;  // retries that the budget forbade
  CounterId stale_connections;    // pooled connections that turned out to be dead

  bool operator==(const ClusterMetrics& other) const;
};

struct ServerSettings {
  std::string label;  // for people: "http://10.0.0.5:7001"; holds no secret
  bool https = false;
  std::string host;  // name or IP address, lower case, IPv6 without brackets
  std::uint16_t port = 80;
  bool address_is_secret = false;  // host and port stand in no message: the label alone names the server
  std::uint32_t weight = 1;        // 1 to 1000
  ServerMetrics metrics;

  bool operator==(const ServerSettings&) const = default;
};

struct Timeouts {
  MonotonicNs connect_ns = kNsPerSecond;          // name lookup, TCP and TLS handshakes, per attempt
  MonotonicNs first_byte_ns = 30 * kNsPerSecond;  // request sent to first byte of the answer, per attempt
  MonotonicNs idle_ns = 60 * kNsPerSecond;        // between two reads of an answer's body
  MonotonicNs total_ns = 60 * kNsPerSecond;       // all attempts, to the end of the answer; 0: no limit

  bool operator==(const Timeouts&) const = default;
};

struct RetryPolicy {
  std::uint32_t attempts = 3;  // the first try included: 1 means no retry
  bool on_connect = true;
  bool on_reset = true;
  bool on_timeout = false;  // the first byte did not come in time
  std::vector<StatusRange> on_statuses = {{502, 504}};
  double budget = 0.2;  // retries as a share of requests; 0: none
  std::uint32_t min_retries_per_second =
      10;  // allowed whatever the share, per worker; means nothing with budget 0

  bool operator==(const RetryPolicy&) const = default;
};

struct HealthSettings {
  std::string path = "/";  // begins with '/'; the API's path prefix is not put before it
  MonotonicNs every_ns = 5 * kNsPerSecond;
  MonotonicNs timeout_ns = 2 * kNsPerSecond;
  std::uint32_t unhealthy_after = 3;
  std::uint32_t healthy_after = 2;
  std::vector<StatusRange> expect = {{200, 299}};

  bool operator==(const HealthSettings&) const = default;
};

struct EjectionSettings {
  bool enabled = true;
  std::uint32_t after = 5;                      // consecutive failures
  MonotonicNs duration_ns = 10 * kNsPerSecond;  // of the first ejection
  double max_share = 0.5;                       // of the servers ejected at once

  bool operator==(const EjectionSettings&) const = default;
};

struct PoolSettings {
  std::uint32_t max_idle_per_worker = 64;  // per server
  MonotonicNs idle_timeout_ns = 30 * kNsPerSecond;
  std::uint32_t max_connections = 0;  // per server, all workers together; 0: no limit
  std::uint32_t max_waiting = 1024;   // requests in line for a connection, per server and worker

  bool operator==(const PoolSettings&) const = default;
};

// For servers with https.
struct TlsSettings {
  bool verify = true;
  std::string ca_file;           // PEM; empty: the system's authorities
  std::string server_name;       // SNI and the name to verify; empty: the server's host
  std::string certificate_file;  // PEM, with which Linkspan proves itself; both or neither
  std::string key_file;

  bool operator==(const TlsSettings&) const = default;
};

enum class HostPolicy : std::uint8_t { upstream, preserve };

struct ClusterSettings {
  std::string name;                     // of the API; unique
  std::vector<ServerSettings> servers;  // at least one
  BalancePolicy balance = BalancePolicy::round_robin;
  Timeouts timeouts;
  RetryPolicy retry;
  std::optional<HealthSettings> health;
  EjectionSettings ejection;
  PoolSettings pool;
  std::optional<Rate> rate;  // what the system itself takes
  TlsSettings tls;
  HostPolicy host_policy = HostPolicy::upstream;
  std::string path_prefix;  // "" or "/v1"
  // Whole field lines to add to each request, "Authorization: Bearer ...\r\n"; secret.
  std::string credential_lines;
  // Lower-case names of the fields in credential_lines: what a caller sent under these names is not passed
  // on.
  std::vector<std::string> credential_names;
  ClusterMetrics metrics;

  bool operator==(const ClusterSettings&) const = default;
};

}  // namespace linkspan::upstream
