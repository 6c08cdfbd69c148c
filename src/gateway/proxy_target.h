// Where an endpoint sends its requests and how they are changed on the way: compiled from
// config::ProxyConfig and its api, immutable, any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "config/config.h"
#include "gateway/request_context.h"
#include "http/fields.h"

namespace linkspan::gateway {

// What Host is sent: the server's own authority, what the caller sent, or a fixed text.
enum class HostMode : std::uint8_t { upstream, preserve, fixed };

// What every request reads comes first, in four cache lines.
struct alignas(64) ProxyTarget {
  static constexpr std::size_t kHotBytes = 256;

  std::uint32_t api = 0;  // index into Snapshot::apis and Config::apis
  HostMode host_mode = HostMode::upstream;
  bool rewrites = false;     // pieces make the path; otherwise the request's own path is used
  Duration total_timeout{};  // the endpoint's or the api's; config::kNoDuration: none

  // Fields of the request that stay behind: what the config removes or sets, the API key, Host, and
  // http::kForwardedHeaders (write_forwarded() says them anew). The caller adds the fields that it writes
  // itself (framing, trace, request id, Via). The same for the response on its way to the caller.
  http::HeaderSet request_drop;
  http::HeaderSet response_drop;
  std::string_view prefix;        // of the api, in front of every path
  std::string_view strip_prefix;  // cut off the request's own path
  std::string_view host;          // with HostMode::fixed
  std::vector<std::string_view> request_drop_names;
  std::vector<std::string_view> response_drop_names;
  // Complete field lines to add ("Name: value\r\n..."): credentials of the api, then those the config sets.
  // Holds secrets: never to be logged.
  std::string request_lines;
  std::string response_lines;
  std::vector<std::string_view> strip_query;  // query parameters that carry API keys

  struct Piece {
    std::string literal;      // written first
    std::int32_t param = -1;  // then this parameter; -1: none

    auto operator<=>(const Piece&) const = default;
  };
  std::vector<Piece> pieces;                  // if it rewrites
  std::int32_t hash_param = -1;               // path parameter for consistent hashing
  std::vector<std::string> credential_names;  // of the fields whose values are secret

  // Equal ones do the same; the order means nothing.
  auto operator<=>(const ProxyTarget&) const = default;
};

// Compiles the target of an endpoint that proxies. Views point into `config` and into the target itself,
// which may be moved. Fails with config-invalid if a field to set is no valid field; that it is none which
// Linkspan writes itself is the loader's to see to.
Result<ProxyTarget> make_proxy_target(const config::Config& config, const config::EndpointConfig& endpoint);

// The request target to send to a server of the api: path rewritten, query appended without API keys. A view
// of the request's own target where nothing changes, otherwise of `out`. Empty if `out` is too small: then
// answer headers-too-large. Never allocates. Parameters are written as they are in the normalised path, so
// nothing is decoded or encoded twice.
std::string_view write_upstream_target(const ProxyTarget& target, const RequestContext& context,
                                       std::span<char> out);

// What consistent_hash balancing hashes by (config::BalanceConfig): a text of the request, or empty if the
// request has none (then any server will do). The view is of the request, or for the address of `scratch`.
std::string_view balance_key(const config::ApiConfig& api, const ProxyTarget& target,
                             const RequestContext& context, std::span<char, 16> scratch);

}  // namespace linkspan::gateway
