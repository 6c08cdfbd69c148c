// Who calls: the ways to know a caller, and the consumers with their keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/units.h"
#include "config/types.h"

namespace linkspan::config {

// Where a caller puts its API key. Exactly one of the two is not empty.
struct ApiKeyAuthConfig {
  std::string header;  // the default, "X-Api-Key", when neither is written
  std::string query;

  bool operator==(const ApiKeyAuthConfig&) const = default;
};

// A way to know a caller. One kind today; exactly one member is set.
struct AuthConfig {
  Origin origin;
  std::string name;
  std::optional<ApiKeyAuthConfig> api_key;

  bool operator==(const AuthConfig&) const = default;
};

// An API key of a consumer, known by its hash only. No two keys of a config have the same hash.
struct KeyConfig {
  std::string id;  // unique within its consumer; shown in logs
  Digest sha256{};

  bool operator==(const KeyConfig&) const = default;
};

// What a rate limit counts by. `automatic` is in YAML only; loaded configs have one of the others.
enum class RatePer : uint8_t { automatic, consumer, address, endpoint };

struct RateLimitConfig {
  Rate limit;
  uint64_t burst =
      0;  // requests that may come at once; loaded configs have at least 1 (default: limit's count)
  RatePer per = RatePer::automatic;  // default: consumer where the endpoint has auth, else address

  bool operator==(const RateLimitConfig&) const = default;
};

struct ConsumerConfig {
  Origin origin;
  std::string name;
  std::vector<KeyConfig> keys;
  std::optional<RateLimitConfig> rate;  // over all endpoints; `per` is always consumer

  bool operator==(const ConsumerConfig&) const = default;
};

}  // namespace linkspan::config
