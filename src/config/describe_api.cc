#include <algorithm>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "config/container_types.h"
#include "config/describe.h"
#include "config/names.h"
#include "config/object_type.h"
#include "config/retry_on.h"
#include "config/scalar_types.h"
#include "config/server_url.h"

namespace linkspan::config {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kHash = "consistent_hash(";

// `consistent_hash(header:X-Tenant)` and the like; `input` is what stands in the brackets.
bool parse_hash_input(std::string_view input, BalanceConfig& balance) {
  balance.policy = BalancePolicy::consistent_hash;
  if (input == "address" || input == "consumer") {
    balance.hash_input = input == "address" ? HashInput::address : HashInput::consumer;
    return true;
  }
  if (input.starts_with("header:")) {
    balance.hash_input = HashInput::header;
    balance.hash_name = input.substr(7);
    return is_header_name(balance.hash_name);
  }
  if (input.starts_with("query:")) {
    balance.hash_input = HashInput::query;
    balance.hash_name = input.substr(6);
    return !balance.hash_name.empty();
  }
  if (input.starts_with("path.")) {
    balance.hash_input = HashInput::path;
    balance.hash_name = input.substr(5);
    return is_header_name(balance.hash_name);
  }
  return false;
}

Result<BalanceConfig> parse_balance(std::string_view text) {
  BalanceConfig balance;
  if (text == "round_robin") return balance;
  balance.policy = text == "random" ? BalancePolicy::random : BalancePolicy::least_requests;
  if (text == "random" || text == "least_requests") return balance;
  if (text.starts_with(kHash) && text.ends_with(')')) {
    const std::string_view input = text.substr(kHash.size(), text.size() - kHash.size() - 1);
    if (parse_hash_input(input, balance)) return balance;
  }
  return Error(errors::config_invalid, {});
}

Typed<BalanceConfig> balance_type() {
  return parsed<BalanceConfig>(
      {.form = "`round_robin`, `least_requests`, `random` or `consistent_hash(WHAT)`",
       .expected = "round_robin, least_requests, random or consistent_hash(WHAT), where WHAT is header:NAME, "
                   "query:NAME, "
                   "path.NAME, address or consumer",
       .pattern =
           R"(round_robin|least_requests|random|consistent_hash\((header:.+|query:.+|path\..+|address|consumer)\))"},
      parse_balance, format_balance);
}

void check_server(ServerConfig& server, const ObjectView& view) {
  if (!view.ok("url")) return;
  Result<ServerUrl> url = parse_server_url(server.url);
  if (!url) {
    const std::string& detail = url.error().detail();
    const bool has_path = detail == "the URL ends after host and port";
    view.problem("url", without_password(server.url),
                 detail + (has_path ? "; for a path see path_prefix" : ""));
    return;
  }
  server.tls = url->tls;
  server.port = url->port;
  const std::string subject = view.subject();
  server.label = view.from_reference("url") ? subject.substr(0, subject.find(" of ")) : url->authority();
  server.host = std::move(url->host);
}

Typed<ServerConfig> server_type() {
  return object<ServerConfig>("One server of an API; a URL alone will do.")
      .scalar("url")
      .positioned()
      .field("url", &ServerConfig::url, text(), "`http://HOST:PORT` or `https://HOST:PORT`, without a path.")
      .required()
      .field("weight", &ServerConfig::weight, count32({1, 1000}),
             "Its share of the requests, relative to the others.")
      .check<check_server>()
      .done();
}

void check_timeout(TimeoutConfig& timeout, const ObjectView& view) {
  if (timeout.total == kNoDuration || !view.ok("total")) return;
  for (const auto& [key, value] :
       {std::pair{"connect", timeout.connect}, {"first_byte", timeout.first_byte}}) {
    if (view.given(key) && view.ok(key) && value > timeout.total) {
      view.problem(key, "is longer than total");
    }
  }
}

Typed<TimeoutConfig> timeout_type() {
  return object<TimeoutConfig>("How long an exchange may take. A duration alone is `total`.")
      .scalar("total")
      .field("connect", &TimeoutConfig::connect, duration({1ms, 10min}),
             "Connecting, with TLS; for each attempt.")
      .field("first_byte", &TimeoutConfig::first_byte, duration({1ms, 24h}),
             "From the request being sent to the first byte of the answer; for each attempt.")
      .field("idle", &TimeoutConfig::idle, duration({1ms, 24h}), "Longest pause within an answer.")
      .field("total", &TimeoutConfig::total, duration({1ms, 24h, "none"}),
             "All attempts together, until the end of the answer.")
      .check<check_timeout>()
      .done();
}

Typed<RetryConfig> retry_type() {
  return object<RetryConfig>(
             "Attempts after a failure, at another server where there is one. Only idempotent requests are "
             "retried, or "
             "those that were not sent yet. A number alone is `attempts`.")
      .scalar("attempts")
      .field("attempts", &RetryConfig::attempts, count32({1, 20}), "Attempts in all: 1 means no retry.")
      .whole("on", retry_on_type(),
             "What is tried again: `connect` (no connection), `reset` (closed before an answer), `timeout` "
             "(no first byte "
             "in time), statuses such as `503` or `5xx`.")
      .field("budget", &RetryConfig::budget, percentage(),
             "Retries as a share of all requests; when it is used up, failures are passed on.")
      .done();
}

// A path with perhaps a query, in the form that requests have.
Result<std::string> parse_health_path(std::string_view text) {
  const auto [path, query] = split_once(text, '?');
  Result<PathPattern> pattern = parse_path_pattern(path);
  if (!pattern) return std::move(pattern).error();
  std::string result = pattern->segments.empty() ? "/" : "";
  for (const PathSegment& segment : pattern->segments) {
    if (segment.kind != PathSegment::Kind::literal) return Error(errors::config_invalid, {});
    result += "/" + segment.text;
  }
  if (!is_url_query(query.value_or(""))) return Error(errors::config_invalid, {});
  if (query) result += "?" + std::string(*query);
  return result;
}

Typed<HealthConfig> health_type() {
  return object<HealthConfig>("Requests by which Linkspan checks each server. A path alone will do.")
      .scalar("path")
      .field("path", &HealthConfig::path,
             parsed_text({.form = "path", .expected = "a path such as /healthz", .pattern = "/.*"},
                         parse_health_path),
             "What is requested, with GET; a query may follow.")
      .required()
      .field("every", &HealthConfig::every, duration({100ms, 1h}), "Time between two checks.")
      .field("timeout", &HealthConfig::timeout, duration({1ms, 10min}), "How long a check may take.")
      .field("unhealthy_after", &HealthConfig::unhealthy_after, count32({1, 1000}),
             "Failed checks in a row that take a server out.")
      .field("healthy_after", &HealthConfig::healthy_after, count32({1, 1000}),
             "Good checks in a row that bring it back.")
      .field("expect", &HealthConfig::expect, list(status_range_type(), {.or_one = true, .flow = true}),
             "Statuses that mean healthy.")
      .done();
}

Typed<EjectionConfig> ejection_type() {
  return object<EjectionConfig>(
             "A server that fails requests again and again rests for a while. `false` switches it off.")
      .scalar("enabled")
      .field("enabled", &EjectionConfig::enabled, boolean(), "Whether servers are ejected.")
      .field("after", &EjectionConfig::after, count32({1, 100'000}), "Failures in a row.")
      .field("for", &EjectionConfig::duration, duration({100ms, 24h}), "How long the server rests.")
      .field("max", &EjectionConfig::max, percentage(), "At most this share of the servers rests at a time.")
      .done();
}

Typed<PoolConfig> pool_type() {
  return object<PoolConfig>("Connections to the servers, kept open for later requests.")
      .field("max_idle_per_worker", &PoolConfig::max_idle_per_worker, count32({0, 100'000}),
             "Idle connections kept to each server, in each worker.")
      .field("idle_timeout", &PoolConfig::idle_timeout, duration({100ms, 24h}),
             "How long an idle connection is kept; best shorter than the server keeps it.")
      .field("max_connections", &PoolConfig::max_connections, count64({1, 10'000'000, "unlimited"}),
             "Connections to each server at once, over all workers.")
      .done();
}

void check_upstream_tls(UpstreamTlsConfig&, const ObjectView& view) {
  if (view.given("certificate") && !view.given("key")) view.problem("certificate", "needs a key beside it");
  if (view.given("key") && !view.given("certificate")) view.problem("key", "needs a certificate beside it");
}

Typed<UpstreamTlsConfig> upstream_tls_type() {
  return object<UpstreamTlsConfig>("TLS with servers that have an `https://` URL.")
      .field("verify", &UpstreamTlsConfig::verify, boolean(),
             "Whether the server's certificate must be valid.")
      .field("ca", &UpstreamTlsConfig::ca, file_path("certificate"),
             "PEM file with the authorities to trust; the system's if not given.")
      .field(
          "server_name", &UpstreamTlsConfig::server_name,
          text({.form = "host name", .expected = "a host name", .pattern = "[A-Za-z0-9_.-]+"}, is_host_name),
          "The name to ask for and to verify, if it is not the URL's host.")
      .field("certificate", &UpstreamTlsConfig::certificate, file_path("certificate"),
             "PEM file with the certificate by which Linkspan proves itself.")
      .field("key", &UpstreamTlsConfig::key, file_path("private key"), "PEM file with its private key.")
      .check<check_upstream_tls>()
      .done();
}

bool uses_tls(const ApiConfig& api) {
  return std::any_of(api.servers.begin(), api.servers.end(),
                     [](const ServerConfig& server) { return server.tls; });
}

bool has_format(const ApiConfig& api) {
  return !api.spec.empty() || api.format != ApiFormat::json;
}

void check_api(ApiConfig& api, const ObjectView& view) {
  if (view.given("servers") && view.ok("servers") && api.servers.empty()) {
    view.problem("servers", "needs at least one server");
  }
  // TLS settings that no server uses are a mistake worth telling.
  if (view.given("tls") && view.ok("servers") && !uses_tls(api))
    view.problem("tls", "no server of this api has an https:// URL");
}

}  // namespace

std::string format_balance(const BalanceConfig& balance) {
  switch (balance.policy) {
    case BalancePolicy::round_robin:
      return "round_robin";
    case BalancePolicy::least_requests:
      return "least_requests";
    case BalancePolicy::random:
      return "random";
    case BalancePolicy::consistent_hash:
      break;
  }
  std::string text(kHash);
  switch (balance.hash_input) {
    case HashInput::header:
      text += "header:";
      break;
    case HashInput::query:
      text += "query:";
      break;
    case HashInput::path:
      text += "path.";
      break;
    case HashInput::address:
      text += "address";
      break;
    case HashInput::consumer:
      text += "consumer";
      break;
  }
  return text + balance.hash_name + ")";
}

Typed<ApiConfig> api_type() {
  return object<ApiConfig>("A system that Linkspan connects to.")
      .field("servers", &ApiConfig::servers, list(server_type(), {.or_one = true}), "Its servers.")
      .required()
      .field("balance", &ApiConfig::balance, balance_type(),
             "How a server is chosen. WHAT is `header:NAME`, `query:NAME`, `path.NAME` (a parameter of the "
             "endpoint's path), "
             "`address` (the client's) or `consumer`.")
      .field("timeout", &ApiConfig::timeout, timeout_type(), "How long an exchange may take.")
      .field("retry", &ApiConfig::retry, retry_type(), "What is tried again.")
      .field("health", &ApiConfig::health, optional(health_type()),
             "Active health checks; none if not given.")
      .field("ejection", &ApiConfig::ejection, ejection_type(),
             "What happens to a server that keeps failing.")
      .field("pool", &ApiConfig::pool, pool_type(), "Kept connections.")
      .field("tls", &ApiConfig::tls, upstream_tls_type(), "TLS with the servers.")
      .shown_when<uses_tls>()
      .field("credential", &ApiConfig::credential, name_of("credential"), "How Linkspan proves itself.")
      .field("path_prefix", &ApiConfig::path_prefix, path_prefix_type(),
             "Put in front of the path of each request.")
      .field("host_header", &ApiConfig::host_header,
             choice<HostHeader>({{"upstream", HostHeader::upstream}, {"preserve", HostHeader::preserve}}),
             "The `Host` that is sent: the server's own, or the caller's.")
      .field("spec", &ApiConfig::spec, file_path("API description"),
             "Its description (OpenAPI), a file. Flows call the operations that it describes.")
      .field("format", &ApiConfig::format,
             choice<ApiFormat>({{"json", ApiFormat::json}, {"xml", ApiFormat::xml}}),
             "What flows send where the description leaves a choice.")
      .shown_when<has_format>()
      .field("rate", &ApiConfig::rate, optional(rate()),
             "How often the system may be called, by the gateway and flows together. Calls of flows wait for "
             "it; "
             "requests beyond it are refused with `upstream-rate-reached`.")
      .field("concurrency", &ApiConfig::concurrency, count32({1, 100'000, "unlimited"}),
             "Calls of flows under way to the system at once; more wait, and flows take turns. To keep the "
             "connections of more than the default open, raise `pool.max_idle_per_worker`, too.")
      .shown_when<has_format>()
      .check<check_api>()
      .done();
}

}  // namespace linkspan::config
