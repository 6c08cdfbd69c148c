// What Linkspan exposes.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "config/caller_config.h"
#include "config/path_pattern.h"
#include "config/types.h"

namespace linkspan::config {

// Changes to header fields on their way through: first remove, then set.
struct HeaderRules {
  std::vector<std::string> remove;
  std::vector<HeaderField> set;

  bool empty() const { return remove.empty() && set.empty(); }
  bool operator==(const HeaderRules&) const = default;
};

// Starts a run of a flow, and answers with what it gives.
struct EndpointFlowConfig {
  std::string flow;
  uint32_t flow_index = 0;                             // of `flow` in Config::flows
  Duration respond_within = std::chrono::seconds(30);  // then 202, with the URL of the run's status
  std::string idempotency_header = "Idempotency-Key";  // of the request: the same key starts one run only

  bool operator==(const EndpointFlowConfig&) const = default;
};

struct ProxyConfig {
  std::string api;
  uint32_t api_index = 0;    // of `api` in Config::apis
  PathPattern path;          // parameters are those of EndpointConfig::path; empty: the request's own path
  std::string strip_prefix;  // "/v1": cut off the request's path; never together with path
  HeaderRules headers;       // of the request on its way to the upstream
  HeaderRules response_headers;
  std::string host;  // Host to send; empty: by ApiConfig::host_header
  // What a request starts that changes something and finds no server to take it; respond_within is 0.
  std::optional<EndpointFlowConfig> when_unavailable;

  bool operator==(const ProxyConfig&) const = default;
};

// A fixed answer.
struct RespondConfig {
  uint16_t status = 200;
  std::string body;
  std::vector<HeaderField> headers;

  bool operator==(const RespondConfig&) const = default;
};

// Methods besides those of HTTP (http::Method) that all endpoints together may name.
inline constexpr std::size_t kMaxExtensionMethods = 22;
// Endpoints that may share a path at one host, told apart by methods and headers.
inline constexpr std::size_t kMaxRoutesOfPath = 1000;

// Ways to know a caller that one endpoint may name: each that fails has a field in the answer.
inline constexpr std::size_t kMaxAuthWays = 8;

struct EndpointConfig {
  Origin origin;
  std::string name;
  PathPattern path;
  std::vector<std::string>
      hosts;  // "host", one or several; lower case; "shop.example" or "*.example"; empty: any
  std::vector<std::string> methods;    // empty: any
  std::vector<HeaderField> headers;    // the request must carry each with exactly this value
  std::vector<std::string> auth;       // names in Config::auth, any of which will do; empty: open to all
  std::vector<uint32_t> auth_indices;  // the same, as indices into Config::auth
  std::optional<RateLimitConfig> rate;
  std::optional<uint64_t> max_body_bytes;  // overrides LimitsConfig::max_body_bytes; kUnlimited possible
  std::optional<Duration> timeout;         // overrides the api's timeout.total; kNoDuration possible
  // Exactly one of these three.
  std::optional<ProxyConfig> proxy;
  std::optional<RespondConfig> respond;
  std::optional<EndpointFlowConfig> flow;

  // In special_members.cc: inline, every file that holds one would compile them anew.
  EndpointConfig();
  EndpointConfig(const EndpointConfig&);
  EndpointConfig(EndpointConfig&&) noexcept;
  EndpointConfig& operator=(const EndpointConfig&);
  EndpointConfig& operator=(EndpointConfig&&) noexcept;
  ~EndpointConfig();
  bool operator==(const EndpointConfig&) const;
};

// The flow of which its requests start runs, always or when no server takes them; nullptr if there is none.
inline const EndpointFlowConfig* flow_of(const EndpointConfig& endpoint) {
  if (endpoint.flow) return &*endpoint.flow;
  return endpoint.proxy && endpoint.proxy->when_unavailable ? &*endpoint.proxy->when_unavailable : nullptr;
}

}  // namespace linkspan::config
