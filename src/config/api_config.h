// The systems that Linkspan connects to, and the credentials with which it proves itself to them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "config/types.h"

namespace linkspan::config {

// "header: {name: value}": any header fields with a fixed value.
struct SecretHeader {
  std::string name;
  Secret value;

  bool operator==(const SecretHeader&) const = default;
};

struct ApiKeyCredential {
  std::string header = "X-Api-Key";
  Secret value;

  bool operator==(const ApiKeyCredential&) const = default;
};

struct BasicCredential {
  std::string username;
  Secret password;

  bool operator==(const BasicCredential&) const = default;
};

// Exactly one of the four is given. What a proxy needs of it is credential_headers().
struct CredentialConfig {
  Origin origin;
  std::string name;
  std::vector<SecretHeader> header;
  std::optional<ApiKeyCredential> api_key;
  std::optional<Secret> bearer;
  std::optional<BasicCredential> basic;

  bool operator==(const CredentialConfig&) const = default;
};

// The header fields to set on each outgoing request: `bearer` and `basic` become Authorization (RFC 6750, RFC
// 7617).
std::vector<SecretHeader> credential_headers(const CredentialConfig& credential);

struct ServerConfig {
  Origin origin;
  std::string url;      // as written: http://host:port
  uint32_t weight = 1;  // 1 to 1000
  bool tls = false;     // scheme https
  std::string host;     // name or IP address, lower case, without brackets
  uint16_t port = 0;    // explicit or the scheme's default
  std::string
      label;  // for logs and metrics: "host:port", or "servers[0]" where the URL came from a reference

  bool operator==(const ServerConfig&) const = default;
};

enum class BalancePolicy : uint8_t { round_robin, least_requests, random, consistent_hash };
enum class HashInput : uint8_t { header, query, path, address, consumer };

struct BalanceConfig {
  BalancePolicy policy = BalancePolicy::round_robin;
  HashInput hash_input = HashInput::address;  // with consistent_hash only
  std::string hash_name;  // header name, query name or path parameter; empty for address and consumer

  bool operator==(const BalanceConfig&) const = default;
};

// As it is written in YAML: "consistent_hash(header:X-Tenant)".
std::string format_balance(const BalanceConfig& balance);

struct TimeoutConfig {
  Duration connect = std::chrono::seconds(1);      // TCP and TLS handshakes, per attempt
  Duration first_byte = std::chrono::seconds(30);  // request sent to first byte of the answer, per attempt
  Duration idle = std::chrono::seconds(60);        // between two reads of an answer's body
  Duration total = std::chrono::seconds(60);  // all attempts, to the end of the answer; kNoDuration: no limit

  bool operator==(const TimeoutConfig&) const = default;
};

struct RetryConfig {
  uint32_t attempts = 3;  // the first try included: 1 means no retry
  // "on": which failures are tried again, in YAML one list such as [connect, reset, timeout, 503, 5xx].
  bool on_connect = true;
  bool on_reset = true;
  bool on_timeout = false;  // first_byte ran out
  std::vector<StatusRange> on_statuses = {{502, 502}, {503, 503}, {504, 504}};
  Percentage budget{20};  // retries as a share of requests

  bool operator==(const RetryConfig&) const = default;
};

struct HealthConfig {
  std::string path;  // begins with /
  Duration every = std::chrono::seconds(5);
  Duration timeout = std::chrono::seconds(2);
  uint32_t unhealthy_after = 3;
  uint32_t healthy_after = 2;
  std::vector<StatusRange> expect = {{200, 299}};

  bool operator==(const HealthConfig&) const = default;
};

// Passive health: a server that fails real requests rests for a while.
struct EjectionConfig {
  bool enabled = true;
  uint32_t after = 5;                            // consecutive failures
  Duration duration = std::chrono::seconds(10);  // "for"
  Percentage max{50};                            // at most this share of the servers at once

  bool operator==(const EjectionConfig&) const = default;
};

struct PoolConfig {
  uint32_t max_idle_per_worker = 64;  // per server
  Duration idle_timeout = std::chrono::seconds(30);
  uint64_t max_connections = kUnlimited;  // per server, all workers together

  bool operator==(const PoolConfig&) const = default;
};

struct UpstreamTlsConfig {
  bool verify = true;
  std::string ca;           // path of a PEM bundle; empty: the system's
  std::string server_name;  // SNI and the name to verify; empty: the server's host
  std::string certificate;  // paths of PEM files with which we prove ourselves; both or neither
  std::string key;

  bool operator==(const UpstreamTlsConfig&) const = default;
};

enum class HostHeader : uint8_t { upstream, preserve };
// What is sent where the description leaves a choice.
enum class ApiFormat : uint8_t { json, xml };

struct ApiConfig {
  Origin origin;
  std::string name;
  std::vector<ServerConfig> servers;  // at least one
  BalanceConfig balance;
  TimeoutConfig timeout;
  RetryConfig retry;
  std::optional<HealthConfig> health;
  EjectionConfig ejection;
  PoolConfig pool;
  UpstreamTlsConfig tls;    // means something for https servers only
  std::string credential;   // name in Config::credentials, or empty
  std::string path_prefix;  // "" or "/v1": begins with / and does not end with one
  HostHeader host_header = HostHeader::upstream;
  std::string spec;  // path of its description (OpenAPI); empty: none, and flows cannot call it
  ApiFormat format = ApiFormat::json;
  std::optional<Rate> rate;  // what the system itself takes; calls of flows wait for it
  uint32_t concurrency = 64;  // calls of flows under way at once; kUnlimited: no limit

  // In special_members.cc: inline, every file that holds one would compile them anew.
  ApiConfig();
  ApiConfig(const ApiConfig&);
  ApiConfig(ApiConfig&&) noexcept;
  ApiConfig& operator=(const ApiConfig&);
  ApiConfig& operator=(ApiConfig&&) noexcept;
  ~ApiConfig();
  bool operator==(const ApiConfig&) const;
};

}  // namespace linkspan::config
